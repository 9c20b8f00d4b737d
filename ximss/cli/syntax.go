package cli

import (
	"fmt"
	"strings"

	"tandem/ximss/object"
)

// The parameters of a command are declared as text:
//
//	name:type       a parameter
//	WORD            an option word, which the line must have there
//	[ ... ]         may be left out; several in a row may come in any order
//	( ... | ... )   one of them
//
// What comes next decides which of several is meant, so that reading never has to go back.

// Kinds of parameters. The first three are strings to the grammar; to the Executor an account or a domain
// may be understood.
const (
	typeAccount = "account" // user, user@domain, or * for the own one
	typeDomain  = "domain"
	typeString  = "string"
	typeNumber  = "number" // #12 or 12
	typeDict    = "dict"
	typeArray   = "array"
	typeData    = "data" // a datablock
	typeObject  = "object"
)

// item is one part of a syntax.
type item struct {
	word     string   // an option word, or ""
	name     string   // of a parameter, or ""
	typ      string   // of a parameter
	optional bool     // one choice that may be left out
	choices  [][]item // what may stand here, where neither word nor name
}

// compile reads a declared syntax; a mistake in it is one of the program, and panics.
func compile(text string) []item {
	for _, sign := range []string{"[", "]", "(", ")", "|"} {
		text = strings.ReplaceAll(text, sign, " "+sign+" ")
	}
	rest := strings.Fields(text)
	items := compileUntil(&rest, "")
	if len(rest) > 0 {
		panic("cli: " + rest[0] + " is too much in the syntax " + text)
	}
	return items
}

// compileUntil reads items up to a closing sign, which it takes.
func compileUntil(rest *[]string, closing string) (items []item) {
	for len(*rest) > 0 {
		t := (*rest)[0]
		*rest = (*rest)[1:]
		switch {
		case t == closing:
			return items
		case t == "[":
			items = append(items, item{optional: true, choices: [][]item{compileUntil(rest, "]")}})
		case t == "(":
			items = append(items, item{choices: compileChoices(rest)})
		case t == "|":
			*rest = append([]string{t}, *rest...)
			return items
		default:
			items = append(items, compileOne(t))
		}
	}
	if closing != "" {
		panic("cli: " + closing + " is missing in a syntax")
	}
	return items
}

func compileChoices(rest *[]string) (choices [][]item) {
	for {
		choices = append(choices, compileUntil(rest, ")"))
		if len(*rest) == 0 || (*rest)[0] != "|" {
			return choices
		}
		*rest = (*rest)[1:]
	}
}

func compileOne(t string) item {
	name, typ, ok := strings.Cut(t, ":")
	if !ok {
		if strings.ContainsAny(t, "[]()|") {
			panic("cli: " + t + " is too much in a syntax")
		}
		return item{word: t}
	}
	switch typ {
	case typeAccount, typeDomain, typeString, typeNumber, typeDict, typeArray, typeData, typeObject:
		return item{name: name, typ: typ}
	}
	panic(fmt.Sprintf("cli: the syntax has no type %q", typ))
}

// match reads the rest of a line as the items say.
func match(items []item, w *words, c *Command) *Failure {
	for i := 0; i < len(items); i++ {
		if items[i].optional {
			from := i
			for i+1 < len(items) && items[i+1].optional {
				i++
			}
			if f := matchAnyOrder(items[from:i+1], w, c); f != nil {
				return f
			}
			continue
		}
		if w.end() {
			return ErrMissing
		}
		if !items[i].begins(w) {
			return ErrIllegal
		}
		if f := items[i].match(w, c); f != nil {
			return f
		}
	}
	return nil
}

// matchAnyOrder reads optional items, each at most once, in any order.
func matchAnyOrder(items []item, w *words, c *Command) *Failure {
	left := append([]item(nil), items...)
	for i := 0; i < len(left) && !w.end(); {
		if !left[i].begins(w) {
			i++
			continue
		}
		if f := left[i].match(w, c); f != nil {
			return f
		}
		left = append(left[:i], left[i+1:]...)
		i = 0
	}
	return nil
}

// begins tells whether what comes next is this item.
func (it item) begins(w *words) bool {
	if w.end() {
		return false
	}
	if it.word != "" {
		return strings.EqualFold(w.ahead(), it.word)
	}
	if it.name == "" {
		for _, choice := range it.choices {
			if choice[0].begins(w) {
				return true
			}
		}
		return false
	}
	switch first := w.rest[0]; it.typ {
	case typeDict:
		return first == '{'
	case typeArray:
		return first == '('
	case typeData:
		return first == '['
	case typeObject:
		return true
	default:
		return first == '"' || bare(first)
	}
}

// match reads the item, which begins.
func (it item) match(w *words, c *Command) *Failure {
	switch {
	case it.word != "":
		w.takes(it.word)
		c.words[it.word] = true
		return nil
	case it.name != "":
		v, f := it.value(w)
		if f == nil {
			c.values[it.name] = v
		}
		return f
	}
	for _, choice := range it.choices {
		if choice[0].begins(w) {
			return match(choice, w, c)
		}
	}
	return ErrIllegal
}

// value reads a parameter.
func (it item) value(w *words) (object.Value, *Failure) {
	switch it.typ {
	case typeObject:
		return w.object(false)
	case typeDict, typeArray, typeData:
		return w.object(true)
	}
	s, f := w.text()
	switch {
	case f != nil:
		return object.Null, f
	case it.typ == typeNumber:
		n, ok := object.ParseNumber(strings.TrimPrefix(s, "#"))
		if !ok {
			return object.Null, ErrIllegal
		}
		return object.Number(n), nil
	case it.typ == typeString:
		return object.String(s), nil
	case s == "":
		return object.Null, ErrMissing
	}
	return object.String(s), nil
}
