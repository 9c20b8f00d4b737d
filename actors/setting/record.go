package setting

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"tandem/actors/store"
	"tandem/conf"
)

// Keys in the bucket of settings.
const (
	kind    = "setting/"
	forAll  = kind + "cluster/" // and the key of a setting
	forOne  = kind + "member/"  // and the member's name, '/', and the key
	stateOf = kind + "state/"   // and the member's name: what it does not obey
)

// record is what the store keeps as the value of a setting, JSON.
type record struct {
	Value *string // as on a flag; none: it was taken back
}

// revision is one revision of a value.
type revision struct {
	conf.Over      // without Value if it was taken back
	set       bool // there is a value
	at        time.Time
	reason    string // as it was given
}

// storeKey is where the value of a setting lies.
func storeKey(key, member string) string {
	if member == "" {
		return forAll + key
	}
	return forOne + member + "/" + key
}

// fromKey is the inverse of storeKey; false: it is no such key.
func fromKey(k string) (key, member string, ok bool) {
	if key, ok = strings.CutPrefix(k, forAll); ok {
		return key, "", key != ""
	}
	if k, ok = strings.CutPrefix(k, forOne); ok {
		member, key, ok = strings.Cut(k, "/")
		return key, member, ok && member != "" && key != ""
	}
	return "", "", false
}

// read makes a revision of an entry.
func read(e store.Entry) (r revision, err error) {
	key, member, ok := fromKey(e.Key)
	if !ok {
		return r, fmt.Errorf("%q is no key of a setting", e.Key)
	}
	r = revision{at: e.At, reason: e.Reason,
		Over: conf.Over{Key: key, Member: member, Revision: e.Revision, Author: e.Author}}
	if e.Deleted {
		return r, nil
	}
	var v record
	if err := json.Unmarshal(e.Value, &v); err != nil {
		return r, err
	}
	if v.Value != nil {
		r.set, r.Value = true, *v.Value
	}
	return r, nil
}

// shown is the value as people may see it, nil if there is none.
func (r revision) shown() *string {
	if !r.set {
		return nil
	}
	s := r.Shown()
	return &s
}

// state is what the store keeps of a member, JSON: what of the settings it does not obey.
type state struct {
	Fates   []fate `json:",omitempty"`
	Trouble string `json:",omitempty"` // why it takes nothing that is newer than Taken
	Taken   uint64 `json:",omitempty"`
}

// fate is a value that a member does not obey.
type fate struct {
	Key      string
	Own      bool `json:",omitempty"` // the value is for this member, not for all
	Revision uint64
	State    string
	Why      string `json:",omitempty"`
}

// maxWhy cuts what is told of one value.
const maxWhy = 500 // bytes

// stateNow makes a member's state of the fates of the values that are laid over its own.
func stateNow(fates []conf.Fate) (s state) {
	for _, f := range fates {
		if f.State != conf.Acts {
			why := f.Why
			if len(why) > maxWhy {
				why = strings.ToValidUTF8(why[:maxWhy], "") + " ..."
			}
			s.Fates = append(s.Fates, fate{f.Key, f.Member != "", f.Revision, f.State.String(), why})
		}
	}
	return s
}
