package slot

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/actors/acttest"
)

var noon = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

const leaseTime = 12 * time.Second

// TestTranscripts tells stories to the table of member a (boot 1). Events:
//
//	store good|down|slow|blind   answers and shows all; fails; says nothing; writes, but its watch stands still
//	alive b/2 c/3                these are UP and renew their sessions, each 2 s
//	up b/2 c/3                   these are UP, whatever their sessions
//	start ... copied             what is told between them was in the store before us
//	tick 5s                      time passes, in steps of 100 ms
//	pause 5s                     time passes, and nothing is told
//	session b/2 [ADDRESS], record 5 b/2, delete 5, surely 2, thawed 3s, leave, entry KEY VALUE
//	records 0 31 b/2             each slot from one to the other
//	over 2                       a life before ours was declared dead
//	renewed ok|failed, claimed 5 ok|failed, handed 5 ok|failed, drained 5
//	older ok, drained-before 5   the same for the renewal before the last one, and an earlier ownership
//	drains on|off                whether each Disown is reported Drained at once
//	owner 5, owners, left
func TestTranscripts(t *testing.T) {
	acttest.Play(t, "testdata", func(t *testing.T) acttest.Player { return newTeller(t) })
}

// teller is the owner of a table, its store and its clock.
type teller struct {
	t        *testing.T
	table    *Table
	now      time.Time
	revision uint64
	records  [Slots + 1]uint64
	own      uint64 // revision of our session's key
	store    string
	drains   bool
	alive    []Holder
	renewal  uint64
	givenTo  [Slots + 1]Holder
	epochs   [Slots + 1]uint64
	lines    []line
}

// line is what happened at one time, for several slots.
type line struct {
	at    time.Time
	what  string
	slots []Slot
}

func newTeller(t *testing.T) *teller {
	table := New(Options{Member: "a", Boot: 1, Address: "a:7010", Lease: leaseTime})
	table.copied = true
	return &teller{t: t, table: table, now: noon, store: "good", drains: true}
}

// Do acts out one line.
func (p *teller) Do(event string) []string {
	p.lines = nil
	words := strings.Fields(event)
	if !p.tell(words[0], words[1:]) && !p.show(words[0], words[1:]) {
		p.t.Fatalf("unknown event %q", event)
	}
	return p.text()
}

func (p *teller) tell(word string, args []string) bool {
	switch word {
	case "store":
		p.store = args[0]
	case "drains":
		p.drains = args[0] == "on"
	case "alive":
		p.alive = p.holders(args)
		p.perform(p.table.Living(append(p.alive, p.table.me), p.now))
		p.showSessions()
	case "up":
		p.perform(p.table.Living(p.holders(args), p.now))
	case "tick":
		p.tick(p.duration(args[0]))
	case "pause":
		p.now = p.now.Add(p.duration(args[0]))
	case "session":
		p.session(p.holder(args[0]), args[1:]...)
	case "record":
		p.record(p.slot(args[0]), p.holder(args[1]))
	case "records":
		for n := p.slot(args[0]); n <= p.slot(args[1]); n++ {
			p.record(n, p.holder(args[2]))
		}
	case "delete":
		s := p.slot(args[0])
		p.records[s] = p.next()
		p.perform(p.table.Record(s, Holder{}, p.records[s], true, p.now))
	case "surely":
		p.perform(p.table.Surely(p.holder("?/"+args[0]).Boot, p.now))
	case "over":
		p.perform(p.table.Over(p.holder("?/"+args[0]).Boot, p.now))
	case "start":
		p.table.copied = false
	case "copied":
		p.perform(p.table.Copied(p.now))
	case "thawed":
		p.perform(p.table.Thawed(p.duration(args[0]), p.now))
	case "leave":
		p.perform(p.table.Leave(p.now))
	case "entry":
		revision := p.next()
		if s, ok := ParseKey(args[0]); ok {
			p.records[s] = revision
		}
		effects, ok := p.table.Entry(args[0], []byte(strings.Join(args[1:], " ")), revision, false, p.now)
		p.note(fmt.Sprintf("understood %v", ok))
		p.perform(effects)
	default:
		return p.report(word, args)
	}
	return true
}

// report gives the result of a write.
func (p *teller) report(word string, args []string) bool {
	ok := len(args) > 0 && args[len(args)-1] == "ok"
	switch word {
	case "renewed":
		p.renewed(ok)
	case "older":
		p.perform(p.table.Renewed(p.renewal-1, ok, p.next(), p.now))
	case "claimed":
		p.claimed(p.slot(args[0]), ok)
	case "handed":
		p.handed(p.slot(args[0]), ok)
	case "drained":
		s := p.slot(args[0])
		p.perform(p.table.Drained(s, p.epochs[s], p.now))
	case "drained-before":
		s := p.slot(args[0])
		p.perform(p.table.Drained(s, p.epochs[s]-1, p.now))
	default:
		return false
	}
	return true
}

func (p *teller) show(word string, args []string) bool {
	switch word {
	case "owner":
		o, ok := p.table.Owner(p.slot(args[0]), p.now)
		p.note(fmt.Sprintf("%v mine=%v known=%v", o.Holder, o.Mine, ok))
	case "owners":
		count := map[string]int{}
		for s := range Slot(Slots) {
			o, ok := p.table.Owner(s, p.now)
			if !ok {
				o.Holder = Holder{}
			}
			count[o.Holder.String()]++
		}
		p.note(strings.TrimPrefix(fmt.Sprint(count), "map"))
	case "left":
		p.note(fmt.Sprint(p.table.Left()))
	default:
		return false
	}
	return true
}

