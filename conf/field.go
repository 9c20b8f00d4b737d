package conf

import (
	"reflect"
	"strings"
	"sync"
	"unicode"
)

// Field describes one setting: all there is to say about it but its value.
type Field struct {
	Key     string   `json:"key"`               // "sip.max_conns_per_ip"
	Meaning string   `json:"meaning"`           // the comment at its Go field
	Type    string   `json:"type"`              // "duration", "list of words" ...
	Unit    string   `json:"unit,omitempty"`    // what a number counts; durations carry theirs
	Range   string   `json:"range,omitempty"`   // "1..64"; empty: no such limit
	OneOf   []string `json:"one_of,omitempty"`  // the legal words; empty: any
	Change  Effect   `json:"change"`            // what a change needs
	Scope   Scope    `json:"scope"`             // for whom the cluster may keep a value
	Entries []Field  `json:"entries,omitempty"` // for a list of entries: their fields, by name

	section, field int // indices into Conf
	typ            reflect.Type
	min, max       int64  // Range as numbers
	apart          string // why it is ByFile
}

// of returns the value of the setting in c.
func (f Field) of(c *Conf) any {
	return reflect.ValueOf(c).Elem().Field(f.section).Field(f.field).Interface()
}

// set gives the setting a value of its own type.
func (f Field) set(c *Conf, v any) {
	reflect.ValueOf(c).Elem().Field(f.section).Field(f.field).Set(reflect.ValueOf(v))
}

// Section is the part of the key before the dot.
func (f Field) Section() string { return sectionOf(f.Key) }

func sectionOf(key string) string {
	section, _, _ := strings.Cut(key, ".")
	return section
}

// Fields lists all settings in the order of the sections.
func Fields() []Field { return append([]Field(nil), fields()...) }

// fields is made once from the Go types, their tags and their comments.
var fields = sync.OnceValue(func() []Field {
	var all []Field
	conf := reflect.TypeFor[Conf]()
	for i := range conf.NumField() {
		if s := conf.Field(i); s.IsExported() {
			for j := range s.Type.NumField() {
				f := newField(s.Type, j, keyOf(s.Name)+".")
				f.section = i
				all = append(all, f)
			}
		}
	}
	return all
})

// byKey finds a setting.
var byKey = sync.OnceValue(func() map[string]Field {
	m := map[string]Field{}
	for _, f := range fields() {
		m[f.Key] = f
	}
	return m
})

func newField(owner reflect.Type, i int, prefix string) Field {
	g := owner.Field(i)
	f := Field{
		Key: prefix + keyOf(g.Name), Meaning: sentences()[owner.Name()+"."+g.Name],
		Type: typeName(g.Type), Unit: g.Tag.Get("unit"), Range: g.Tag.Get("range"),
		OneOf: strings.Fields(g.Tag.Get("oneof")), Change: effectOf(g.Tag.Get("change")),
		field: i, typ: g.Type,
	}
	f.Scope, f.apart = scopeOf(g.Tag.Get("scope"), g.Type)
	if low, high, ok := strings.Cut(f.Range, ".."); ok {
		f.min, f.max = number(low, g.Type), number(high, g.Type)
	}
	if e := entryOf(g.Type); e != nil {
		for j := range e.NumField() {
			f.Entries = append(f.Entries, newField(e, j, ""))
		}
	}
	return f
}

// number reads a limit of a range tag; a tag that cannot be read fails the test of the tags.
func number(s string, t reflect.Type) int64 {
	v, problem := parse(s, t, "bytes")
	if problem != nil {
		return 0
	}
	return reflect.ValueOf(v).Int()
}

// entryOf returns the struct that a list is made of, or nil.
func entryOf(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct {
		return t.Elem()
	}
	return nil
}

func typeName(t reflect.Type) string {
	switch {
	case t == durationType:
		return "duration"
	case t == secretType:
		return "secret"
	case t.Kind() == reflect.String:
		return "text"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String:
		return "list of words"
	case t.Kind() == reflect.Slice:
		return "list of entries"
	}
	return "whole number"
}

// keyOf turns a Go name into a key: MaxConnsPerIP is max_conns_per_ip, TLSPort is tls_port.
func keyOf(name string) string {
	var b strings.Builder
	r := []rune(name)
	for i, c := range r {
		if i > 0 && unicode.IsUpper(c) {
			next := i+1 < len(r) && unicode.IsLower(r[i+1])
			if !unicode.IsUpper(r[i-1]) || next {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

// Effect says what a changed setting needs to act.
type Effect int

// The effects, from the mildest.
const (
	ActsNow  Effect = iota // the member obeys at once
	NextCall               // calls that begin afterwards obey
	Restart                // nothing happens before the member starts again
)

func (e Effect) String() string { return [...]string{"now", "next call", "restart"}[e] }

// MarshalText writes the effect as a word, for JSON.
func (e Effect) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText reads that word.
func (e *Effect) UnmarshalText(b []byte) error {
	*e = effectOf(string(b))
	return nil
}

// effectOf is careful: a field without a word waits for a restart.
func effectOf(word string) Effect {
	switch word {
	case "now":
		return ActsNow
	case "next call":
		return NextCall
	}
	return Restart
}
