package stat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"tandem/actors/stat/engine"
	"tandem/actors/stat/measure"
)

// AskWhat names the question that the owner of statistics answers: see Answer.
const AskWhat = "stat.values"

// question is what the owner of some statistics is asked.
type question struct {
	IDs     []string `json:"ids"`
	After   uint64   `json:"after,omitempty"`   // position of the journal that must have been taken
	At      int64    `json:"at,omitempty"`      // for which moment, ms since 1970, a little while ago at most; 0: now
	Explain bool     `json:"explain,omitempty"` // how they come about
}

// Value is what a statistic comes to. Times are milliseconds since 1970.
type Value struct {
	ID         string              `json:"id"`
	Object     string              `json:"object"`
	Number     float64             `json:"value"`
	Empty      bool                `json:"empty,omitempty"` // of nothing: its denominator is zero
	Whole      bool                `json:"whole,omitempty"`
	At         int64               `json:"at"`
	Since      int64               `json:"since"`              // of its interval
	Complete   int64               `json:"complete"`           // since when facts are counted
	Restored   int64               `json:"restored,omitempty"` // up to when it was counted elsewhere, by a backup
	LastFact   int64               `json:"last_fact,omitempty"`
	Age        int64               `json:"age"`                   // ms since the last fact; -1: there was none
	BackFilled bool                `json:"back_filled,omitempty"` // from the journal
	Valid      bool                `json:"valid"`
	Member     string              `json:"member"`            // who has computed it
	Problem    string              `json:"problem,omitempty"` // why there is no value
	State      *engine.State       `json:"state,omitempty"`   // of a category that shows what its object is doing
	Explain    *engine.Explanation `json:"explain,omitempty"`
	Warnings   []string            `json:"warnings,omitempty"`
	Definition *Request            `json:"definition,omitempty"`
}

// Open takes a statistic into the pool, if it is not there, and gives its value. An error of type *Refusal says what is
// wrong with the request. by is the account whose it is, of which there is a limit; "": there is none, as for administrators.
func (h *Hall) Open(ctx context.Context, by string, r Request) (Value, error) {
	if r.Solution == "" {
		r.Solution = h.Solutions.Of(h.Member.Name())
	}
	names, err := h.named(r.Solution)
	if err != nil {
		return Value{}, err
	}
	resolved, err := names.Resolve(r)
	if err != nil {
		return Value{}, &Refusal{err}
	}
	o, d, err := resolved.define()
	if err != nil {
		return Value{}, &Refusal{err}
	}
	warnings, err := engine.New(engine.Options{}).Open("", o, d, 0)
	if err != nil {
		return Value{}, &Refusal{err}
	}
	if _, ok := h.leased(resolved.Solution, o.String()); !ok {
		return Value{}, ErrEmpty
	}
	id := resolved.id()
	after, err := h.pooled(ctx, id, by, resolved)
	if err != nil {
		return Value{}, err
	}
	if err := h.taken(ctx, after); err != nil { // so that it can be followed here
		return Value{}, err
	}
	if !h.knows(id) { // others were opened at the same time
		return Value{}, ErrFull
	}
	v, err := h.firstValue(ctx, id, resolved, after)
	v.Warnings, v.Definition = warnings, &resolved
	return v, err
}

// firstValue is the value of a statistic that was just opened. Its owner has none as long as he reads the journal for it, or
// takes it over from another one; that is waited for.
func (h *Hall) firstValue(ctx context.Context, id string, r Request, after uint64) (Value, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	again := time.NewTicker(settleEvery)
	defer again.Stop()
	for {
		v, err := h.ask(ctx, h.owner(r.Solution, r.Object), question{IDs: []string{id}, After: after})
		if err != nil {
			return Value{}, err
		}
		if v[0].Problem != ErrNotYet.Error() {
			return v[0], nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return v[0], nil
		}
	}
}

