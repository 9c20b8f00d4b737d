package form

import (
	"errors"
	"strings"
	"time"

	"tandem/ximss/object"
)

// maxDictionary bounds a dictionary that is kept for others, as text in bytes.
const maxDictionary = 256 << 10

// ErrTooLarge says that a dictionary is too large to be kept.
var ErrTooLarge = errors.New("the object is too large")

// Dictionary reads a stored dictionary; one that is not there or not readable is empty.
func Dictionary(text string) *object.Dictionary {
	v, err := object.Parser{Folded: true}.Parse(text)
	if d := v.Dictionary(); err == nil && d != nil {
		return d
	}
	return object.NewFolded()
}

// Text is a dictionary as it is stored; "" is an empty one. ErrTooLarge: it is none that can be kept.
func Text(d *object.Dictionary) (string, error) {
	if d.Len() == 0 {
		return "", nil
	}
	text, err := object.Writer{Limit: maxDictionary}.Write(d.Value())
	if err != nil {
		return "", ErrTooLarge
	}
	return text, nil
}

// Merge takes over what a dictionary says; null and the word "default" take away.
func Merge(into, from *object.Dictionary) {
	for i := range from.Len() {
		key, _ := from.Key(i)
		if v := from.At(i); v.IsNull() || strings.EqualFold(v.Text(), "default") {
			into.Delete(key)
		} else {
			into.Set(key, object.Copy(v))
		}
	}
}

// List is an array of strings.
func List[T ~string](names []T) object.Value {
	a := object.NewArray()
	for _, name := range names {
		a.Append(object.String(string(name)))
	}
	return a.Value()
}

// Strings are the strings of an array; false: something else is among them.
func Strings(v object.Value) ([]string, bool) {
	a := v.Array()
	out := make([]string, 0, a.Len())
	for i := range a.Len() {
		s, ok := a.At(i).Str()
		if !ok {
			return nil, false
		}
		out = append(out, s)
	}
	return out, true
}

// Moment is a time as a timestamp.
func Moment(t time.Time) object.Value { return object.Date(t.Unix()) }
