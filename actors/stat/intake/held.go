package intake

import (
	"context"
	"errors"
	"time"

	"tandem/actors/stat/source"
	"tandem/conf"
)

// held is a source as its holder sees it. What of it must last is in the journal.
type held struct {
	name  string
	turn  chan struct{} // who has it takes an offer
	epoch uint64        // in which this member holds it; 0: it does not
	next  uint64        // number of the line that is wanted, for who has the turn; 0: the journal says

	// Guarded by Intake.mu:
	heard   time.Time // it was heard of
	gone    time.Time // its connection ended; zero: it has not
	conn    string
	address string
	asked   map[string]time.Time // calls that its adapter was asked for
	pace    pace                 // of lines, good or not
	refused []Refused            // the newest ones

	left  float64 // lines that it may send at once
	since time.Time
}

// hold is a source of this member, made anew where the member has come to hold it again.
func (i *Intake) hold(name string) (*held, bool) {
	epoch, mine := i.Member.Epoch(Kind, name)
	i.mu.Lock()
	defer i.mu.Unlock()
	h := i.held[name]
	if !mine {
		if h != nil {
			delete(i.held, name)
		}
		return nil, false
	}
	if h == nil || h.epoch != epoch {
		h = &held{name: name, epoch: epoch, turn: make(chan struct{}, 1), heard: i.Now(), asked: map[string]time.Time{}}
		i.held[name] = h
	}
	return h, true
}

// take takes an offer for a source that this member holds, when those before it are taken.
func (i *Intake) take(ctx context.Context, o Offer) (a Answer, err error) {
	setting, ok := i.Settings().Of(o.Source)
	if !ok {
		return a, ErrUnknown
	}
	ctx, cancel := context.WithTimeout(ctx, takeTime)
	defer cancel()
	h, ok := i.hold(o.Source)
	if !ok {
		return a, ErrNobody
	}
	select {
	case h.turn <- struct{}{}:
		defer func() { <-h.turn }()
	case <-ctx.Done():
		return a, ErrNobody
	}
	if goes, err := i.arrives(h, o); err != nil || !goes {
		return a, err
	}
	if h.next == 0 || o.Step == Opens {
		if err := i.Hall.CaughtUp(ctx); err != nil {
			return a, errors.Join(ErrNobody, err)
		}
		h.next = i.state(o.Source).Next
	}
	if o.Step == Opens {
		a.Next = h.next
		return a, nil
	}
	if a, err = i.write(ctx, h, o, setting); err == nil {
		a.Query = i.query(h)
	}
	return a, err
}

// arrives notes that an offer has come, and by which connection. False: it is no lines.
func (i *Intake) arrives(h *held, o Offer) (goes bool, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case o.Step == Ends:
		if h.conn == o.Conn {
			h.conn, h.gone = "", i.Now()
		}
		return false, nil
	case o.Step == Opens || h.conn == "" && o.Conn != "":
		h.conn = o.Conn
	case o.Conn != "" && o.Conn != h.conn:
		return false, ErrReplaced
	}
	h.heard, h.gone, h.address = i.Now(), time.Time{}, o.Address
	return true, nil
}

// write puts what is good of an offer into the journal. What this member has written is there, though the hall may not have
// taken it yet.
func (i *Intake) write(ctx context.Context, h *held, o Offer, s conf.Source) (a Answer, err error) {
	before := i.state(h.name)
	all, answers, err := i.sift(h, o, s)
	if err != nil {
		return a, err
	}
	if len(all.Lines) > 0 || all.Duplicates+all.Malformed > 0 || !before.Known || before.Lost {
		batch := source.Batch{Source: h.name, What: source.Lines, Arrived: i.Now().UnixMilli(), Member: i.Member.Name(),
			Rules: source.Rules{Switch: s.Switch, Media: s.Media, Arrival: s.Arrival, Ahead: s.Ahead.Milliseconds()}}
		if err := i.tell(ctx, h.name, all.Parts(batch)...); err != nil {
			h.next = 0 // it may be there or not
			return a, err
		}
	}
	i.note(h, answers)
	a = answers[0]
	a.Behind = answers[1:]
	h.next = all.Last + 1
	if before.Lost {
		i.Log.Info("a source of statistics is heard of again", "source", h.name, "next", h.next)
	}
	return a, nil
}

// note remembers for those who look what has come.
func (i *Intake) note(h *held, all []Answer) {
	i.mu.Lock()
	defer i.mu.Unlock()
	now := i.Now()
	for _, a := range all {
		h.pace.add(a.Taken+a.Malformed, now)
		h.refused = remember(h.refused, a.Faults, now)
	}
}

// sift finds what is good in the texts of an offer, with an answer for each. Behind one that must be refused no other one is
// looked at.
func (i *Intake) sift(h *held, o Offer, s conf.Source) (all source.Sifted, answers []Answer, err error) {
	ranges, err := rangesOf(s)
	if err != nil {
		return all, nil, err
	}
	all.Last = h.next - 1
	for n, text := range append([][]byte{o.Text}, o.Behind...) {
		sifted, err := source.Sift(text, all.Last+1, ranges)
		lines := uint64(len(sifted.Lines))
		if err != nil {
			err = &Refusal{err}
		} else if !h.allow(int(lines+sifted.Duplicates+sifted.Malformed), i.Settings().MaxRate, i.Now()) {
			err = ErrRate
		}
		if err != nil && n == 0 {
			return all, nil, err
		} else if err != nil {
			break
		}
		all.Add(sifted)
		answers = append(answers, Answer{Next: sifted.Last + 1, Taken: lines, Duplicates: sifted.Duplicates, Malformed: sifted.Malformed,
			Faults: sifted.Faults, Resend: sifted.Gap})
	}
	return all, answers, nil
}

// tell puts batches into the journal.
func (i *Intake) tell(ctx context.Context, name string, all ...source.Batch) error {
	var bodies [][]byte
	for n := range all {
		body, err := all[n].Encode()
		if err != nil {
			return err
		}
		bodies = append(bodies, body)
	}
	if err := i.Hall.Tell(ctx, name, bodies...); err != nil {
		return errors.Join(ErrNobody, err)
	}
	return nil
}

// allow counts lines, of whatever kind, since each is work: as many as a second's may come at once.
func (h *held) allow(lines, rate int, now time.Time) bool {
	if h.since.IsZero() {
		h.left = float64(max(rate, source.MaxLines))
	} else {
		h.left = min(h.left+now.Sub(h.since).Seconds()*float64(rate), float64(max(rate, source.MaxLines)))
	}
	h.since = now
	if float64(lines) > h.left {
		return false
	}
	h.left -= float64(lines)
	return true
}

func rangesOf(s conf.Source) (all []source.Range, err error) {
	for _, text := range s.Objects {
		r, err := source.ParseRange(text)
		if err != nil {
			return nil, &Refusal{err}
		}
		all = append(all, r)
	}
	return all, nil
}

// state is how a source stands, as the journal has it.
func (i *Intake) state(name string) (s source.State) {
	i.Hall.Sources(func(b *source.Book) { s = b.State(name) })
	return s
}
