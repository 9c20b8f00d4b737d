package conf

import (
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Explanation is all there is to know about one setting and its value.
type Explanation struct {
	Field
	Default  string `json:"default"`  // as a file would hold it
	Value    string `json:"value"`    // the current value; a secret is masked
	Origin   Origin `json:"origin"`   // where the current value comes from
	Variable string `json:"variable"` // the environment variable that sets it
}

// Explain tells about one setting. The error of an unknown key names the nearest one.
func (c *Conf) Explain(key string) (Explanation, error) {
	f, ok := byKey()[key]
	if !ok {
		if keys := keysOf(key); len(keys) > 0 {
			return Explanation{}, fmt.Errorf("%s is a section; its keys are %s", key, strings.Join(keys, ", "))
		}
		return Explanation{}, fmt.Errorf("%s is unknown; right would be: %s", shorten(key), suggestKey(key))
	}
	standard := Default()
	return Explanation{Field: f, Default: text(f.of(&standard)), Value: text(f.of(c)),
		Origin: c.origins.of(key), Variable: variable(key)}, nil
}

// String lists the explanation, one thing per line.
func (e Explanation) String() string {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "  %-10s %s\n", name, value)
		}
	}
	fmt.Fprintf(&b, "%s\n  %s\n", e.Key, e.Meaning)
	for _, part := range e.Entries {
		line("- "+part.Key, part.Type+": "+part.Meaning)
	}
	line("type", e.Type)
	line("unit", e.Unit)
	line("range", e.Range)
	line("one of", strings.Join(e.OneOf, ", "))
	line("default", e.Default)
	line("value", e.Value)
	line("from", e.Origin.String())
	line("variable", e.Variable)
	line("change", map[Effect]string{ActsNow: "acts now", NextCall: "acts from the next call on",
		Restart: "needs a restart"}[e.Change])
	line("kept by", map[Scope]string{ForAll: "the cluster too, for all members or for one",
		ForOne: "the cluster too, for one member", ByFile: "file, environment and flags of each member alone"}[e.Scope])
	return b.String()
}

// Show writes all settings as YAML, the origin of each in a comment, secrets masked.
func (c *Conf) Show() string {
	return c.write(func(f Field) (head, line string) { return "", c.origins.of(f.Key).String() })
}

// write prints all settings with what comments gives for each: above it, and behind it.
func (c *Conf) write(comments func(Field) (head, line string)) string {
	root := &yaml.Node{Kind: yaml.MappingNode}
	var section *yaml.Node
	for _, f := range fields() {
		if n := len(root.Content); n == 0 || root.Content[n-2].Value != f.Section() {
			section = &yaml.Node{Kind: yaml.MappingNode}
			root.Content = append(root.Content, plain(f.Section()), section)
		}
		head, behind := comments(f)
		key := plain(strings.TrimPrefix(f.Key, f.Section()+"."))
		key.HeadComment = head
		value := node(reflect.ValueOf(f.of(c)))
		if f.Entries != nil && len(value.Content) > 0 {
			value.Style = 0 // one entry per line; the comment stands behind the key
			key.LineComment = behind
		} else {
			value.LineComment = behind
		}
		section.Content = append(section.Content, key, value)
	}
	var b strings.Builder
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(root); err != nil {
		return "# " + err.Error() + "\n" // cannot be: node makes only what can be encoded
	}
	return b.String()
}