// pooled has a statistic in the pool; the position is that of the journal where it is.
func (h *Hall) pooled(ctx context.Context, id, by string, r Request) (position uint64, err error) {
	now := h.Now().UnixMilli()
	h.mu.Lock()
	p := h.pool[id]
	if p != nil {
		position = p.Position
		h.touch(id, p, now)
	} else {
		err = h.room(by)
	}
	h.mu.Unlock()
	if p != nil || err != nil {
		return position, err
	}
	body, err := json.Marshal(opening{Request: r, By: by})
	if err != nil {
		return 0, err
	}
	return h.append(ctx, openedKind, id, now, body)
}

// touch notes in the journal that somebody has asked for a statistic, now and then.
func (h *Hall) touch(id string, p *pooled, now int64) {
	if p.written || now-p.Asked < askedEvery.Milliseconds() {
		return
	}
	p.written = true
	f := factOf(askedKind, id, now)
	if err := h.Journal.Append(f, nil); err != nil {
		p.written = false
	}
}

// Refusal says what is wrong with a request.
type Refusal struct{ error }

// Unwrap gives the reason.
func (r *Refusal) Unwrap() error { return r.error }

// Peek gives the values of statistics that are open, in the order in which they are asked for; at is the moment, 0 for now.
// Values of a moment are told when its facts have come, half a second later, and are the same for everybody who asks; it is
// at most the lateness of the world ago. One that is not open, or has no owner, has a Problem.
func (h *Hall) Peek(ctx context.Context, ids []string, at int64, explain bool) ([]Value, error) {
	h.mu.Lock()
	for _, id := range ids[:min(len(ids), maxInReply)] {
		if p := h.pool[id]; p != nil {
			h.touch(id, p, h.Now().UnixMilli())
		}
	}
	h.mu.Unlock()
	return h.look(ctx, ids, at, explain)
}

// Look is Peek of who does not ask for them: they are kept no longer for it.
func (h *Hall) Look(ctx context.Context, ids []string) ([]Value, error) {
	return h.look(ctx, ids, 0, false)
}

// Object is the object of an open statistic; "": it is not open.
func (h *Hall) Object(id string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if p := h.pool[id]; p != nil {
		return p.name
	}
	return ""
}

// comes refuses a moment, in ms since 1970, for which nobody may wait: it would have the world go on to it.
func (h *Hall) comes(at int64) error {
	h.mu.Lock()
	last := h.now() + maxAhead.Milliseconds()
	h.mu.Unlock()
	if at < 0 || at > last {
		return &Refusal{fmt.Errorf("%d is no moment that can be asked for: milliseconds since 1970, %s ahead of now at most", at, maxAhead)}
	}
	return nil
}

func (h *Hall) look(ctx context.Context, ids []string, at int64, explain bool) ([]Value, error) {
	if len(ids) > maxInReply {
		return nil, &Refusal{fmt.Errorf("at most %d statistics at once", maxInReply)}
	}
	if err := h.comes(at); err != nil {
		return nil, err
	}
	out := make([]Value, len(ids))
	places := map[string][]int{} // by owner
	h.mu.Lock()
	for i, id := range ids {
		p := h.pool[id]
		if p == nil {
			out[i] = Value{ID: clip(id), Problem: ErrUnknown.Error()}
			continue
		}
		out[i] = Value{ID: id, Object: p.name}
		owner := h.ownerOf(p)
		places[owner] = append(places[owner], i)
	}
	h.mu.Unlock()
	var asked sync.WaitGroup
	for owner, part := range places {
		asked.Go(func() { h.peek(ctx, owner, part, out, question{At: at, Explain: explain}) })
	}
	asked.Wait()
	return out, nil
}

// peek asks an owner for the values at some places.
func (h *Hall) peek(ctx context.Context, owner string, places []int, out []Value, q question) {
	for _, i := range places {
		q.IDs = append(q.IDs, out[i].ID)
	}
	values, err := h.ask(ctx, owner, q)
	for n, i := range places {
		if err != nil {
			out[i].Problem = err.Error()
		} else {
			out[i] = values[n]
		}
	}
}

// ask asks an owner; "": there is none.
func (h *Hall) ask(ctx context.Context, owner string, q question) ([]Value, error) {
	switch owner {
	case "":
		return nil, ErrNotYet
	case h.Member.Name():
		return h.answer(ctx, q)
	}
	body, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	if body, err = h.Member.AskMember(ctx, owner, AskWhat, body); err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrNotYet, err)
	}
	var out []Value
	if err := json.Unmarshal(body, &out); err != nil || len(out) != len(q.IDs) {
		return nil, fmt.Errorf("member %s answers what is not understood: %w", owner, errors.Join(err, ErrNotYet))
	}
	return out, nil
}

