package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"tandem/actors/cluster"
	"tandem/actors/cluster/slot"
	"tandem/actors/cluster/view"
	"tandem/actors/msg"
	"tandem/conf"
	"tandem/sip/farm"
	"tandem/web"
)

// Cluster answers web.Cluster of a member that has others.
type Cluster struct {
	Member    *cluster.Member
	Chronicle *Chronicle
	Stored    Stored
	Drained   Drained
	Conf      func() *conf.Conf
	Ready     func() error // of the store, as it is reached from here
}

// Stored are the settings that the cluster keeps.
type Stored interface {
	Find(ctx context.Context, q web.SettingQuery) ([]web.StoredSetting, error)
	Save(ctx context.Context, w web.SettingWrite) (web.StoredSetting, error)
	// Forget removes all that is kept for a member that is gone for good.
	Forget(ctx context.Context, member, author string) error
	// Taken is the newest revision that this member has taken.
	Taken() uint64
}

// Drained lets this member take nothing new, and takes that back. A refusal is an *web.Error.
type Drained interface {
	Drain(limit time.Duration, author string) error
	Undrain(author string) error
}

// What one member asks of another one, and the word for it in the history of changes.
const (
	askDrain     = "drain"
	askUndrain   = "undrain"
	changeForget = "forget"
)

// actTime is how long an act waits for another member's answer.
const actTime = 3 * time.Second

// drainAsk is the body of both questions.
type drainAsk struct {
	Limit  time.Duration
	Author string
}

// Answer lets other members have this one drained.
func (c Cluster) Answer() {
	c.Member.Answers(askDrain, func(_ context.Context, body []byte) ([]byte, error) {
		var a drainAsk
		if err := json.Unmarshal(body, &a); err != nil {
			return nil, err
		}
		return nil, c.Drained.Drain(a.Limit, a.Author)
	})
	c.Member.Answers(askUndrain, func(_ context.Context, body []byte) ([]byte, error) {
		var a drainAsk
		if err := json.Unmarshal(body, &a); err != nil {
			return nil, err
		}
		return nil, c.Drained.Undrain(a.Author)
	})
}

// Cluster implements web.Cluster.
func (c Cluster) Cluster(ctx context.Context) (web.ClusterView, error) {
	s, now := c.Member.Society(), time.Now()
	v := web.ClusterView{Member: c.Member.Name(), Time: now, Quorum: s.Quorum, Refused: c.Member.Traffic().Homeless,
		Settings: c.Stored.Taken(), Fallback: c.Conf().Cluster.Fallback,
		Willing: web.Willing{Epoch: s.Willing.GetEpoch(), Version: s.Willing.GetVersion()}}
	for _, w := range s.Willing.GetMembers() {
		v.Willing.Members = append(v.Willing.Members, w.Name)
	}
	revisions, err := c.revisions(ctx)
	if err != nil {
		return v, err
	}
	v.FallbackAt = revisions[setting{"", web.KeyFallback}]
	c.Chronicle.view(&v)
	elsewhere := map[string]int{}
	for _, r := range s.Rows {
		if c.Chronicle.forgot(r.Member.Boot) {
			continue
		}
		v.Members = append(v.Members, c.row(r, s, revisions))
		v.Sights = append(v.Sights, sights(r)...)
		if r.Up() {
			v.Placed = append(v.Placed, placed(r.Member)...)
		}
	}
	for _, p := range v.Placed {
		if p.Needs != p.Lives {
			elsewhere[p.Needs] += p.Legs
		}
	}
	for i := range v.Members {
		v.Members[i].Elsewhere = elsewhere[v.Members[i].Name]
	}
	v.Store = c.store(s.Rows)
	return v, nil
}

// setting names a value that the cluster keeps.
type setting struct{ member, key string }

// revisions are those of the settings that pages change.
func (c Cluster) revisions(ctx context.Context) (map[setting]uint64, error) {
	out := map[setting]uint64{}
	for _, key := range []string{web.KeyCallLegs, web.KeyFarm, web.KeyFallback} {
		found, err := c.Stored.Find(ctx, web.SettingQuery{Key: key})
		if err != nil {
			return nil, err
		}
		for _, s := range found {
			out[setting{s.Member, s.Key}] = s.Revision
		}
	}
	return out, nil
}

// row is one member as pages show it.
func (c Cluster) row(r view.Row, s *cluster.Society, revisions map[setting]uint64) web.MemberRow {
	m := r.Member
	out := web.MemberRow{Name: m.Name, Address: m.Address, HTTP: m.Http, Boot: slot.BootText(m.Boot), Version: m.Version,
		State: cluster.StateWord(r.State), Since: r.Since, Why: r.Why, Draining: m.Draining, CutOff: r.Up() && !r.Quorum, Store: m.Store,
		Controller: s.Controller.Member == m.Name && s.Controller.Boot == m.Boot,
		CallLegs:   m.CallLegs, CallLegsAt: revisions[setting{m.Name, web.KeyCallLegs}],
		Farm: m.Farm, FarmAt: revisions[setting{m.Name, web.KeyFarm}], FarmResolved: resolved(m),
		OwnLegs: int(m.Legs) - int(m.ForeignLegs), OthersLegs: int(m.ForeignLegs), ListEpoch: m.ListEpoch, ListVersion: m.ListVersion,
		Settings: m.Settings, Load: int(m.Load), Calls: int(m.Calls), Legs: int(m.Legs), Tasks: int(m.Tasks),
		Sessions: int(m.Sessions), Names: int(m.Names), ClockOffset: web.InSeconds(r.Offset)}
	out.Offered = slices.ContainsFunc(s.Willing.GetMembers(), func(w *msg.Willing) bool { return w.Boot == m.Boot })
	if !r.Self {
		out.Heard = r.Heard
	}
	if m.DrainUntil != 0 {
		out.DrainUntil = time.UnixMilli(m.DrainUntil)
	}
	return out
}

