package queuelog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/actors/queuelog/writer"
	"tandem/actors/store"
)

// TestShares deals lines out to members, told as "member verb call agent" and where each goes.
func TestShares(t *testing.T) {
	var s shares
	for _, row := range []struct{ line, want string }{
		{"one QUEUESTART NONE NONE", "one"},
		{"one ENTERQUEUE c1 NONE", "one"},
		{"two AGENTLOGIN c9 1002", "two"},    // the call of a code that he dialled says nothing of where he is
		{"one PAUSEALL MANAGER 1002", "two"}, // whoever owns him now, he stays
		{"two CONNECT c1 1002", "one"},       // and so does a call whose queue has another owner
		{"two CALLSTATUS c1 1002", "one"},
		{"one AGENTLOGOFF c9 1002", "two"},
		{"one AGENTLOGIN c8 1002", "one"}, // he begins anew
		{"one PAUSEREASON NONE 1003", "one"},
		{"a/b- INFO NONE NONE", "a_b"},
		{" INFO NONE NONE", "tandem"},
		{"two QUEUESTART NONE NONE", "a_b one tandem two"}, // nothing is left of any
		{"two COMPLETECALLER c1 1002", "two"},
	} {
		words := strings.Split(row.line, " ")
		l := &msg.FactLine{Member: words[0], Verb: words[1], Call: words[2], Agent: words[3]}
		if l.Verb == "QUEUESTART" {
			l.Call = ""
		}
		if got := strings.Join(s.of(l), " "); got != row.want {
			t.Errorf("%s: %s, want %s", row.line, got, row.want)
		}
	}
	for i := range 4 * maxCallHomes {
		s.of(&msg.FactLine{Member: "one", Verb: "ENTERQUEUE", Call: fmt.Sprint("call", i)})
	}
	if n := len(s.Calls.Recent) + len(s.Calls.Older); n > 2*maxCallHomes {
		t.Errorf("%d calls are remembered", n)
	}
}

// ground is a journal, raw lines and a shelf in memory, all of which fail now and then: before or behind what they do.
type ground struct {
	facts  []store.Fact
	pieces map[string][]store.Piece
	serial uint64
	shelf  map[string][]byte
	random *rand.Rand
	often  int // one of so many fails; 0: none
}

var errAway = errors.New("away")

func (g *ground) fails() bool { return g.often > 0 && g.random.IntN(g.often) == 0 }

func (g *ground) Last() uint64 { return uint64(len(g.facts)) }

func (g *ground) Read(_ context.Context, from uint64, f func(store.Fact) bool) error {
	for _, fact := range g.facts[min(max(from, 1)-1, g.Last()):] {
		if g.often > 0 && g.random.IntN(20) == 0 {
			return errAway
		}
		if !f(fact) {
			break
		}
	}
	return nil
}

type groundLines struct{ *ground }

func (g groundLines) Last(_ context.Context, name string) (store.Piece, bool, error) {
	all := g.pieces[name]
	if len(all) == 0 {
		return store.Piece{}, false, nil
	}
	return all[len(all)-1], true, nil
}

func (g groundLines) Append(ctx context.Context, p store.Piece, after uint64) (uint64, error) {
	if g.fails() {
		return 0, errAway
	}
	if last, _, _ := g.Last(ctx, p.Partition); last.Sequence != after {
		return 0, store.ErrConflict
	}
	g.serial++
	p.Sequence = g.serial
	g.pieces[p.Partition] = append(g.pieces[p.Partition], p)
	if g.fails() {
		return 0, errAway
	}
	return g.serial, nil
}

func (g *ground) Get(key string) (store.Entry, bool) {
	b, ok := g.shelf[key]
	return store.Entry{Value: b}, ok
}

func (g *ground) Put(_ context.Context, key string, value []byte, _ store.Write) (uint64, error) {
	if g.fails() {
		return 0, errAway
	}
	g.shelf[key] = value
	return 1, nil
}

