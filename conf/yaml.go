package conf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// document reads YAML text that holds at most one document; nil stands for an empty one.
func document(src []byte) (*yaml.Node, error) {
	d := yaml.NewDecoder(bytes.NewReader(src))
	var root, second yaml.Node
	if err := d.Decode(&root); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return nil, err
	}
	if err := d.Decode(&second); err == nil {
		return nil, fmt.Errorf("yaml: line %d: a second document begins", second.Line)
	} else if !errors.Is(err, io.EOF) {
		return nil, err
	}
	return root.Content[0], nil
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// syntaxError separates the line from the words of the parser's error.
func syntaxError(err error) (line int, words string) {
	m := yamlLine.FindStringSubmatch(err.Error())
	if m == nil {
		return 0, err.Error()
	}
	line, _ = strconv.Atoi(m[1])
	return line, strings.TrimPrefix(err.Error(), m[0])
}

// decoder turns YAML nodes into Go values, notes where each was written, and collects what is wrong.
type decoder struct {
	origin  func(line int) Origin
	secret  func(string) (Secret, *problem)
	origins origins
	errs    *Errors
}

func (d *decoder) wrong(n *yaml.Node, key, wrong, right string) {
	d.errs.add(Error{d.origin(n.Line), key, wrong, right})
}

// decode returns a value of type t; ok is false if an error was noted.
func (d *decoder) decode(n *yaml.Node, t reflect.Type, key, unit string) (v reflect.Value, ok bool) {
	d.origins[key] = d.origin(n.Line)
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		d.wrong(n, key, "is an anchor or an alias", "the value itself")
	case n.ShortTag() == "!!null":
		d.wrong(n, key, "has no value", "a value, or the line left out for the default")
	case t.Kind() == reflect.Slice:
		return d.list(n, t, key, unit)
	case t.Kind() == reflect.Struct:
		return d.entry(n, t, key)
	case n.Kind != yaml.ScalarNode:
		d.wrong(n, key, "is a list or a section", "a single value: "+typeName(t))
	default:
		return d.scalar(n, t, key, unit)
	}
	return v, false
}

func (d *decoder) scalar(n *yaml.Node, t reflect.Type, key, unit string) (v reflect.Value, ok bool) {
	var value any
	var bad *problem
	if t == secretType {
		value, bad = d.secret(n.Value)
	} else {
		value, bad = parse(n.Value, t, unit)
	}
	if bad != nil {
		d.wrong(n, key, bad.wrong, bad.right)
		return v, false
	}
	return reflect.ValueOf(value), true
}

func (d *decoder) list(n *yaml.Node, t reflect.Type, key, unit string) (reflect.Value, bool) {
	if n.Kind != yaml.SequenceNode {
		d.wrong(n, key, "is no list", "[ ... ], or one line with '- ' for each part")
		return reflect.Value{}, false
	}
	list, ok := reflect.MakeSlice(t, 0, len(n.Content)), true
	for i, item := range n.Content {
		v, good := d.decode(item, t.Elem(), part(key, i), unit)
		if good {
			list = reflect.Append(list, v)
		}
		ok = ok && good
	}
	return list, ok
}

// entry reads one struct of a list.
func (d *decoder) entry(n *yaml.Node, t reflect.Type, key string) (reflect.Value, bool) {
	names := map[string]int{}
	var known []string
	for i := range t.NumField() {
		names[keyOf(t.Field(i).Name)] = i
		known = append(known, keyOf(t.Field(i).Name))
	}
	v := reflect.New(t).Elem()
	ok := d.mapping(n, key+".", known, func(name string, value *yaml.Node) bool {
		f := t.Field(names[name])
		x, good := d.decode(value, f.Type, key+"."+name, "")
		if good {
			v.Field(names[name]).Set(x)
		}
		return good
	})
	return v, ok
}

// mapping calls each for every known key of n and notes unknown and repeated ones.
func (d *decoder) mapping(
	n *yaml.Node, prefix string, known []string, each func(string, *yaml.Node) bool,
) bool {
	if n.Kind != yaml.MappingNode || n.Anchor != "" {
		d.wrong(n, strings.TrimSuffix(prefix, "."), "is no section",
			"lines of the form key: value, with the keys "+strings.Join(known, ", "))
		return false
	}
	ok, lines := true, map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, value := n.Content[i], n.Content[i+1]
		first, again := lines[k.Value]
		switch {
		case again:
			d.wrong(k, prefix+k.Value, fmt.Sprintf("is there twice, first in line %d", first), "the key once")
			ok = false
		case !slices.Contains(known, k.Value) || k.Kind != yaml.ScalarNode:
			d.unknown(k, prefix, known)
			ok = false
		default:
			lines[k.Value] = k.Line
			ok = each(k.Value, value) && ok
		}
	}
	return ok
}

func (d *decoder) unknown(k *yaml.Node, prefix string, known []string) {
	name := k.Value
	if k.Kind != yaml.ScalarNode {
		name = "?"
	}
	right := suggestion(prefix, name, known)
	if _, ok := byKey()[name]; ok && prefix == "" {
		section, rest, _ := strings.Cut(name, ".")
		right = "the section " + section + ": and below it, indented, " + rest + ":"
	}
	d.wrong(k, shorten(prefix+name), "is unknown", right)
}

// suggestKey names the setting most like a misspelt key, else the keys of its section or the sections.
func suggestKey(key string) string {
	section, name, _ := strings.Cut(key, ".")
	if keys := keysOf(section); len(keys) > 0 {
		return suggestion(section+".", name, keys)
	}
	var all []string
	for _, f := range fields() {
		all = append(all, f.Key)
	}
	if near := nearest(strings.ToLower(key), all); near != "" {
		return near
	}
	return "SECTION.KEY with one of the sections " + strings.Join(sections(), ", ")
}

// suggestion names the key most like a misspelt one, else all of them.
func suggestion(prefix, name string, known []string) string {
	if near := nearest(strings.ToLower(strings.ReplaceAll(name, "-", "_")), known); near != "" {
		return prefix + near
	}
	return "one of " + strings.Join(known, ", ")
}

// shorten keeps a key that somebody made up from flooding the screen.
func shorten(key string) string {
	if q := quote(key); len(key) > 60 || q != `"`+key+`"` {
		return q
	}
	return key
}

// word makes a text, quoted where YAML would else read something else.
func word(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }

// plain makes a value that stands in YAML as it is.
func plain(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: s} }

// node writes a value as YAML, secrets masked.
func node(v reflect.Value) *yaml.Node {
	switch x := v.Interface().(type) {
	case time.Duration:
		return plain(durationText(x))
	case Secret:
		return word(x.String())
	case Address:
		return word(x.String())
	case string:
		return word(x)
	}
	switch v.Kind() {
	case reflect.Slice:
		list := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
		for i := range v.Len() {
			list.Content = append(list.Content, node(v.Index(i)))
		}
		return list
	case reflect.Struct:
		m := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
		for i := range v.NumField() {
			m.Content = append(m.Content, plain(keyOf(v.Type().Field(i).Name)), node(v.Field(i)))
		}
		return m
	}
	return plain(fmt.Sprint(v.Interface()))
}

// flow encodes a node on one line.
func flow(n *yaml.Node) string {
	out, err := yaml.Marshal(n)
	if err != nil {
		return "?" // cannot be: node makes only what can be encoded
	}
	return strings.TrimRight(string(out), "\n")
}
