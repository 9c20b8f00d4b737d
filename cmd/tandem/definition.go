package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// definitionFlags are what the verbs that change queues and agents have in common.
type definitionFlags struct {
	revision uint64
	reason   string
}

func (f *definitionFlags) add(cmd *cobra.Command) {
	cmd.Flags().Uint64Var(&f.revision, "revision", 0, "only if it has this revision now")
	cmd.Flags().StringVar(&f.reason, "reason", "", "why, for the history")
}

// definitionAnswer is what REST tells of a definition.
type definitionAnswer struct {
	Name       string
	Definition map[string]any
	Revision   uint64
}

// change sends the pairs key=value to PATCH what is at path, whose present values say what type each has. More are
// values that need no such look.
func (a *app) change(cmd *cobra.Command, where string, pairs []string, f definitionFlags, more map[string]any) error {
	definition := map[string]any{}
	if len(pairs) > 0 {
		have, err := a.definition(cmd, where)
		if err != nil {
			return err
		}
		for _, pair := range pairs {
			if err := put(definition, have.Definition, pair); err != nil {
				return err
			}
		}
	}
	for key, value := range more {
		definition[key] = value
	}
	if len(definition) == 0 {
		return usage("nothing to change: say KEY=VALUE")
	}
	body := map[string]any{"definition": definition}
	if cmd.Flags().Changed("revision") {
		body["revision"] = f.revision
	}
	if f.reason != "" {
		body["reason"] = f.reason
	}
	return ask(a, cmd, question{method: http.MethodPatch, path: where, body: body}, definitionTable)
}

// definition asks what something is like.
func (a *app) definition(cmd *cobra.Command, where string) (d definitionAnswer, err error) {
	c, err := a.client()
	if err != nil {
		return d, err
	}
	answer, err := c.get(cmd.Context(), where, nil)
	if err != nil {
		return d, err
	}
	if err := json.Unmarshal(answer, &d); err != nil {
		return d, fmt.Errorf("the member's answer is not understood; is it another version? %w", err)
	}
	return d, nil
}

// make makes a definition of nothing but defaults, which must not be there yet, and then changes it.
func (a *app) make(cmd *cobra.Command, where string, pairs []string, f definitionFlags, more map[string]any) error {
	body := map[string]any{"definition": map[string]any{}, "revision": 0}
	if f.reason != "" {
		body["reason"] = f.reason
	}
	if len(pairs) == 0 && len(more) == 0 {
		return ask(a, cmd, question{method: http.MethodPut, path: where, body: body}, definitionTable)
	}
	c, err := a.client()
	if err != nil {
		return err
	}
	if _, err := c.call(cmd.Context(), http.MethodPut, where, nil, body); err != nil {
		return err
	}
	changed := a.change(cmd, where, pairs, f, more)
	if changed != nil { // what nobody wanted so must not stay
		if _, err := c.call(cmd.Context(), http.MethodDelete, where, nil, nil); err != nil {
			return fmt.Errorf("it is there with its defaults, because it could be neither changed nor removed again (%w): %w", err, changed)
		}
	}
	return changed
}

// put sets what a pair says. A key with a dot is a part of an object.
func put(to, like map[string]any, pair string) error {
	key, text, ok := strings.Cut(pair, "=")
	if !ok || key == "" {
		return usage("%q is no KEY=VALUE", pair)
	}
	if whole, part, nested := strings.Cut(key, "."); nested {
		inner, ok := like[whole].(map[string]any)
		if !ok {
			return usage("there is no %q: the keys are %s", whole, keysOf(like))
		}
		outer, ok := to[whole].(map[string]any)
		if !ok {
			outer = map[string]any{}
			to[whole] = outer
		}
		return put(outer, inner, part+"="+text)
	}
	old, known := like[key]
	if !known {
		return usage("there is no %q: the keys are %s", key, keysOf(like))
	}
	value, err := valueLike(old, text)
	if err != nil {
		return usage("%s: %v", key, err)
	}
	to[key] = value
	return nil
}

// valueLike reads a value of the type that another one has. A list may be words with commas between them; else lists and
// objects are JSON.
func valueLike(old any, text string) (any, error) {
	switch old.(type) {
	case string:
		return text, nil
	case bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return nil, fmt.Errorf("%q is neither true nor false", text)
		}
		return b, nil
	case float64:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is no number", text)
		}
		return n, nil
	case []any:
		if text == "" {
			return []any{}, nil
		}
		if !strings.HasPrefix(text, "[") {
			return strings.Split(text, ","), nil
		}
	}
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return nil, errors.New("this takes JSON, such as [] or {}")
	}
	return v, nil
}

func keysOf(m map[string]any) string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return strings.Join(keys, ", ")
}

// definitionTable lists what something is like, in the order of the keys.
func definitionTable(d definitionAnswer) table {
	var t table
	t.add("name", d.Name)
	addDefinition(&t, "", d.Definition)
	t.add("revision", strconv.FormatUint(d.Revision, 10))
	return t
}

func addDefinition(t *table, before string, m map[string]any) {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	for _, key := range keys {
		switch v := m[key].(type) {
		case map[string]any:
			addDefinition(t, before+key+".", v)
		case string:
			if key != "name" || before != "" {
				t.add(before+key, v)
			}
		default:
			text, _ := json.Marshal(v) // it was JSON
			t.add(before+key, string(text))
		}
	}
}

// removal is the verb that ends a queue or an agent.
func (a *app) removal(what, part string) *cobra.Command {
	var f definitionFlags
	cmd := &cobra.Command{
		Use:   "rm NAME",
		Short: "Remove " + what,
		Args:  cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			query := url.Values{}
			if cmd.Flags().Changed("revision") {
				query.Set("revision", strconv.FormatUint(f.revision, 10))
			}
			if f.reason != "" {
				query.Set("reason", f.reason)
			}
			return ask(a, cmd, question{method: http.MethodDelete, path: path(part, args[0]), query: query},
				func(v struct{ Removed string }) (t table) {
					t.add("removed", v.Removed)
					return t
				})
		}),
	}
	f.add(cmd)
	return cmd
}
