package setting

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"tandem/actors/store"
	"tandem/conf"
	"tandem/web"
)

// Explain implements web.StoredSettings.
func (s *Settings) Explain(key string) (conf.Explanation, error) {
	e, err := s.live.Conf().Explain(key)
	if err != nil {
		return e, web.NotFound("%v", err)
	}
	return e, nil
}

// Find implements web.StoredSettings.
func (s *Settings) Find(_ context.Context, q web.SettingQuery) ([]web.StoredSetting, error) {
	all, _ := s.read()
	states := s.states()
	var found []web.StoredSetting
	for _, r := range all {
		if r.set && (q.Key == "" || q.Key == r.Key) && (q.Member == "" || q.Member == r.Member) {
			found = append(found, s.row(r, states))
		}
	}
	slices.SortStableFunc(found, func(a, b web.StoredSetting) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Member, b.Member))
	})
	return found, nil
}

// states are what the members do not obey, by their names; of this one what is so now.
func (s *Settings) states() map[string]state {
	all := map[string]state{}
	s.bucket.Range(stateOf, func(e store.Entry) bool {
		var v state
		if err := json.Unmarshal(e.Value, &v); err != nil {
			s.log.Error("the state of a member's settings is not readable", "key", e.Key, "err", err)
			return true
		}
		all[strings.TrimPrefix(e.Key, stateOf)] = v
		return true
	})
	all[s.member] = s.state()
	return all
}

// row tells of one value and of those who do not obey it.
func (s *Settings) row(r revision, states map[string]state) web.StoredSetting {
	row := web.StoredSetting{Key: r.Key, Member: r.Member, Value: r.shown(), Revision: r.Revision, At: r.at,
		Author: r.Author, Reason: r.reason, Change: conf.Restart.String(), Except: []web.SettingExcept{}}
	if e, err := s.live.Conf().Explain(r.Key); err == nil {
		row.Change = e.Change.String()
	}
	if !r.set {
		return row
	}
	for member, v := range states {
		if r.Member != "" && r.Member != member {
			continue
		}
		if v.Trouble != "" && r.Revision > v.Taken {
			row.Except = append(row.Except, web.SettingExcept{Member: member, State: conf.NotTaken.String(), Why: v.Trouble})
			continue
		}
		for _, f := range v.Fates {
			if f.Key == r.Key && f.Own == (r.Member != "") && f.Revision == r.Revision {
				row.Except = append(row.Except, web.SettingExcept{Member: member, State: f.State, Why: f.Why})
			}
		}
	}
	slices.SortFunc(row.Except, func(a, b web.SettingExcept) int { return cmp.Compare(a.Member, b.Member) })
	return row
}

// History implements web.StoredSettings.
func (s *Settings) History(ctx context.Context, key, member string) ([]web.SettingRevision, error) {
	all, err := s.revisions(ctx, key, member)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		if _, err := s.Explain(key); err != nil {
			return nil, err
		}
	}
	var found []web.SettingRevision
	for _, r := range all {
		found = append(found, web.SettingRevision{Revision: r.Revision, Value: r.shown(), At: r.at,
			Author: r.Author, Reason: r.reason})
	}
	return found, nil
}

// revisions are those that the store keeps, oldest first. One that can not be read is left out.
func (s *Settings) revisions(ctx context.Context, key, member string) (all []revision, err error) {
	entries, err := s.bucket.History(ctx, storeKey(key, member))
	if errors.Is(err, store.ErrBadKey) {
		return nil, nil
	}
	if err != nil {
		return nil, web.Unavailable("the store does not tell the history of %s: %v", key, err)
	}
	for _, e := range entries {
		r, err := read(e)
		if err != nil {
			s.log.Error("a revision of a setting is not readable", "key", e.Key, "revision", e.Revision, "err", err)
			continue
		}
		all = append(all, r)
	}
	return all, nil
}