// resolved is what SIP Farm "auto" comes to.
func resolved(m *msg.Member) string {
	switch farm.RoleOf(m.Farm, m.CallLegs) {
	case farm.Share:
		return conf.FarmMember
	case farm.Relay:
		return conf.FarmRelay
	}
	return conf.FarmDisabled
}

// sights are how one member sees the others.
func sights(r view.Row) (out []web.Sight) {
	if !r.Up() {
		return nil
	}
	for _, s := range r.Sights {
		if cluster.StateWord(s.State) == "" || s.Refused != "" {
			continue
		}
		out = append(out, web.Sight{By: r.Member.Name, Of: s.Name, State: cluster.StateWord(s.State),
			Heard: r.Heard.Add(-time.Duration(s.AgeMs) * time.Millisecond)})
	}
	return out
}

// placed are the legs of one member, by who needs them.
func placed(m *msg.Member) (out []web.Placed) {
	if own := int(m.Legs) - int(m.ForeignLegs); own > 0 {
		out = append(out, web.Placed{Needs: m.Name, Lives: m.Name, Legs: own})
	}
	for _, n := range m.Needed {
		if n.Legs > 0 {
			out = append(out, web.Placed{Needs: n.Member, Lives: m.Name, Legs: int(n.Legs)})
		}
	}
	return out
}

func (c Cluster) store(rows view.Rows) web.StoreState {
	s := web.StoreState{Ready: true}
	if err := c.Ready(); err != nil {
		s.Ready, s.Message = false, err.Error()
	}
	for _, r := range rows {
		if r.Member.Store {
			s.Members = append(s.Members, r.Member.Name)
			if r.Up() {
				s.Up++
			}
		}
	}
	return s
}

// Drain implements web.Cluster.
func (c Cluster) Drain(ctx context.Context, member string, limit time.Duration, author string) error {
	err := c.act(ctx, member, askDrain, drainAsk{limit, author}, func() error { return c.Drained.Drain(limit, author) })
	if err == nil {
		words := ""
		if limit > 0 {
			words = limit.String()
		}
		c.Chronicle.Changed(web.ClusterHistory{Time: time.Now(), Member: member, Key: askDrain, New: words, Author: author}, 0)
	}
	return err
}

// Undrain implements web.Cluster.
func (c Cluster) Undrain(ctx context.Context, member, author string) error {
	err := c.act(ctx, member, askUndrain, drainAsk{Author: author}, func() error { return c.Drained.Undrain(author) })
	if err == nil {
		c.Chronicle.Changed(web.ClusterHistory{Time: time.Now(), Member: member, Key: askUndrain, Author: author}, 0)
	}
	return err
}

// act has a member do something: this one at once, another one by asking it.
func (c Cluster) act(ctx context.Context, member, what string, ask drainAsk, here func() error) error {
	if member == c.Member.Name() {
		return here()
	}
	if _, err := c.named(member); err != nil {
		return err
	}
	body, err := json.Marshal(ask)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, actTime)
	defer cancel()
	_, err = c.Member.AskMember(ctx, member, what, body)
	var refused *cluster.Refusal
	switch {
	case errors.As(err, &refused):
		return web.Conflict("%s", refused.Text)
	case err != nil:
		return web.Unavailable("%s does not answer: %v", member, err)
	}
	return nil
}

// named is a member of that name that is shown.
func (c Cluster) named(member string) (view.Row, error) {
	r, ok := c.Member.Society().Rows.ByName(member)
	if !ok || c.Chronicle.forgot(r.Member.Boot) {
		return r, web.NotFound("there is no member %.60q", member)
	}
	return r, nil
}

// Set implements web.Cluster.
func (c Cluster) Set(ctx context.Context, member, key, value string, revision uint64, author string) (change web.ClusterChange, _ error) {
	if !slices.Contains([]string{web.KeyCallLegs, web.KeyFarm, web.KeyFallback}, key) {
		return change, web.Invalid("%.60q is none of the cluster's settings that are changed here", key)
	}
	change.Old = c.effective(member, key)
	saved, err := c.Stored.Save(ctx, web.SettingWrite{Key: key, Member: member, Value: &value, Revision: &revision, Author: author})
	if err != nil {
		return change, err
	}
	change.New, change.Revision = value, saved.Revision
	c.Chronicle.Changed(web.ClusterHistory{Time: time.Now(), Member: member, Key: key, Old: change.Old, New: value,
		Author: author}, 0)
	return change, nil
}

// effective is a setting as a member says that it has it; that of this member stands for all.
func (c Cluster) effective(member, key string) string {
	r, err := c.named(cmp.Or(member, c.Member.Name()))
	if err != nil {
		return ""
	}
	switch key {
	case web.KeyCallLegs:
		return r.Member.CallLegs
	case web.KeyFarm:
		return r.Member.Farm
	}
	return strconv.FormatBool(c.Conf().Cluster.Fallback)
}

// Forget implements web.Cluster.
func (c Cluster) Forget(ctx context.Context, member, author string) error {
	r, err := c.named(member)
	if err != nil {
		return err
	}
	if r.State != msg.MemberState_DEAD && r.State != msg.MemberState_LEFT {
		return web.Conflict("%s is %s: only a member that is dead or has left can be forgotten", member, cluster.StateWord(r.State))
	}
	if err := c.Stored.Forget(ctx, member, author); err != nil {
		return web.Unavailable("the settings of %s are not removed: %v", member, err)
	}
	c.Chronicle.Changed(web.ClusterHistory{Time: time.Now(), Member: member, Key: changeForget, Author: author}, r.Member.Boot)
	return nil
}
