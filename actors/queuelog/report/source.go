package report

import (
	"fmt"
	"slices"
	"strings"
)

// Source is a source expression (reference queuelog.md 2.1): which partitions are read as one.
type Source struct {
	Parts []Part
	// Rewrite puts the name of the partition into the names of agents: Agent/101 of A is Agent/A-101.
	Rewrite bool
	// All: every partition there is, cluster:*. Parts is empty until Expand.
	All bool
}

// Part is one partition of a Source.
type Part struct {
	Name string
	// CallsOnly: what its lines say of agents' sessions and pauses is not read.
	CallsOnly bool
}

// SourceError says what is wrong with an expression, and where.
type SourceError struct {
	At   int // bytes before it
	What string
}

func (e *SourceError) Error() string { return fmt.Sprintf("at character %d: %s", e.At+1, e.What) }

// maxParts is how many partitions one expression names.
const maxParts = 1000

// ParseSource reads an expression. The error is a *SourceError.
func ParseSource(text string) (s Source, err error) {
	kind, list, ok := strings.Cut(text, ":")
	at := len(kind) + 1
	if !ok {
		return s, &SourceError{0, "a source begins with sql:, cluster: or clustrw:"}
	}
	switch kind {
	case "sql":
		if !partition(list) {
			return s, &SourceError{at, "after sql: comes one partition, a word of letters, digits, '_', '.' and '-'"}
		}
		return Source{Parts: []Part{{Name: list}}}, nil
	case "cluster":
	case "clustrw":
		s.Rewrite = true
	default:
		return s, &SourceError{0, "a source begins with sql:, cluster: or clustrw:"}
	}
	if list == "*" {
		s.All = true
		return s, nil
	}
	for word := range strings.SplitSeq(list, "|") {
		p := Part{Name: strings.TrimSuffix(word, "-")}
		p.CallsOnly = p.Name != word
		switch {
		case !partition(p.Name):
			return s, &SourceError{at, "after " + text[:at] + " comes a partition, a word of letters, digits, '_', '.' and '-'"}
		case slices.ContainsFunc(s.Parts, func(o Part) bool { return o.Name == p.Name }):
			return s, &SourceError{at, "the partition " + p.Name + " is there twice"}
		case len(s.Parts) == maxParts:
			return s, &SourceError{at, fmt.Sprintf("there are more than %d partitions", maxParts)}
		}
		s.Parts = append(s.Parts, p)
		at += len(word) + 1
	}
	return s, nil
}

// partition tells whether a text can be a partition's name. A dash at its end means something else.
func partition(name string) bool {
	if name == "" || len(name) > 64 || strings.HasSuffix(name, "-") {
		return false
	}
	for _, c := range []byte(name) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '-') {
			return false
		}
	}
	return true
}

// Expand names the partitions of cluster:*.
func (s Source) Expand(all []string) Source {
	if s.All {
		s.Parts = nil
		for _, name := range all {
			s.Parts = append(s.Parts, Part{Name: name})
		}
	}
	return s
}

// String writes the expression.
func (s Source) String() string {
	kind := "cluster:"
	if s.Rewrite {
		kind = "clustrw:"
	}
	if s.All {
		return kind + "*"
	}
	if len(s.Parts) == 1 && !s.Rewrite && !s.Parts[0].CallsOnly {
		return "sql:" + s.Parts[0].Name
	}
	words := make([]string, len(s.Parts))
	for i, p := range s.Parts {
		words[i] = p.Name
		if p.CallsOnly {
			words[i] += "-"
		}
	}
	return kind + strings.Join(words, "|")
}
