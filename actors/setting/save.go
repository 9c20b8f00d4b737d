package setting

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"tandem/actors/store"
	"tandem/conf"
	"tandem/web"
)

// Limits of what is kept.
const (
	maxStored = 10000           // values, with those that were taken back
	maxReason = 900             // bytes; the store keeps 1000, and a revert says of itself what it is
	maxWait   = 8 * time.Second // for the store to keep a value and this member to obey it
)

// Save implements web.StoredSettings. A value that this member could not take, or that would put out another
// one, is refused; what is for another member alone is checked by itself only, and that member tells.
func (s *Settings) Save(ctx context.Context, w web.SettingWrite) (web.StoredSetting, error) {
	if len(w.Reason) > maxReason || !utf8.ValidString(w.Reason) {
		return web.StoredSetting{}, web.Invalid("the reason is longer than %d bytes, or no text", maxReason)
	}
	return s.save(ctx, w)
}

func (s *Settings) save(ctx context.Context, w web.SettingWrite) (none web.StoredSetting, err error) {
	all, _ := s.read()
	now, known := find(all, w.Key, w.Member)
	if err := expected(w, now); err != nil {
		return none, err
	}
	if w.Value == nil && !now.set {
		return s.row(now, s.states()), nil
	}
	if !known && len(all) >= maxStored {
		return none, web.Conflict("%d settings are kept already, which is the most: forget members that are gone", maxStored)
	}
	if err := s.possible(w, all); err != nil {
		return none, err
	}
	text, err := json.Marshal(record{w.Value})
	if err != nil {
		return none, err
	}
	o := store.Write{Author: w.Author, Reason: w.Reason}
	if w.Revision != nil {
		o.Expect = &now.Revision
	}
	ctx, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	rev, err := s.bucket.Put(ctx, storeKey(w.Key, w.Member), text, o)
	if err == nil {
		err = s.await(ctx, rev)
	}
	if err != nil {
		return none, refusal(w, rev, err)
	}
	e, _ := s.bucket.Get(storeKey(w.Key, w.Member))
	r, err := read(e)
	return s.row(r, s.states()), err
}

// find is what is kept of one setting; without anything, it was never set.
func find(all []revision, key, member string) (r revision, known bool) {
	for _, r := range all {
		if r.Key == key && r.Member == member {
			return r, true
		}
	}
	return revision{Over: conf.Over{Key: key, Member: member}}, false
}

// expected refuses a change that was not made upon what is set now.
func expected(w web.SettingWrite, now revision) error {
	switch {
	case w.Revision == nil || *w.Revision == now.Revision || *w.Revision == 0 && !now.set:
		return nil
	case !now.set:
		return web.Conflict("%s is not set now: revision %d is gone", w.Key, *w.Revision)
	}
	return web.Conflict("%s has revision %d now, not %d: look again", w.Key, now.Revision, *w.Revision)
}

// possible refuses a change that leaves a member with settings it can not take, as far as this one can tell.
func (s *Settings) possible(w web.SettingWrite, all []revision) error {
	change := revision{Over: conf.Over{Key: w.Key, Member: w.Member, Revision: math.MaxUint64, Author: w.Author}}
	if w.Value != nil {
		change.set, change.Value = true, *w.Value
		var wrong conf.Errors
		if err := change.Check(); errors.As(err, &wrong) {
			return web.Invalid("nothing was set: %s", wrong.Words())
		}
		if err := s.sensible(w, all); err != nil {
			return err
		}
	}
	if w.Member != "" && w.Member != s.member {
		return nil
	}
	out := map[string]bool{}
	for _, f := range s.live.Fates() {
		out[storeKey(f.Key, f.Member)] = f.State == conf.NotTaken
	}
	trial := []revision{change}
	for _, r := range all {
		if r.Key != w.Key || r.Member != w.Member {
			trial = append(trial, r)
		}
	}
	fates, err := s.live.Try(s.mine(trial))
	var wrong conf.Errors
	if errors.As(err, &wrong) {
		return web.Conflict("nothing was set: %s", wrong.Words())
	}
	if err != nil {
		return err
	}
	for _, f := range fates {
		ours := f.Revision == math.MaxUint64
		switch {
		case f.State != conf.NotTaken:
		case ours:
			return web.Invalid("nothing was set: %s could not take it: %s", s.member, f.Why)
		case !out[storeKey(f.Key, f.Member)]:
			return web.Conflict("nothing was changed: then %s could not take %s any more: %s", s.member, f.Key, f.Why)
		}
	}
	return nil
}

// doors are the ports by which settings are changed, and what closes them.
var doors = map[string]bool{"http.port": true, "cli.port": true}

const closed = "-1"

// sensible refuses a value that nobody would obey, and one after which nobody could set another.
func (s *Settings) sensible(w web.SettingWrite, all []revision) error {
	if w.Member == "" {
		if doors[w.Key] && *w.Value == closed {
			return web.Invalid("nothing was set: %s %s would close the door to all members at once, for the one who sets it too: "+
				"set it for single members", w.Key, closed)
		}
		return nil
	}
	if w.Member == s.member || s.lives == nil || s.lives(w.Member) {
		return nil
	}
	for _, r := range all {
		if r.Member == w.Member {
			return nil
		}
	}
	return web.NotFound("nothing was set: there is no member %s, and nothing is kept for one: is the name right? One that is "+
		"to come later must be there first", w.Member)
}

// refusal says what became of a write that failed. rev is 0 if it is not certain to be in the store.
func refusal(w web.SettingWrite, rev uint64, err error) error {
	switch {
	case rev != 0:
		return web.Unavailable("%s is kept as revision %d, but not seen by this member yet: %v", w.Key, rev, err)
	case errors.Is(err, store.ErrConflict):
		return web.Conflict("%s was changed meanwhile: look again", w.Key)
	case errors.Is(err, store.ErrTooLarge), errors.Is(err, store.ErrBadKey):
		return web.Invalid("nothing was set: %v", err)
	}
	return web.Unavailable("the store may not have kept %s: %v", w.Key, err)
}

// Revert implements web.StoredSettings.
func (s *Settings) Revert(ctx context.Context, to uint64, w web.SettingWrite) (none web.StoredSetting, err error) {
	history, err := s.revisions(ctx, w.Key, w.Member)
	if err != nil {
		return none, err
	}
	kept := make([]string, len(history))
	for i, r := range history {
		kept[i] = fmt.Sprint(r.Revision)
		if r.Revision != to {
			continue
		}
		w.Value = nil
		if r.set {
			w.Value = &r.Value
		}
		about := fmt.Sprintf("revert to revision %d", to)
		if w.Reason != "" {
			about += ": " + w.Reason
		}
		if len(w.Reason) > maxReason {
			return none, web.Invalid("the reason is longer than %d bytes", maxReason)
		}
		w.Reason = about
		return s.save(ctx, w)
	}
	if len(kept) == 0 {
		return none, web.NotFound("%s was never set there, so that there is nothing to go back to", w.Key)
	}
	return none, web.NotFound("there is no revision %d of %s; kept are %s", to, w.Key, strings.Join(kept, ", "))
}

// Forget removes all that is kept for a member that is gone for good, and what it told of itself.
func (s *Settings) Forget(ctx context.Context, member, author string) error {
	o := store.Write{Author: author, Reason: "member is forgotten"}
	all, _ := s.read()
	for _, r := range all {
		if r.Member == member {
			if err := s.bucket.Delete(ctx, storeKey(r.Key, member), o); err != nil {
				return err
			}
		}
	}
	return s.bucket.Delete(ctx, stateOf+member, o)
}
