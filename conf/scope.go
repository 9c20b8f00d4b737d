package conf

import (
	"fmt"
	"reflect"
)

// Scope says for whom the cluster may keep a value of a setting, beside the files of its members.
type Scope int

// The scopes, from the widest.
const (
	ForAll Scope = iota // for all members, and for one
	ForOne              // for one member: all members can not have the same
	ByFile              // for none: each member's file says it, its environment or a flag
)

var scopes = [...]string{"cluster", "member", "file"}

func (s Scope) String() string { return scopes[s] }

// MarshalText writes the scope as a word, for JSON.
func (s Scope) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads that word.
func (s *Scope) UnmarshalText(b []byte) error {
	for i, word := range scopes {
		if word == string(b) {
			*s = Scope(i)
			return nil
		}
	}
	return fmt.Errorf("conf: %s is no scope", quote(string(b)))
}

// apart says why the cluster keeps no value of a setting, by the word of its tag.
var apart = map[string]string{
	"early":  "is needed before a member opens the store in which the cluster keeps settings",
	"path":   "names a file of one machine",
	"secret": "holds a secret, and the cluster keeps none",
}

// scopeOf reads a tag; word is that of apart, or "". The store keeps no secrets: whoever has a copy of it
// would have them.
func scopeOf(tag string, t reflect.Type) (s Scope, word string) {
	switch {
	case secretive(t):
		return ByFile, "secret"
	case apart[tag] != "":
		return ByFile, tag
	case tag == "member":
		return ForOne, ""
	}
	return ForAll, ""
}

// secretive says whether a secret is in values of a type.
func secretive(t reflect.Type) bool {
	if t == secretType {
		return true
	}
	if t.Kind() == reflect.Slice {
		return secretive(t.Elem())
	}
	if t.Kind() == reflect.Struct {
		for i := range t.NumField() {
			if secretive(t.Field(i).Type) {
				return true
			}
		}
	}
	return false
}

// refusal says why the cluster can not keep a value of a setting for a member, "" for all of them.
func (f Field) refusal(member string) *problem {
	const instead = "a value in the file, the environment or a flag of each member"
	switch {
	case f.Scope == ByFile:
		return &problem{apart[f.apart], instead}
	case f.Scope == ForOne && member == "":
		return &problem{"is different on each member", "a value for one member, by its name"}
	}
	return nil
}