func (g *ground) own() *Own {
	return &Own{Lines: groundLines{g}, Journal: g, Kept: g, Name: "j", Refusals: func() bool { return false }, Log: slog.New(slog.DiscardHandler)}
}

func (g *ground) add(member, call string, what msg.QueueFact_What, by uint64, verb string) {
	body, _ := proto.Marshal(&msg.QueueFact{What: what, Queue: "sales", Caller: call, By: by,
		Line: &msg.FactLine{Call: call, Queue: "sales", Verb: verb, Member: member}})
	g.facts = append(g.facts, store.Fact{Kind: writer.QueueKind, At: time.Unix(1700000000+int64(len(g.facts)), 0), Body: body, Position: g.Last() + 1})
}

// TestOwn has three members deal out a journal that grows, in turn and at once, with a store that fails and members that
// die; whatever two owners of a queue have both told. In the end each line is in the partition of its call's member, once.
func TestOwn(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 8))
		g := &ground{pieces: map[string][]store.Piece{}, shelf: map[string][]byte{}, random: r, often: 4}
		members := []*Own{g.own(), g.own(), g.own()}
		want := map[string][]string{}
		calls := 0
		for range 200 {
			switch r.IntN(6) {
			case 0: // one dies, or begins or ends to lead
				members[r.IntN(3)] = g.own()
			case 1, 2:
				calls++
				call, home := fmt.Sprint("c", calls), []string{"a", "b", "c"}[r.IntN(3)]
				for i, verb := range []string{"ENTERQUEUE", "ABANDON"} {
					at := 1700000000 + len(g.facts)
					what := []msg.QueueFact_What{msg.QueueFact_ENTERED, msg.QueueFact_ABANDONED}[i]
					g.add([]string{home, "x"}[i], call, what, 7, verb) // who tells the end does not know any more where it lived
					if r.IntN(3) == 0 {
						g.add("b", call, what, 9, verb)
					}
					want[home] = append(want[home], fmt.Sprintf("%d|%s|sales|NONE|%s|", at, call, verb))
				}
			default:
				m := members[r.IntN(3)]
				if m.round(t.Context()) != nil {
					m.at = nil
				}
				m.saved = time.Time{} // so that marks are made often
			}
		}
		g.often = 0
		for _, m := range members {
			if err := m.round(t.Context()); err != nil {
				m.at = nil
				if err := m.round(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		for name, pieces := range g.pieces {
			var got []string
			for _, p := range pieces {
				if p.From != uint64(len(got)) {
					t.Fatalf("seed %d: a piece of %s begins at line %d, and there are %d", seed, name, p.From, len(got))
				}
				for _, l := range p.Lines {
					got = append(got, string(l))
				}
			}
			if !slices.Equal(got, want[name]) {
				t.Fatalf("seed %d: partition %s has\n%s\nwant\n%s", seed, name, strings.Join(got, "\n"), strings.Join(want[name], "\n"))
			}
			delete(want, name)
		}
		if len(want) > 0 {
			t.Fatalf("seed %d: partitions are missing: %v", seed, want)
		}
	}
}

// TestOwnRefused: nobody loads a file into the partition of a member.
func TestOwnRefused(t *testing.T) {
	p := New()
	p.Looked(Head{Sequence: 4, Lines: 9, Note: &msg.PartitionNote{Writer: OwnWriter, File: "j", Offset: 7}}, Failure{}, time.Unix(1700000000, 0))
	for _, e := range p.Load(1, &msg.PartitionLoad{Writer: &msg.PartitionWriter{Name: "w", Run: "1"}, Text: []byte("1|c|q|a|INFO|\n")}, time.Unix(1700000000, 0)) {
		if a, ok := e.(Answer); !ok || a.Loaded.Refusal != Ours {
			t.Errorf("%+v", e)
		}
	}
}