func (p *teller) tick(d time.Duration) {
	for end := p.now.Add(d); p.now.Before(end); {
		p.now = p.now.Add(100 * time.Millisecond)
		if p.now.Sub(noon)%(2*time.Second) == 0 {
			p.showSessions()
		}
		p.perform(p.table.Tick(p.now))
	}
}

func (p *teller) showSessions() {
	for _, h := range p.alive {
		p.session(h)
	}
}

// session shows a session that was written at an address, that of the name if none is given.
func (p *teller) session(h Holder, at ...string) {
	r := p.next()
	if h.Member == p.table.me.Member {
		p.own = r
	}
	p.perform(p.table.Session(h.Member, h.Boot, append(at, h.Member+":7010")[0], r, p.now))
}

// perform does what the table wants, as the store is.
func (p *teller) perform(effects []Effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case Renew:
			p.renewal = e.Serial
			if e.Expect != p.own {
				p.t.Fatalf("a renewal expects %d, the session has %d", e.Expect, p.own)
			}
			p.answer(func(ok bool) { p.renewed(ok) }, "renew")
		case Claim:
			if e.Expect != p.records[e.Slot] && p.records[e.Slot] != 0 {
				p.t.Fatalf("claim of %v expects %d, the record has %d", e.Slot, e.Expect, p.records[e.Slot])
			}
			p.note("claim", e.Slot)
			p.answer(func(ok bool) { p.claimed(e.Slot, ok) }, "")
		case Own:
			p.epochs[e.Slot] = e.Epoch
			p.note("own", e.Slot)
		case Disown:
			p.note("disown, "+e.Why.String()+":", e.Slot)
			if p.drains {
				p.perform(p.table.Drained(e.Slot, e.Epoch, p.now))
			}
		case Release:
			p.givenTo[e.Slot] = e.To
			p.note("release to "+e.To.Member, e.Slot)
			p.answer(func(ok bool) { p.handed(e.Slot, ok) }, "")
		case Fence:
			p.note("fence: " + e.Why)
		case Held:
			p.note(fmt.Sprintf("held by %08x at %s", e.Boot, e.Address))
		}
	}
}

// answer answers a write as the store is; what gets no answer is noted.
func (p *teller) answer(report func(ok bool), noted string) {
	switch {
	case p.store != "slow":
		report(p.store != "down")
	case noted != "":
		p.note(noted)
	}
}

func (p *teller) renewed(ok bool) {
	r := p.next()
	if ok {
		p.own = r
	}
	p.perform(p.table.Renewed(p.renewal, ok, r, p.now))
	if ok && p.store != "blind" {
		p.perform(p.table.Session("a", 1, "a:7010", r, p.now))
	}
}

func (p *teller) claimed(s Slot, ok bool) {
	r := p.next()
	if ok {
		p.records[s] = r
	}
	p.perform(p.table.Claimed(s, ok, r, p.now))
}

func (p *teller) handed(s Slot, ok bool) {
	r := p.next()
	if ok {
		p.records[s] = r
	}
	p.perform(p.table.HandedOver(s, ok, r, p.now))
}

func (p *teller) record(s Slot, h Holder) {
	p.records[s] = p.next()
	p.perform(p.table.Record(s, h, p.records[s], false, p.now))
}

func (p *teller) next() uint64 { p.revision++; return p.revision }

// note joins what happens to several slots at one time.
func (p *teller) note(what string, slots ...Slot) {
	for i := range p.lines {
		if l := &p.lines[i]; l.what == what && l.at.Equal(p.now) && len(slots) > 0 {
			l.slots = append(l.slots, slots...)
			return
		}
	}
	p.lines = append(p.lines, line{p.now, what, slots})
}

func (p *teller) text() (out []string) {
	for _, l := range p.lines {
		text := fmt.Sprintf("%v %s", l.at.Sub(noon), l.what)
		slices.Sort(l.slots)
		if len(l.slots) > 4 {
			text += fmt.Sprintf(" %v and %d more", l.slots[0], len(l.slots)-1)
		} else if len(l.slots) > 0 {
			text += " " + strings.Trim(fmt.Sprint(l.slots), "[]")
		}
		out = append(out, text)
	}
	return out
}

func (p *teller) duration(text string) time.Duration {
	d, err := time.ParseDuration(text)
	p.must(err)
	return d
}

func (p *teller) slot(word string) Slot {
	if word == "controller" {
		return Controller
	}
	n, err := strconv.Atoi(word)
	p.must(err)
	return Slot(n)
}

func (p *teller) holder(word string) Holder {
	name, boot, _ := strings.Cut(word, "/")
	n, err := strconv.ParseUint(boot, 10, 32)
	p.must(err)
	return Holder{name, uint32(n)}
}

func (p *teller) holders(words []string) (all []Holder) {
	for _, w := range words {
		all = append(all, p.holder(w))
	}
	return all
}

func (p *teller) must(err error) {
	if err != nil {
		p.t.Helper()
		p.t.Fatal(err)
	}
}
