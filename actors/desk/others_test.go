package desk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/actors/acttest/company"
	"tandem/actors/cluster"
	"tandem/actors/form"
	"tandem/actors/msg"
	"tandem/media"
	"tandem/web"
)

// office are two members with the desk of each.
type office struct {
	members []*cluster.Member
	stop    []func()
	legs    []*acttest.Probes
	calls   []Calls
	tasks   []Tasks
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{}
	for i := range 2 {
		name, legs := fmt.Sprint("m", i+1), acttest.NewProbes()
		m := cluster.New(cluster.Options{Name: name, Key: []byte("key"), Mailbox: 1000, Log: slog.New(slog.DiscardHandler),
			Kinds: []cluster.Kind{{Name: "leg", Make: legs.Make}}})
		stop := sync.OnceFunc(m.Stop)
		t.Cleanup(stop)
		o.members, o.stop, o.legs = append(o.members, m), append(o.stop, stop), append(o.legs, legs)
		c := Calls{Member: m, Streams: func(string) (media.Stats, bool) { return media.Stats{Codec: "PCMU", MOS: 4}, true },
			CatchUp: func(context.Context) error { return nil },
			Living: func() (out []form.Leg) {
				for n := range 3 {
					out = append(out, form.Leg{State: "answered", Record: &msg.LegRecord{Leg: fmt.Sprint(name, "-", n), Member: name,
						SipCallId: fmt.Sprint("c", n), Account: fmt.Sprint(n, "@t"), Started: int64(10*n + i)}})
				}
				return out
			},
			Ended: func(n int, keep func(*msg.LegRecord) bool) (out []*msg.LegRecord) {
				for _, r := range []*msg.LegRecord{{Leg: "b", Ended: 2000}, {Leg: "a", Ended: 1000}, {Leg: "c", Ended: 3000}} {
					if keep(r) && len(out) < n {
						out = append(out, r)
					}
				}
				return out
			}}
		b := Tasks{Member: m, Rows: func() []web.Task {
			return []web.Task{{Handler: name, Owner: "alice@t", Member: name, Since: time.Unix(int64(10-i), 0)}, {Handler: name + "x", Owner: "bob@t"}}
		}}
		c.Answer()
		b.Answer()
		o.calls, o.tasks = append(o.calls, c), append(o.tasks, b)
	}
	company.Meet(t, o.members...)
	return o
}

func (o *office) list(t *testing.T, q web.LegQuery) string {
	t.Helper()
	legs, err := o.calls[0].Legs(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, l := range legs {
		names = append(names, l.Handler)
		if l.Codec != "PCMU" || l.MOS != 4 || l.State != "answered" || !strings.HasPrefix(l.Handler, l.Member) {
			t.Errorf("a leg is shown as %+v", l)
		}
	}
	return strings.Join(names, " ")
}

// A list has what all members have, in order and within its limit; what is asked for by its handler is found wherever it
// is.
func TestListsOfAllMembers(t *testing.T) {
	o := newOffice(t)
	for want, q := range map[string]web.LegQuery{
		"m1-0 m2-0 m1-1 m2-1 m1-2 m2-2": {Limit: 10},
		"m1-0 m2-0 m1-1":                {Limit: 3},
		"m1-1 m2-1":                     {Account: "1@t", Limit: 10},
		"m2-2":                          {Handler: "m2-2", Limit: 1},
		"":                              {Handler: "c1", Limit: 10}, // a Call-ID is no handler
	} {
		if got := o.list(t, q); got != want {
			t.Errorf("%+v lists %q, want %q", q, got, want)
		}
	}
	if found := o.calls[1].Find(t.Context(), form.LegQuery{Dialog: "c1"}); len(found) != 2 || found[0].Record.Leg != "m1-1" || found[0].State != "answered" {
		t.Errorf("by its Call-ID there are %+v", found)
	}
	tasks, err := o.tasks[0].Tasks(t.Context(), web.TaskQuery{Account: "alice@t", Limit: 10})
	if err != nil || len(tasks) != 2 || tasks[0].Handler != "m2" || tasks[1].Handler != "m1" {
		t.Errorf("there are %+v, %v", tasks, err)
	}
	records, err := o.calls[0].Records(t.Context(), web.RecordQuery{Limit: 2})
	if err != nil || len(records) != 2 || records[0].Handler != "c" || records[1].Handler != "b" {
		t.Errorf("there are %+v, %v", records, err)
	}
}

// A leg of another member is ended there, and one that has ended already is said so.
func TestHangupOnAnotherMember(t *testing.T) {
	o := newOffice(t)
	pid, err := o.members[1].Spawn("leg", &msg.LegStart{})
	if err != nil {
		t.Fatal(err)
	}
	leg, handler := o.legs[1].Next(t), o.members[1].Handler(pid)
	if home, err := o.members[0].Home(handler); home != "m2" || err != nil {
		t.Errorf("it lives on %q, %v", home, err)
	}
	if err := o.calls[0].Hangup(t.Context(), handler); err != nil {
		t.Fatal(err)
	}
	acttest.Await[*msg.LegHangup](t, leg)
	leg.Stop(t)
	var refused *web.Error
	if err := o.calls[0].Hangup(t.Context(), handler); !errors.As(err, &refused) || refused.Status != 404 {
		t.Errorf("ended again: %v", err)
	}
	if err := o.calls[0].Hangup(t.Context(), "nonsense"); !errors.As(err, &refused) || refused.Status != 400 {
		t.Errorf("no handler: %v", err)
	}
}

// What a member does not answer is missing, and the reader is told so; of one that has left nothing is missing.
func TestWhoDoesNotAnswer(t *testing.T) {
	o := newOffice(t)
	o.members[1].Answers(askTasks, func(context.Context, []byte) ([]byte, error) { return nil, errors.New("busy") })
	ctx, unheard := web.ListenFor(t.Context())
	if tasks, err := o.tasks[0].Tasks(ctx, web.TaskQuery{Limit: 10}); err != nil || len(tasks) != 2 {
		t.Errorf("there are %+v, %v", tasks, err)
	}
	if got := unheard.List(); !slices.Equal(got, []string{"m2"}) {
		t.Errorf("unheard are %v", got)
	}
	o.stop[1]()
	acttest.Until(t, "the member has left", func() bool {
		r, ok := o.members[0].Society().Rows.ByName("m2")
		return ok && r.State == msg.MemberState_LEFT
	})
	ctx, unheard = web.ListenFor(t.Context())
	if tasks, err := o.tasks[0].Tasks(ctx, web.TaskQuery{Limit: 10}); err != nil || len(tasks) != 2 || len(unheard.List()) != 0 {
		t.Errorf("there are %+v, %v; unheard %v", tasks, err, unheard.List())
	}
}
