package web

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"tandem/web/screen"
)

// knob is a field of a form by which a definition is changed: a key of it, with a dot for a part of an object.
type knob struct {
	key, label, note string
	options          []screen.Option
	show             func(v any) string                      // nil: as shown does
	read             func(old any, text string) (any, error) // nil: as its type says
}

// text is a value as the field shows it.
func (k knob) text(v any) string {
	if k.show != nil {
		return k.show(v)
	}
	return shown(v)
}

// maxKnob bounds what a field holds, in characters.
const maxKnob = 4000

// definitions are the pages of one kind of definitions.
type definitions struct {
	what, title, path string // "queue", "Queues", "/settings/queues"
	knobs             []knob
	find              func(ctx context.Context, by Asker, name string) (Definition, error)
	save              func(ctx context.Context, c DefinitionChange) (Definition, error)
	remove            func(ctx context.Context, r DefinitionRemoval) error
	gone              string // what a removal means
}

func (d definitions) crumbs() []screen.Crumb {
	return []screen.Crumb{{Label: "Settings", Href: clusterPath}, {Label: d.title, Href: d.path}}
}

// href is the page of one.
func (d definitions) href(name string) string { return d.path + "/" + url.PathEscape(name) }

// addAsk is the form by which one is added.
func (d definitions) addAsk() *screen.Ask {
	return &screen.Ask{Action: d.path, Button: "Add " + d.what,
		Inputs: []screen.Input{{Name: "name", Label: "Name", Max: 63, Note: "letters, digits, '-', '.' and '_'"}}}
}

// page is the form of one.
func (d definitions) page(r *http.Request, v visitor) (screen.Page, error) {
	name := r.PathValue("name")
	def, err := d.find(r.Context(), v.asker(), name)
	if err != nil {
		return screen.Page{}, err
	}
	values := map[string]any{}
	if err := json.Unmarshal(def.Definition, &values); err != nil {
		return screen.Page{}, err
	}
	ask := &screen.Ask{Action: d.href(name), Button: "Save", Back: d.path,
		Fields: []screen.Field{{Name: "revision", Value: strconv.FormatUint(def.Revision, 10)}}}
	for _, k := range d.knobs {
		ask.Inputs = append(ask.Inputs, screen.Input{Name: k.key, Label: k.label, Note: k.note, Options: k.optionsOf(values),
			Value: k.text(at(values, k.key)), Max: maxKnob})
	}
	quiet := "revision " + strconv.FormatUint(def.Revision, 10)
	if def.Author != "" {
		quiet += ", by " + def.Author
	}
	return screen.Page{Title: name, Realm: "settings", Path: d.path, Crumbs: d.crumbs(), Quiet: quiet, Ask: ask,
		Acts: []screen.Act{{Label: "Remove", About: name, Href: d.href(name) + "/remove", Risk: true}}}, nil
}

// optionsOf are the values that a field can have: yes and no, where it is a truth.
func (k knob) optionsOf(values map[string]any) []screen.Option {
	if _, truth := at(values, k.key).(bool); truth {
		return []screen.Option{{Value: "true", Label: "Yes"}, {Value: "false", Label: "No"}}
	}
	return k.options
}

// at is the value of a key; nil: there is none.
func at(values map[string]any, key string) any {
	whole, part, nested := strings.Cut(key, ".")
	if inner, ok := values[whole].(map[string]any); nested && ok {
		return inner[part]
	}
	return values[key]
}

// shown is a value as a field shows it: words with commas between them where it is a list of those, else JSON.
func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		words := make([]string, len(v))
		for i, w := range v {
			text, ok := w.(string)
			if !ok || strings.Contains(text, ",") {
				return compact(v)
			}
			words[i] = text
		}
		return strings.Join(words, ", ")
	case map[string]any:
		return compact(v)
	}
	return strings.Trim(compact(v), `"`)
}

func compact(v any) string {
	text, _ := json.Marshal(v) // it was JSON
	return string(text)
}

