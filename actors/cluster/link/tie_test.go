package link

import (
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"tandem/actors/msg"
)

var (
	limits = Limits{Entries: 1000, Bytes: 1 << 20}
	start  = time.Unix(1000, 0)
)

func entry(n int) *msg.LinkEntry { return &msg.LinkEntry{Target: strconv.Itoa(n)} }

func numbers(all []*msg.LinkEntry) []int {
	var out []int
	for _, e := range all {
		n, _ := strconv.Atoi(e.Target)
		out = append(out, n)
	}
	return out
}

// carry sends all that a has to b, and gives what b took.
func carry(a, b *Tie, now time.Time) (all Taken) {
	for f := a.Frame(now); f != nil; f = a.Frame(now) {
		got := b.Take(f, now)
		all.Entries = append(all.Entries, got.Entries...)
		all.Broken = all.Broken || got.Broken
	}
	return all
}

func pair() (*Tie, *Tie) {
	return New(1, 2, "a:1", limits), New(2, 1, "b:1", limits)
}

func TestMessagesArriveInOrderAndAreForgotten(t *testing.T) {
	a, b := pair()
	for n := range 10 {
		if err := a.Put(entry(n)); err != nil {
			t.Fatal(err)
		}
	}
	if got := numbers(carry(a, b, start).Entries); !slices.Equal(got, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}) {
		t.Fatalf("took %v", got)
	}
	if a.Waiting() != 10 || b.Frame(start) != nil {
		t.Errorf("%d wait before an acknowledgement is due", a.Waiting())
	}
	carry(b, a, start.Add(ackDelay))
	if a.Waiting() != 0 || a.Counts().Bytes != 0 || b.Busy() || a.Busy() {
		t.Errorf("after the acknowledgement: %+v, busy %v %v", a.Counts(), a.Busy(), b.Busy())
	}
}

func TestLostFramesGoAgain(t *testing.T) {
	a, b := pair()
	for n := range 3 {
		_ = a.Put(entry(n))
		a.Frame(start) // lost
	}
	_ = a.Put(entry(3))
	if got := carry(a, b, start).Entries; got != nil {
		t.Fatalf("took %v behind a gap", numbers(got))
	}
	a.Tick(start.Add(firstAgain - 1))
	if a.Frame(start.Add(firstAgain-1)) != nil {
		t.Error("sent again too early")
	}
	a.Tick(start.Add(firstAgain))
	if got := numbers(carry(a, b, start.Add(firstAgain)).Entries); !slices.Equal(got, []int{0, 1, 2, 3}) {
		t.Errorf("took %v", got)
	}
	a.Reconnected() // reconnected before the acknowledgement came
	later := start.Add(time.Second)
	if got := carry(a, b, later); got.Entries != nil || b.Counts().Repeated != 4 {
		t.Errorf("took %v again", numbers(got.Entries))
	}
	if carry(b, a, later.Add(ackDelay)); a.Waiting() != 0 {
		t.Error("what came again was not acknowledged")
	}
}

func TestFullTieRefuses(t *testing.T) {
	a := New(1, 2, "", Limits{Entries: 2, Bytes: 1000})
	_ = a.Put(entry(1))
	if err := a.Put(&msg.LinkEntry{Body: make([]byte, 1000)}); !errors.Is(err, ErrFull) {
		t.Errorf("too many bytes: %v", err)
	}
	_ = a.Put(entry(2))
	if err := a.Put(entry(3)); !errors.Is(err, ErrFull) {
		t.Errorf("too many entries: %v", err)
	}
	one := New(1, 2, "", Limits{Entries: 2, Bytes: 1000})
	if err := one.Put(&msg.LinkEntry{Body: make([]byte, 5000)}); err != nil {
		t.Errorf("a large message alone must pass: %v", err)
	}
}

// A side that breaks off is found out by the other, whether it still has something to say or not.
func TestBreakIsMutual(t *testing.T) {
	for name, talks := range map[string]bool{"it says something": true, "the other does": false} {
		t.Run(name, func(t *testing.T) {
			a, b := pair()
			_, _ = a.Put(entry(1)), b.Put(entry(2))
			carry(a, b, start)
			carry(b, a, start)
			_, _ = a.Put(entry(3)), b.Put(entry(4))
			if lost := numbers(a.Break()); !slices.Equal(lost, []int{3}) && !slices.Equal(lost, []int{1, 3}) {
				t.Errorf("dropped %v", lost)
			}
			if talks {
				_ = a.Put(entry(5))
				if got := carry(a, b, start); !got.Broken || !slices.Equal(numbers(got.Entries), []int{5}) {
					t.Errorf("the other took %+v", got)
				}
			} else {
				if got := carry(b, a, start); got.Broken || got.Entries != nil {
					t.Errorf("took %+v of an epoch that was over", got)
				}
				if got := carry(a, b, start); !got.Broken {
					t.Error("the other does not know")
				}
			}
			_, _ = a.Put(entry(6)), b.Put(entry(7))
			if got := carry(a, b, start); got.Broken || !slices.Equal(numbers(got.Entries), []int{6}) {
				t.Errorf("the new epoch brought %+v", got)
			}
			if got := carry(b, a, start); got.Broken || !slices.Equal(numbers(got.Entries), []int{7}) {
				t.Errorf("the other way it brought %+v", got)
			}
		})
	}
}

