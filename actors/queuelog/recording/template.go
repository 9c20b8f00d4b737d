package recording

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
)

// Limits of what is configured.
const (
	maxRules    = 1000
	maxTemplate = 1000 // bytes
)

// Call is what is known of a call whose recordings are wanted. Times are seconds since 1970; 0: not known.
type Call struct {
	Partition, CallID, Queue, Agent, Caller string
	Enter, Connect, End                     int64
}

// template is a rule.
type template struct {
	partition string // "*": any
	text      string
	remote    bool
}

// parse reads a rule.
func parse(rule string) (t template, err error) {
	partition, text, ok := strings.Cut(rule, "=")
	t = template{strings.TrimSpace(partition), strings.TrimSpace(text), false}
	switch {
	case !ok || t.partition == "" || t.text == "":
		return t, fmt.Errorf("%q is no PARTITION=TEMPLATE", rule)
	case len(text) > maxTemplate:
		return t, fmt.Errorf("a template has at most %d bytes", maxTemplate)
	}
	if t.remote = strings.HasPrefix(t.text, "http://") || strings.HasPrefix(t.text, "https://"); t.remote {
		address, err := url.Parse(t.fill(Call{}, time.Time{}, url.PathEscape))
		if err != nil || address.Host == "" {
			return t, fmt.Errorf("%q is no address", t.text)
		}
		if host, _, _ := strings.Cut(strings.SplitN(t.text, "://", 2)[1], "/"); strings.ContainsAny(host, "{%") {
			return t, fmt.Errorf("%q: which server it is must not depend on the call", t.text)
		}
		return t, nil
	}
	if !path.IsAbs(t.text) || t.folder() == "/" {
		return t, fmt.Errorf("%q is neither an address nor the path of something in a folder that is named", t.text)
	}
	for step := range strings.SplitSeq(t.text, "/") {
		if step == ".." || step == "." {
			return t, fmt.Errorf("a path has no steps . and .., as %q has", t.text)
		}
	}
	return t, t.known()
}

// known refuses a word in braces or behind % that stands for nothing.
func (t template) known() error {
	rest := t.fill(Call{}, time.Unix(0, 0), func(string) string { return "" })
	if i := strings.IndexAny(rest, "{}%"); i >= 0 {
		return fmt.Errorf("%q: %q is none of {callid} {queue} {agent} {caller} {partition} %%Y %%m %%d %%H %%M %%S", t.text, rest[i:])
	}
	if _, err := path.Match(rest, ""); err != nil {
		return fmt.Errorf("%q: %w", t.text, err)
	}
	return nil
}

// folder is the part of a path that is the same for all calls.
func (t template) folder() string {
	fixed := t.text
	if i := strings.IndexAny(fixed, "{%*?["); i >= 0 {
		fixed = fixed[:i]
	}
	return path.Clean(fixed[:strings.LastIndexByte(fixed, '/')+1])
}

// clock are the letters of times.
var clock = map[byte]string{'Y': "2006", 'm': "01", 'd': "02", 'H': "15", 'M': "04", 'S': "05"}

// fill puts a call in its places, each word as one that quote has made safe; of an address, what is behind the first ? is
// written as queries are.
func (t template) fill(c Call, at time.Time, quote func(string) string) string {
	if path, query, ok := strings.Cut(t.text, "?"); ok && t.remote {
		return fill(path, c, at, quote) + "?" + fill(query, c, at, url.QueryEscape)
	}
	return fill(t.text, c, at, quote)
}

func fill(text string, c Call, at time.Time, quote func(string) string) string {
	words := []string{"{callid}", quote(c.CallID), "{queue}", quote(c.Queue), "{agent}", quote(c.Agent), "{caller}", quote(c.Caller),
		"{partition}", quote(c.Partition)}
	for letter, layout := range clock {
		words = append(words, "%"+string(letter), at.Format(layout))
	}
	return strings.NewReplacer(words...).Replace(text)
}

// spellings are all texts that a template may come to for a call: one for each of its times that makes a difference.
func (t template) spellings(c Call, zone *time.Location, quote func(string) string) (all []string) {
	for _, at := range []int64{c.Enter, c.Connect, c.End} {
		if at <= 0 && c.Enter > 0 {
			continue
		}
		if s := t.fill(c, time.Unix(at, 0).In(zone), quote); !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// plain makes a word of a log a part of one name in a folder: a server that writes Agent/101 files it as Agent-101. What
// has a meaning in patterns or can not be in a name becomes _.
func plain(word string) string {
	if word == "." || word == ".." {
		return "_"
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '/':
			return '-'
		case r < ' ', r == 0x7f, strings.ContainsRune(`\*?[]`, r):
			return '_'
		}
		return r
	}, word)
}

// escaped makes a word of a log a part of one step of an address.
func escaped(word string) string { return url.PathEscape(plain(word)) }