// readKnob reads what was typed as a value of the type that stands there.
func readKnob(k knob, old any, text string) (any, error) {
	text = strings.TrimSpace(text)
	if k.read != nil {
		return k.read(old, text)
	}
	switch old.(type) {
	case string, nil:
		return text, nil
	case bool:
		return text == "true", nil
	case float64:
		if n, err := strconv.Atoi(text); err == nil {
			return n, nil
		}
		return nil, Invalid("%s: %q is no whole number", k.label, clip(text, 60))
	case []any:
		if !strings.HasPrefix(text, "[") {
			words := []string{}
			for w := range strings.SplitSeq(text, ",") {
				if w = strings.TrimSpace(w); w != "" {
					words = append(words, w)
				}
			}
			return words, nil
		}
	}
	var v any
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	if err := d.Decode(&v); err != nil {
		return nil, Invalid("%s: %q is not the JSON that is needed here", k.label, clip(text, 60))
	}
	return v, nil
}

// change is what a form says, as far as it says something else than stands there.
func (d definitions) change(def Definition, form url.Values) (map[string]any, error) {
	values, changed := map[string]any{}, map[string]any{}
	if err := json.Unmarshal(def.Definition, &values); err != nil {
		return nil, err
	}
	for _, k := range d.knobs {
		old := at(values, k.key)
		if !form.Has(k.key) || form.Get(k.key) == k.text(old) {
			continue
		}
		v, err := readKnob(k, old, form.Get(k.key))
		if err != nil {
			return nil, err
		}
		whole, part, nested := strings.Cut(k.key, ".")
		if !nested {
			changed[k.key] = v
			continue
		}
		inner, ok := changed[whole].(map[string]any)
		if !ok {
			inner = map[string]any{}
			changed[whole] = inner
		}
		inner[part] = v
	}
	return changed, nil
}

// saveDo saves what a form changes; whoever was first in between is not written over.
func (d definitions) saveDo(r *http.Request, v visitor) (outcome, error) {
	name := r.PathValue("name")
	out := outcome{To: d.href(name)}
	revision, err := strconv.ParseUint(r.PostForm.Get("revision"), 10, 64)
	if err != nil {
		return out, Invalid("the revision %q is no number", clip(r.PostForm.Get("revision"), 60))
	}
	def, err := d.find(r.Context(), v.asker(), name)
	if err != nil {
		return out, err
	}
	changed, err := d.change(def, r.PostForm)
	if err != nil {
		return out, err
	}
	if len(changed) == 0 {
		out.Text = "Nothing was changed."
		return out, nil
	}
	text, err := json.Marshal(changed)
	if err != nil {
		return out, err
	}
	_, err = d.save(r.Context(), DefinitionChange{By: v.asker(), Name: name, Definition: text, Merge: true, Revision: &revision})
	out.Text = "Saved."
	return out, err
}

// addDo adds one that has nothing but defaults, and leads to its form.
func (d definitions) addDo(r *http.Request, v visitor) (outcome, error) {
	name := strings.TrimSpace(r.PostForm.Get("name"))
	if name == "" || len(name) > maxField {
		return outcome{To: d.path}, Invalid("a %s needs a name", d.what)
	}
	_, err := d.save(r.Context(), DefinitionChange{By: v.asker(), Name: name, Definition: json.RawMessage(`{}`), Revision: new(uint64)})
	if err != nil {
		return outcome{To: d.path}, err
	}
	return outcome{To: d.href(name), Text: "Added with its defaults."}, nil
}

// removePage asks first.
func (d definitions) removePage(r *http.Request, v visitor) (screen.Page, error) {
	name := r.PathValue("name")
	def, err := d.find(r.Context(), v.asker(), name)
	if err != nil {
		return screen.Page{}, err
	}
	return question("Remove "+name, "settings", d.path, screen.Ask{Action: d.href(name) + "/remove", Risk: true,
		Fields: []screen.Field{{Name: "revision", Value: strconv.FormatUint(def.Revision, 10)}},
		Text:   []string{d.gone}, Button: "Remove " + name}, d.crumbs()...), nil
}

func (d definitions) removeDo(r *http.Request, v visitor) (outcome, error) {
	name := r.PathValue("name")
	revision, err := strconv.ParseUint(r.PostForm.Get("revision"), 10, 64)
	if err != nil {
		return outcome{To: d.path}, Invalid("the revision %q is no number", clip(r.PostForm.Get("revision"), 60))
	}
	err = d.remove(r.Context(), DefinitionRemoval{By: v.asker(), Name: name, Revision: &revision})
	return outcome{To: d.path, Text: name + " was removed."}, err
}