func TestStrangersBringNothing(t *testing.T) {
	a, b := pair()
	_ = a.Put(entry(1))
	f := a.Frame(start)
	for name, change := range map[string]func(*msg.LinkFrame){
		"another life of the receiver": func(f *msg.LinkFrame) { f.To = 9 },
		"another life of the sender":   func(f *msg.LinkFrame) { f.From = 9 },
		"an epoch that is over":        func(f *msg.LinkFrame) { f.Epoch = 0 },
		"no number":                    func(f *msg.LinkFrame) { f.First = 0 },
	} {
		forged := proto.Clone(f).(*msg.LinkFrame)
		if change(forged); b.Take(forged, start).Entries != nil {
			t.Errorf("%s: taken", name)
		}
	}
	if b.Take(f, start).Entries == nil {
		t.Error("the true one was refused")
	}
}

func TestBreakIsToldUntilItIsKnown(t *testing.T) {
	a, b := pair()
	_ = a.Put(entry(1))
	carry(a, b, start)
	a.Break()
	if a.Frame(start) == nil || !a.Busy() { // lost
		t.Fatal("the break is not told")
	}
	a.Tick(start.Add(lastAgain))
	if got := carry(a, b, start.Add(lastAgain)); !got.Broken {
		t.Error("a lost frame leaves the other believing in the tie")
	}
	_ = b.Put(entry(2))
	if carry(b, a, start); a.unheard {
		t.Error("an answer does not show that it knows")
	}
}

// network is two ties with frames under way on connections that keep their order, break, and may leave a late frame
// behind on the old one.
type network struct {
	ties  [2]*Tie
	wires [2][]*msg.LinkFrame // to that side
	late  [2][]*msg.LinkFrame
	put   [2]int   // last number put by a side, since its relation broke
	round [2]int   // grows when a side's relation breaks
	took  [2][]int // by a side, since its relation broke
	now   time.Time
}

func (n *network) send(side int) {
	for f := n.ties[side].Frame(n.now); f != nil; f = n.ties[side].Frame(n.now) {
		n.wires[1-side] = append(n.wires[1-side], proto.Clone(f).(*msg.LinkFrame))
	}
}

func (n *network) broke(side int) {
	n.round[side]++
	n.put[side], n.took[side] = 0, nil
}

func (n *network) arrive(t *rapid.T, side int, f *msg.LinkFrame) {
	got := n.ties[side].Take(f, n.now)
	if got.Broken {
		n.broke(side)
	}
	for _, v := range numbers(got.Entries) {
		want := 1
		if k := len(n.took[side]); k > 0 {
			want = n.took[side][k-1] + 1
		}
		if v != want {
			t.Fatalf("side %d took %d, want %d", side, v, want)
		}
		n.took[side] = append(n.took[side], v)
	}
}

func TestOnceAndInOrderWhateverBreaks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := pair()
		n := &network{ties: [2]*Tie{a, b}, now: start}
		for range rapid.IntRange(1, 150).Draw(t, "steps") {
			side := rapid.IntRange(0, 1).Draw(t, "side")
			n.now = n.now.Add(time.Duration(rapid.IntRange(0, 300).Draw(t, "ms")) * time.Millisecond)
			switch rapid.SampledFrom([]string{"put", "put", "put", "send", "send", "arrive", "arrive", "arrive",
				"late", "reconnect", "tick", "break"}).Draw(t, "what") {
			case "put":
				n.put[side]++
				if err := n.ties[side].Put(entry(n.put[side])); err != nil {
					t.Fatal(err)
				}
			case "send":
				n.send(side)
			case "arrive":
				if w := n.wires[side]; len(w) > 0 {
					n.wires[side] = w[1:]
					n.arrive(t, side, w[0])
				}
			case "late":
				if w := n.late[side]; len(w) > 0 {
					n.late[side] = w[1:]
					n.arrive(t, side, w[0])
				}
			case "reconnect":
				n.late[side] = n.wires[side]
				n.wires[side] = nil
				n.ties[1-side].Reconnected()
			case "tick":
				n.ties[side].Tick(n.now)
			case "break":
				n.ties[side].Break()
				n.broke(side)
			}
		}
		n.settle(t)
	})
}

// settle lets everything arrive: both sides must have taken all that the other has put since the last break.
func (n *network) settle(t *rapid.T) {
	for range 40 {
		n.now = n.now.Add(lastAgain)
		for side := range 2 {
			n.ties[side].Tick(n.now)
			n.send(side)
		}
		for side := range 2 {
			w := append(n.late[side], n.wires[side]...)
			n.wires[side], n.late[side] = nil, nil
			for _, f := range w {
				n.arrive(t, side, f)
			}
		}
	}
	for side := range 2 {
		if len(n.took[1-side]) != n.put[side] || n.ties[side].Waiting() != 0 {
			t.Fatalf("side %d has put %d, the other took %v; %d wait", side, n.put[side], n.took[1-side], n.ties[side].Waiting())
		}
	}
}
