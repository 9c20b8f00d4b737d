package keeper

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/account"
	"tandem/actors/acttest"
	"tandem/actors/leg"
	"tandem/actors/life"
	"tandem/actors/msg"
	"tandem/actors/store"
	"tandem/conf"
	"tandem/signal"
	"tandem/sip/registrar"
)

// lab is a store with the keepers of some members.
type lab struct {
	*testing.T
	store   *store.Store
	recalls []string
	deaf    bool // names have no owner
}

func newLab(t *testing.T) *lab {
	t.Helper()
	s, err := store.Open(t.Context(), t.TempDir(), conf.DefaultStore(), nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return &lab{T: t, store: s}
}

// keeper is that of a life of a member of the cluster.
func (l *lab) keeper(member, boot string) *Keeper {
	l.Helper()
	d := account.NewDirectory(time.Now)
	d.SetAccount(&account.Record{AOR: "1000@t"})
	k := New(Options{Store: l.store, Directory: d, Table: leg.NewTable(), Member: member, Log: slog.New(slog.DiscardHandler),
		Recall: func(aor string, b []byte) error {
			if l.deaf {
				return errors.New("no owner")
			}
			have, err := account.DecodeBindings(b)
			l.recalls = append(l.recalls, fmt.Sprintf("%s %d", aor, len(have.Bindings)))
			return err
		}})
	if err := k.Open(l.Context()); err != nil {
		l.Fatal(err)
	}
	if err := k.Begin(l.Context(), boot); err != nil {
		l.Fatal(err)
	}
	return k
}

// write writes a fact and tells its position.
func (l *lab) write(kind, subject string, body []byte) uint64 {
	l.Helper()
	written := make(chan uint64, 1)
	err := l.store.Journal().Append(store.Fact{Kind: kind, Subject: subject, At: time.Unix(100, 0), Body: body}, func(p uint64, err error) {
		if err != nil {
			l.Error(err)
		}
		written <- p
	})
	if err != nil {
		l.Fatal(err)
	}
	return <-written
}

func (l *lab) begins(boot, name string) uint64 {
	l.Helper()
	body, err := proto.Marshal(&msg.LegRecord{Leg: name, Boot: boot, Member: "m-" + boot, Started: 1000})
	if err != nil {
		l.Fatal(err)
	}
	return l.write(leg.FactStarted, name, body)
}

func (l *lab) ends(boot, name, closer string) {
	l.Helper()
	body, err := proto.Marshal(&msg.LegRecord{Leg: name, Boot: boot, Member: "m-" + boot, Started: 1000, Ended: 2000, Closer: closer})
	if err != nil {
		l.Fatal(err)
	}
	l.write(leg.FactEnded, name, body)
}

func (l *lab) registers(position *uint64) {
	l.Helper()
	b := account.Bindings{Epoch: 5, Bindings: []registrar.Binding{{Contact: signal.URI{Scheme: "sip", User: "desk", Host: "10.0.0.1"}}}}
	*position = l.write(account.FactRegistered, "1000@t", b.Encode())
}

// records are the records that a member lists, each with who ended it.
func (l *lab) records(k *Keeper) string {
	l.Helper()
	if err := k.CatchUp(l.Context()); err != nil {
		l.Fatal(err)
	}
	var all []string
	for _, r := range k.Table.Ended(100, func(*msg.LegRecord) bool { return true }) {
		all = append(all, strings.TrimSpace(r.Leg+" "+r.By))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func (l *lab) close(k *Keeper, m life.Mark) *Left {
	l.Helper()
	left, err := k.Close(l.Context(), m, "test", time.UnixMilli(5000))
	if err != nil {
		l.Fatal(err)
	}
	return left
}

func (l *lab) marks() string {
	l.Helper()
	all, err := life.Marks(l.store.Bucket(store.Registrations))
	if err != nil {
		l.Fatal(err)
	}
	var boots []string
	for _, m := range all {
		boots = append(boots, m.Boot)
	}
	return strings.Join(boots, " ")
}

// Graves are kept for a day, and for as long as the life is not closed.
func TestOldGravesAreWeeded(t *testing.T) {
	l := newLab(t)
	k := l.keeper("m1", "b1")
	for _, boot := range []string{"b2", "b3"} {
		l.keeper("m-"+boot, boot)
		left := l.close(k, life.Mark{Member: "m-" + boot, Boot: boot, Position: 1})
		if boot == "b3" {
			break // its mark stays
		}
		if done, err := left.Done(t.Context()); !done || err != nil {
			t.Fatal(done, err)
		}
	}
	weed := func(later time.Duration) string {
		if _, err := k.Weed(t.Context(), time.Now().Add(later)); err != nil {
			t.Fatal(err)
		}
		var left []string
		for _, g := range life.Graves(l.store.Bucket(store.Registrations)) {
			left = append(left, g.Boot)
		}
		return strings.Join(left, " ")
	}
	if got := weed(23 * time.Hour); got != "b2 b3" {
		t.Errorf("after 23 hours the graves are %s", got)
	}
	if got := weed(25 * time.Hour); got != "b3" {
		t.Errorf("after 25 hours the graves are %s", got)
	}
}

// Each leg of a dead member has one record, and so on all members and for those that start later; whatever it writes
// after its death, and however often it is closed.
func TestDeadLifeIsClosedOnce(t *testing.T) {
	l := newLab(t)
	first, second := l.keeper("m1", "b1"), l.keeper("m2", "b2")
	l.keeper("m3", "b3")
	l.begins("b3", "open")
	l.begins("b3", "done")
	l.ends("b3", "done", "")
	l.begins("b1", "other's")
	l.begins("b3", "open too")
	m := life.Mark{Member: "m3", Boot: "b3"}
	left := l.close(first, m)
	if left.Legs() != 2 {
		t.Errorf("%d legs were closed", left.Legs())
	}
	l.ends("b3", "open", "")         // it was not dead, but fenced
	again := l.close(second, m)      // the first Controller did not finish, as far as this one knows
	l.ends("b3", "open", "somebody") // and it writes late
	if again.Legs() != 0 {
		t.Errorf("%d legs were closed once more", again.Legs())
	}
	const want = "done, open member, open too member"
	for name, k := range map[string]*Keeper{"first": first, "second": second, "later": l.keeper("m4", "b4")} {
		if got := l.records(k); got != want {
			t.Errorf("%s lists %s; want %s", name, got, want)
		}
		if got := l.records(k); got != want {
			t.Errorf("%s lists %s the second time", name, got)
		}
	}
	for _, r := range first.Table.Ended(1, func(r *msg.LegRecord) bool { return r.Leg == "open" }) {
		if r.Ended != 5000 || r.Status != 500 || r.Reason != "Member lost" || r.Closer == "" {
			t.Errorf("the record is %+v", r)
		}
	}
	if done, err := left.Done(t.Context()); !done || err != nil || l.marks() != "b1 b2 b4" {
		t.Errorf("marks of %s are left; %v, %v", l.marks(), done, err)
	}
	if done, err := again.Done(t.Context()); !done || err != nil {
		t.Errorf("taken away twice: %v, %v", done, err)
	}
}

// The last sign of life is the newest fact where nobody has heard of the member.
func TestUnheardOf(t *testing.T) {
	l := newLab(t)
	k := l.keeper("m1", "b1")
	l.begins("b3", "open")
	if _, err := k.Close(t.Context(), life.Mark{Member: "m3", Boot: "b3"}, "test", time.Time{}); err != nil {
		t.Fatal(err)
	}
	r := k.Table.Ended(1, func(*msg.LegRecord) bool { return true })
	if len(r) != 1 || r[0].Ended != 100_000 {
		t.Errorf("the record is %v", r)
	}
}

// Registrations that a dead member has answered and not shown in the snapshot are brought to the owner of the name, when
// there is one.
func TestRegistrationsAreRecalled(t *testing.T) {
	l := newLab(t)
	k := l.keeper("m1", "b1")
	var position uint64
	l.registers(&position)
	l.write(account.FactRegistered, "nobody@t", account.Bindings{Epoch: 5}.Encode()) // an account that is gone
	l.write(account.FactRegistered, "1000@t", []byte("{"))
	m := life.Mark{Member: "m3", Boot: "b3"}
	l.deaf = true
	left := l.close(k, m)
	if done, err := left.Done(t.Context()); done || err != nil {
		t.Errorf("without an owner: %v, %v", done, err)
	}
	l.deaf = false
	if done, err := left.Done(t.Context()); !done || err != nil || fmt.Sprint(l.recalls) != "[1000@t 1]" {
		t.Errorf("recalled %v; %v, %v", l.recalls, done, err)
	}
	for _, have := range []account.Bindings{{Epoch: 5, Position: position}, {Epoch: 6, Position: 1}} {
		_, err := l.store.Bucket(store.Registrations).Put(t.Context(), "1000@t", have.Encode(), store.Write{})
		if err != nil {
			t.Fatal(err)
		}
		l.recalls = nil
		if done, err := l.close(k, m).Done(t.Context()); !done || err != nil || l.recalls != nil {
			t.Errorf("recalled %v although the snapshot is %+v; %v, %v", l.recalls, have, done, err)
		}
	}
}

// A leg that lives long holds its own member's mark, and no other one's; a life that ends in order takes its mark away.
func TestMarksMove(t *testing.T) {
	l := newLab(t)
	long, other := l.keeper("m1", "b1"), l.keeper("m2", "b2")
	long.Opened("long", 0)
	begun := l.begins("b1", "long")
	long.Opened("long", begun)
	last := l.begins("b2", "short")
	l.ends("b2", "short", "")
	at := func(boot string) (position uint64) {
		t.Helper()
		marks, err := life.Marks(l.store.Bucket(store.Registrations))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range marks {
			if m.Boot == boot {
				position = m.Position
			}
		}
		return position
	}
	acttest.Until(t, "the marks have moved", func() bool {
		long.Checkpoint()
		other.Checkpoint()
		return at("b1") == begun && at("b2") >= last
	})
	long.End()
	other.End()
	acttest.Until(t, "the mark of the one is gone", func() bool { return l.marks() == "b1" })
	long.Closed("long")
	long.End() // it is over already: the mark is the Controller's
	if l.store.Snapshot().Later != 0 || l.marks() != "b1" {
		t.Error("a mark was taken away by a life that was over")
	}
}

// What a member has left alone, it makes good when it comes into a cluster; what its lives in the cluster left, when it
// is alone again.
func TestAloneAndNot(t *testing.T) {
	l := newLab(t)
	l.begins("m1", "alone") // the member m-m1
	_, err := l.store.Bucket(store.Registrations).Put(t.Context(), checkpoints+"m-m1", []byte(`{"Position":0}`), store.Write{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		l.keeper("m-m1", "b1")
	}
	l.begins("b1", "in the cluster")
	k := New(Options{Store: l.store, Directory: account.NewDirectory(time.Now), Table: leg.NewTable(), Member: "m-m1", Alone: true,
		Log: slog.New(slog.DiscardHandler)})
	if err := k.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := l.records(k); got != "alone member, in the cluster member" {
		t.Errorf("the records are %s", got)
	}
	if l.marks() != "" {
		t.Errorf("marks of %s are left", l.marks())
	}
}