// Answer answers another member.
func (h *Hall) Answer(ctx context.Context, body []byte) ([]byte, error) {
	var q question
	if err := json.Unmarshal(body, &q); err != nil {
		return nil, fmt.Errorf("the question for statistics is not understood: %w", err)
	}
	out, err := h.answer(ctx, q)
	if err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

// answer gives values of our own. All are of one moment.
func (h *Hall) answer(ctx context.Context, q question) ([]Value, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	if err := h.comes(q.At); err != nil { // another member's clock may go wrong
		return nil, err
	}
	come := q.At
	if q.At != 0 {
		come += factsCome.Milliseconds()
	}
	if err := h.reach(ctx, q.After, come); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	out, at := make([]Value, len(q.IDs)), q.At
	if at == 0 {
		at = h.now()
	}
	err := h.world.AsOf(at, func() {
		for i, id := range q.IDs {
			out[i] = h.value(id, at, q.Explain)
		}
	})
	for i := range out {
		if err != nil {
			out[i] = Value{ID: q.IDs[i], Problem: err.Error()}
		}
	}
	return out, nil
}

// value is the value of a statistic; the lock is held.
func (h *Hall) value(id string, at int64, explain bool) Value {
	out := Value{ID: id, At: at, Member: h.Member.Name()}
	p := h.pool[id]
	if p == nil {
		out.Problem = ErrUnknown.Error()
		return out
	}
	out.Object = p.name
	if !p.here || !h.mine(p) {
		out.Problem = ErrNotYet.Error()
		return out
	}
	v, err := h.world.Value(id, at)
	if err != nil {
		out.Problem = err.Error()
		return out
	}
	out = h.shown(id, p, v)
	if state, err := h.world.State(id, at); err == nil { // else it is a number alone
		out.State = &state
	}
	if explain {
		if e, err := h.world.Explain(id, at); err == nil {
			out.Explain, out.Definition = &e, &p.Request
		}
	}
	return out
}

// shown is a value as others see it.
func (h *Hall) shown(id string, p *pooled, v engine.Value) Value {
	out := Value{ID: id, Object: p.name, Member: h.Member.Name(), Number: v.Number, Empty: v.Empty, Whole: v.Whole,
		Since: v.Since, At: v.At, Complete: v.Complete, LastFact: v.LastFact, Valid: v.Valid, BackFilled: p.Request.BackFill, Age: -1}
	if p.Restored != nil {
		out.Restored = p.Restored.At
	}
	if v.LastFact != 0 {
		out.Age = max(0, v.At-v.LastFact)
	}
	return out
}

// Drop takes a statistic out of the pool; at once, for everybody.
func (h *Hall) Drop(ctx context.Context, id string) error {
	if !h.knows(id) {
		return ErrUnknown
	}
	position, err := h.append(ctx, closedKind, id, h.Now().UnixMilli(), nil)
	if err != nil {
		return err
	}
	return h.taken(ctx, position)
}

// knows tells whether a statistic is in the pool.
func (h *Hall) knows(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.pool[id] != nil
}

// Profile are the names that requests may use.
type Profile struct {
	Types      map[string]Request `json:"stat_types"`
	Profiles   map[string]string  `json:"time_profiles"`
	Ranges     map[string]string  `json:"time_ranges"`
	Filters    map[string]string  `json:"filters"`
	Categories []string           `json:"categories"`
}

// Profile gives the names that requests of a solution may use, "": those of the one of this member. An error of type *Refusal
// says that there is no such solution.
func (h *Hall) Profile(solution string) (Profile, error) {
	if solution == "" {
		solution = h.Solutions.Of(h.Member.Name())
	}
	c, err := h.named(solution)
	if err != nil {
		return Profile{}, err
	}
	return Profile{c.Types, c.Profiles, c.Ranges, c.Filters, measure.Categories()}, nil
}
