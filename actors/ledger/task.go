package ledger

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"tandem/actors/form"
	"tandem/actors/store"
	"tandem/signal"
	"tandem/ximss/object"
)

// Keys of a named task as it is stored and shown.
const (
	OwnerKey   = "owner"
	programKey = "Program Name"
)

// takeNamedTask gives the directory what the store has of a Named Task now. One without a program is none yet.
func (l *Ledger) takeNamedTask(e store.Entry) {
	aor := signal.AOR(strings.TrimPrefix(e.Key, taskKind))
	text, _ := l.Named(NamedTasks, aor)
	d := form.Dictionary(text)
	l.Directory.SetNamedTask(aor, d.Get(programKey).Text(), signal.AOR(d.Get(OwnerKey).Text()))
}

// Limits of scheduled tasks.
const (
	MinPeriod    = 10                   // seconds: keeps one from being started without end
	maxPeriod    = 10 * 365 * 24 * 3600 // seconds
	maxScheduled = 100                  // of one account
)

// Scheduled is a program that a clock starts in an account's name.
type Scheduled struct {
	Account   signal.AOR
	ID        string
	Program   string
	Parameter object.Value
	When      time.Time // the next start
	Period    string    // "" once; day, week, month, year, or seconds: see next
}

// Scheduled are the scheduled tasks of all accounts, in the order of their accounts.
func (l *Ledger) Scheduled() []Scheduled {
	var all []Scheduled
	l.Store.Bucket(store.Settings).Range(scheduleKind, func(e store.Entry) bool {
		d := form.Dictionary(string(e.Value))
		for i := range d.Len() {
			id, _ := d.Key(i)
			one := d.At(i).Dictionary()
			seconds, _ := one.Get("when").Seconds()
			all = append(all, Scheduled{Account: signal.AOR(strings.TrimPrefix(e.Key, scheduleKind)), ID: id,
				Program: one.Get("program").Text(), Parameter: one.Get("parameter"),
				When: time.Unix(seconds, 0).UTC(), Period: one.Get("period").Text()})
		}
		return true
	})
	return all
}

// FollowSchedule has told called whenever a scheduled task changes, by whatever member, until stop.
func (l *Ledger) FollowSchedule(told func()) (stop func()) {
	return l.Store.Bucket(store.Settings).Watch(func(e store.Entry) {
		if strings.HasPrefix(e.Key, scheduleKind) {
			told()
		}
	})
}

// Schedule keeps a scheduled task under its id, or ends it where one is nil.
func (l *Ledger) Schedule(ctx context.Context, aor signal.AOR, id string, one *object.Dictionary, w store.Write) error {
	return l.rewrite(ctx, scheduleKind+string(aor), w, func(all *object.Dictionary) error {
		if one == nil {
			all.Delete(id)
			return nil
		}
		all.Set(id, one.Value())
		if all.Len() > maxScheduled {
			return refuse(Conflict, "%d scheduled tasks: at most %d", all.Len(), maxScheduled)
		}
		return nil
	})
}

// ErrNotDue says that somebody else has started a scheduled task already, or has changed it.
var ErrNotDue = errors.New("not due any more")

// TakeScheduled takes it on to start a scheduled task, unless another member does: who writes its next time starts
// it. So a start may be lost in a crash, and is never done twice. It tells the next time, where again is true.
func (l *Ledger) TakeScheduled(ctx context.Context, s Scheduled, now time.Time) (next time.Time, again bool, err error) {
	next, again = following(s.When, s.Period, now)
	w := store.Write{Author: string(s.Account), Reason: "scheduled task is started"}
	err = l.rewrite(ctx, scheduleKind+string(s.Account), w, func(all *object.Dictionary) error {
		one := all.Get(s.ID).Dictionary()
		if at, _ := one.Get("when").Seconds(); one == nil || at != s.When.Unix() {
			return ErrNotDue
		}
		if again {
			one.Set("when", object.Date(next.Unix()))
		} else {
			all.Delete(s.ID)
		}
		return nil
	})
	return next, again, err
}

// PeriodFits tells whether a text is a period.
func PeriodFits(text string) bool {
	_, ok := nextPeriod(time.Unix(0, 0), text)
	return ok || text == ""
}

// nextPeriod is the start that follows one; false: there is none.
func nextPeriod(when time.Time, period string) (time.Time, bool) {
	switch period {
	case "":
		return time.Time{}, false
	case "day":
		return when.AddDate(0, 0, 1), true
	case "week":
		return when.AddDate(0, 0, 7), true
	case "month":
		return when.AddDate(0, 1, 0), true
	case "year":
		return when.AddDate(1, 0, 0), true
	}
	seconds, err := strconv.ParseInt(period, 10, 64)
	if err != nil || seconds < MinPeriod || seconds > maxPeriod {
		return time.Time{}, false
	}
	return when.Add(time.Duration(seconds) * time.Second), true
}

// following is the first time after now of what was due at when; false: there is none.
func following(when time.Time, period string, now time.Time) (time.Time, bool) {
	if seconds, err := strconv.ParseInt(period, 10, 64); err == nil && seconds >= MinPeriod && now.After(when) {
		missed := int64(now.Sub(when)/time.Second) / seconds
		when = when.Add(time.Duration(missed*seconds) * time.Second)
	}
	for {
		next, ok := nextPeriod(when, period)
		if !ok || next.After(now) {
			return next, ok
		}
		when = next
	}
}
