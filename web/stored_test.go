package web

import (
	"context"
	"fmt"
	"testing"

	"tandem/conf"
)

// houseStored stands in for the settings of the cluster. It keeps the last change.
type houseStored struct{ last string }

func (h *houseStored) Explain(key string) (conf.Explanation, error) {
	c := conf.Default()
	e, err := c.Explain(key)
	if err != nil {
		return e, NotFound("%v", err)
	}
	return e, nil
}

func exampleStored(value *string, member string) StoredSetting {
	return StoredSetting{Key: "log.level", Member: member, Value: value, Revision: 7, At: moment, Author: "admin@tandem.local",
		Reason: "a look", Change: "now", Except: []SettingExcept{}}
}

func (h *houseStored) Find(_ context.Context, q SettingQuery) ([]StoredSetting, error) {
	level, port := "debug", "5070"
	udp := exampleStored(&port, "tandem2")
	udp.Key, udp.Change = "sip.udp", "restart"
	udp.Except = []SettingExcept{{"tandem2", "not taken", "sip.udp: is in use"}}
	all := []StoredSetting{exampleStored(&level, ""), udp}
	if q.Key != "" {
		all = all[:1]
	}
	return all, nil
}

func (h *houseStored) Save(_ context.Context, w SettingWrite) (StoredSetting, error) {
	if w.Revision != nil && *w.Revision == 99 {
		return StoredSetting{}, Conflict("%s has revision 7 now, not 99", w.Key)
	}
	value, revision := "-", "-"
	if w.Value != nil {
		value = *w.Value
	}
	if w.Revision != nil {
		revision = fmt.Sprint(*w.Revision)
	}
	h.last = fmt.Sprint(w.Key, " of ", w.Member, " ", value, " upon ", revision, " by ", w.Author, " ", w.Reason)
	return exampleStored(w.Value, w.Member), nil
}

func (h *houseStored) History(_ context.Context, key, member string) ([]SettingRevision, error) {
	level := "debug"
	return []SettingRevision{{5, nil, moment, "control token", ""}, {7, &level, moment, "admin@tandem.local", "a look"}}, nil
}

func (h *houseStored) Revert(ctx context.Context, to uint64, w SettingWrite) (StoredSetting, error) {
	level := "debug"
	w.Value, w.Reason = &level, fmt.Sprint("back to ", to, w.Reason)
	return h.Save(ctx, w)
}

// What the service is told is all that the request says, and who makes it.
func TestSettingsAreWrittenAsTold(t *testing.T) {
	stored := &houseStored{}
	s := newServer(t, newHouse(), settings())
	s.services.Stored = stored
	for _, c := range []struct{ method, path, body, want string }{
		{"PUT", "log.level?member=tandem2", `{"value":"","revision":0,"reason":"why"}`, "log.level of tandem2  upon 0 by control token why"},
		{"PUT", "log.level", `{"value":"x"}`, "log.level of  x upon - by control token "},
		{"DELETE", "log.level?revision=7&reason=done&member=a", "", "log.level of a - upon 7 by control token done"},
		{"DELETE", "log.level", "", "log.level of  - upon - by control token "},
		{"POST", "log.level/revert?member=a", `{"to":5,"revision":7,"reason":"!"}`, "log.level of a debug upon 7 by control token back to 5!"},
	} {
		if w := ask(s, c.method, "/api/v1/settings/"+c.path, c.body); w.Code != 200 || stored.last != c.want {
			t.Errorf("%s %s: %d\ntold %q\nwant %q", c.method, c.path, w.Code, stored.last, c.want)
		}
	}
}
