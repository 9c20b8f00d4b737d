package actors

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/account"
	"tandem/actors/acttest"
	"tandem/actors/desk"
	"tandem/actors/leg"
	"tandem/actors/msg"
	"tandem/actors/store"
	"tandem/conf"
	"tandem/signal"
	"tandem/sip/registrar"
	"tandem/web"
)

// past is what an earlier member, which was killed, has left in the store.
func past(t *testing.T, c conf.Conf, facts ...store.Fact) (positions []uint64) {
	t.Helper()
	s, err := store.Open(t.Context(), c.Member.Data, c.Store, nil, quiet)
	if err != nil {
		t.Fatal(err)
	}
	written := make(chan uint64, len(facts))
	for _, f := range facts {
		f.At = time.Now()
		err := s.Journal().Append(f, func(position uint64, err error) {
			if err != nil {
				t.Error(err)
			}
			written <- position
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for range facts {
		positions = append(positions, <-written)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return positions
}

func legFact(t *testing.T, member, kind, name string) store.Fact {
	t.Helper()
	body, err := proto.Marshal(&msg.LegRecord{Leg: name, Member: member, Call: "call", Started: 1000, Ended: map[bool]int64{true: 2000}[kind == leg.FactEnded]})
	if err != nil {
		t.Fatal(err)
	}
	return store.Fact{Kind: kind, Subject: name, Body: body}
}

func registered(t *testing.T, user string, expires time.Duration) store.Fact {
	t.Helper()
	u, err := signal.ParseURI("sip:" + user + "@10.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	b := account.Bindings{Bindings: []registrar.Binding{{Contact: u, Expires: time.Now().Add(expires)}}}
	return store.Fact{Kind: account.FactRegistered, Subject: "1000@tandem.local", Body: b.Encode()}
}

// Legs that were cut off by a crash have one record each, whatever comes after.
func TestLostLegsAreClosedOnce(t *testing.T) {
	c := settingsOf(t.TempDir())
	us := c.Member.Name
	past(t, c, legFact(t, us, leg.FactStarted, "lost"), legFact(t, us, leg.FactStarted, "done"), legFact(t, us, leg.FactEnded, "done"),
		legFact(t, us, leg.FactStarted, "lost too"), store.Fact{Kind: leg.FactStarted, Subject: "unreadable", Body: []byte{0xff}},
		store.Fact{Kind: account.FactRegistered, Subject: "1000@tandem.local", Body: []byte("{")})
	live := liveOf(t, c, "")
	for range 2 {
		h, err := open(t, live)
		if err != nil {
			t.Fatal(err)
		}
		by := map[string]int{}
		for _, r := range records(t, h) {
			by[r.Handler+" "+r.By]++
			if r.By == "member" && (r.Status != 500 || r.End.IsZero() || r.Cause == "") {
				t.Errorf("the record is %+v", r)
			}
		}
		if fmt.Sprint(by) != "map[done :1 lost member:1 lost too member:1]" {
			t.Errorf("the records are %v", by)
		}
		stop(t, h)
	}
}

// A registration that was answered 200 and had no snapshot yet is there after the crash, the newest one
// of several, and what has expired is not.
func TestRegistrationsComeBack(t *testing.T) {
	c := settingsOf(t.TempDir())
	expired := registered(t, "expired", -time.Minute)
	expired.Subject = "1001@tandem.local"
	positions := past(t, c, registered(t, "old", time.Hour), registered(t, "desk", time.Hour), expired)
	h := start(t, c)
	found, err := desk.Registrations{Ledger: h.ledger}.Find(t.Context(), web.RegistrationQuery{Limit: 10})
	if err != nil || len(found) != 1 || found[0].AOR != "1000@tandem.local" || found[0].Contact != "sip:desk@10.0.0.1" {
		t.Errorf("there are %+v, %v", found, err)
	}
	acttest.Until(t, "there is a snapshot", func() bool {
		e, ok := h.store.Bucket(store.Registrations).Get("1000@tandem.local")
		b, err := account.DecodeBindings(e.Value)
		return ok && err == nil && b.Position == positions[1]
	})
}

// A snapshot that is newer than a fact is not undone by it.
func TestSnapshotIsNotUndone(t *testing.T) {
	c := settingsOf(t.TempDir())
	live := liveOf(t, c, "")
	h, err := open(t, live)
	if err != nil {
		t.Fatal(err)
	}
	register(t, h, "sip:desk@10.0.0.1")
	if n, err := (desk.Registrations{Ledger: h.ledger}).Kick(t.Context(), "1000", ""); err != nil || n != 1 {
		t.Fatalf("kicked %d, %v", n, err)
	}
	register(t, h, "sip:mobile@10.0.0.1")
	stop(t, h)
	h = started(t, live)
	if c := h.directory.Contacts("1000@tandem.local"); len(c) != 1 || c[0].URI.User != "mobile" {
		t.Errorf("after the start there are %+v", c)
	}
}

func TestCheckpointMoves(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	at := func() uint64 {
		acttest.Until(t, "all snapshots are written", func() bool { return h.store.Snapshot().Later == 0 })
		var c struct{ Position uint64 }
		h.store.Bucket(store.Registrations).Range("~checkpoint", func(e store.Entry) bool {
			if err := json.Unmarshal(e.Value, &c); err != nil {
				t.Fatal(err)
			}
			return true
		})
		return c.Position
	}
	look := func() uint64 { h.keeper.Checkpoint(); return at() }
	if first := look(); first != 0 {
		t.Errorf("an empty journal has a checkpoint: %d", first)
	}
	p := newPhone(t, h)
	k := p.answered(p.dial("a", "9196"))
	var begun uint64
	acttest.Until(t, "the leg is in the journal", func() bool {
		err := h.store.Journal().Read(t.Context(), 0, func(f store.Fact) bool {
			if strings.HasPrefix(f.Kind, "leg.") {
				begun = f.Position
			}
			return begun == 0
		})
		return err == nil && begun != 0
	})
	register(t, h, "sip:desk@10.0.0.1")
	acttest.Until(t, "the checkpoint comes to the leg that lives", func() bool { return look() == begun })
	if c := look(); c != begun {
		t.Errorf("beside a leg that lives the checkpoint is %d, want the leg's %d", c, begun)
	}
	p.bye(k)
	acttest.Until(t, "the record is there", func() bool { return len(records(t, h)) == 1 })
	last := h.store.Journal().Last()
	acttest.Until(t, "the checkpoint comes to the end", func() bool { return look() == last })
}

func TestCheckpointThatIsNoneStopsTheStart(t *testing.T) {
	c := settingsOf(t.TempDir())
	s, err := store.Open(t.Context(), c.Member.Data, c.Store, nil, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Bucket(store.Registrations).PutLater("~checkpoint."+c.Member.Name, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if h, err := open(t, liveOf(t, c, "")); h != nil || err == nil {
		t.Errorf("started: %v, %v", h, err)
	}
}
