package leg

import (
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/actors/store"
	"tandem/media"
)

// The facts that a leg writes into the journal; the body of all is its LegRecord, as it is then. Every leg has one
// FactStarted and one FactEnded; that of a member which died is written by who finds it missing. Between them the legs of
// accounts have a FactChanged when the party rings that is called, when the call is answered, and when the party holds it
// or takes it back. It may be missing: what it told, but a hold that is over, is in the record of the end too.
const (
	FactStarted = "leg.started"
	FactChanged = "leg.changed"
	FactEnded   = "leg.ended"
)

// again is the pause before a record is offered once more to a journal that is full.
const again = time.Second

// write puts the leg's record into the journal. A record of an end is shown in lists once it is
// durable; then, and not before, the actor may go. What the leg held besides is free by then.
func (a *legActor) write(ctx actor.Context, over bool) {
	fact, record := a.fact(over)
	if over {
		a.free()
	} else {
		a.floor.Opened(record.Leg, 0)
	}
	var err error
	if fact.Body, err = proto.Marshal(record); err == nil {
		err = a.floor.Journal.Append(fact, a.floor.written(record, over, a.log))
	}
	switch {
	case errors.Is(err, store.ErrFull):
		a.log.Debug("journal has no room; trying again", "fact", fact.Kind)
		cluster.After(ctx, again, &writeAgain{over})
		return
	case err != nil:
		a.log.Error("record is lost", "fact", fact.Kind, "err", err)
	}
	if over {
		a.filed = true
		a.floor.Table.drop(record.Leg) // the actor may live on for what was recorded
		a.leave(ctx)
	}
}

// writeChange writes what has become of the leg. Nothing waits for it, and where the journal has no room it is left out.
func (a *legActor) writeChange() {
	r := clipped(a.machine.record)
	body, err := proto.Marshal(r)
	if err == nil {
		fact := store.Fact{Kind: FactChanged, Subject: r.Leg, At: a.machine.now, Body: body}
		err = a.floor.Journal.Append(fact, func(_ uint64, err error) {
			if err != nil {
				a.log.Warn("a change of a leg is not written", "err", err)
			}
		})
	}
	if err != nil {
		a.log.Warn("a change of a leg is lost", "err", err)
	}
}

// fact is the fact to write, without its body, and the record as it stands; at the end the record gets
// its last figures.
func (a *legActor) fact(over bool) (store.Fact, *msg.LegRecord) {
	r := a.machine.record
	if over {
		a.endKept() // the record says where it is
	}
	if over && a.stream != nil {
		r.Media = measured(a.stream.Stats())
	}
	f := store.Fact{Kind: FactStarted, Subject: r.Leg, At: time.UnixMilli(r.Started)}
	if over {
		f.Kind, f.At = FactEnded, time.UnixMilli(r.Ended)
	}
	return f, clipped(r)
}

// clipped is a record as the journal has it.
func clipped(r *msg.LegRecord) *msg.LegRecord {
	r = proto.CloneOf(r)
	for _, text := range []*string{&r.Account, &r.From, &r.To, &r.Agent, &r.Reason, &r.Number, &r.SipCallId, &r.Queue, &r.Caller} {
		*text = clip(*text)
	}
	return r
}

// maxText bounds each text of a record, in bytes: phones write what they like.
const maxText = 256

func clip(s string) string {
	return strings.ToValidUTF8(s[:min(len(s), maxText)], "?")
}

// written is what follows when the journal has the fact. It runs on a goroutine of the store.
func (f *Floor) written(r *msg.LegRecord, over bool, log *slog.Logger) func(uint64, error) {
	return func(position uint64, err error) {
		switch {
		case errors.Is(err, store.ErrKept):
			log.Warn("record waits for the next start", "over", over)
		case err != nil:
			log.Error("record is not written", "over", over, "err", err)
		case over:
			f.Closed(r)
			f.Table.Add(r)
		default:
			f.Opened(r.Leg, position)
		}
	}
}

// measured is the stream's account of itself in the record's form.
func measured(s media.Stats) *msg.LegMedia {
	return &msg.LegMedia{
		Codec: s.Codec, Encryption: s.Encryption, Sent: s.Sent, Received: s.Received, Lost: s.Lost, LossRatio: s.LossRatio,
		JitterUs: s.Jitter.Microseconds(), RoundTripUs: s.RoundTrip.Microseconds(), Mos: s.MOS,
		RemoteLossRatio: s.RemoteLossRatio, Discarded: s.Discarded,
		FaxSent: s.Fax.Sent, FaxReceived: s.Fax.Received, FaxLost: s.Fax.Lost,
	}
}
