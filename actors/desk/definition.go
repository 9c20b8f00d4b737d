package desk

import (
	"bytes"
	"encoding/json"
	"errors"

	"tandem/actors/ledger"
	"tandem/actors/store"
	"tandem/web"
)

// errMaster: definitions are for administrators alone.
var errMaster = noRight("this needs an administrator")

// decode reads a definition over another one, of which nothing is shared.
func decode[T any](what string, text []byte, over *T) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(over)
	var other *json.UnmarshalTypeError
	if errors.As(err, &other) {
		return web.Invalid("%s: %q can not be a JSON %s", what, other.Field, other.Value)
	}
	if err != nil {
		return web.Invalid("%s: %v", what, err)
	}
	return nil
}

// copyOf is a deep copy.
func copyOf[T any](o *T) (c T, err error) {
	text, err := json.Marshal(o)
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	return c, err
}

// described is a definition as it is shown.
func described(name string, o any, e store.Entry) (web.Definition, error) {
	text, err := json.Marshal(o)
	return web.Definition{Name: name, Definition: text, Revision: e.Revision, At: e.At, Author: e.Author, Reason: e.Reason}, err
}

// writeOf is how a change is written. What is merged was read at revision, and must not have changed since.
func writeOf(c web.DefinitionChange, revision uint64) store.Write {
	w := store.Write{Expect: c.Revision, Author: c.By.Name, Reason: c.Reason}
	if c.Merge && w.Expect == nil {
		w.Expect = &revision
	}
	return w
}

// written says what an error of the store means.
func written(err error) error {
	var r *ledger.Refusal
	if err == nil || errors.As(err, &r) {
		return refusal(err)
	}
	return refusal(ledger.Unwritten(err))
}
