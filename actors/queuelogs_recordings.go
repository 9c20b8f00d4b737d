package actors

import (
	"context"
	"errors"
	"io"
	"path"
	"slices"
	"sync"
	"time"

	"tandem/actors/queuelog/recording"
	"tandem/actors/queuelog/report"
	"tandem/actors/queuelog/table"
	"tandem/web"
)

// logRecordings answers web.LogRecordings.
type logRecordings struct {
	*House
	rules *recordingRules
}

// recordingRules are the rules as they were read last, so that a change of the settings acts at once.
type recordingRules struct {
	sync.Mutex
	texts  []string
	zone   string
	finder *recording.Finder
	err    error
}

// of are the rules of a configuration.
func (r *recordingRules) of(texts []string, zone string) (*recording.Finder, error) {
	r.Lock()
	defer r.Unlock()
	if r.finder != nil && r.zone == zone && slices.Equal(r.texts, texts) {
		return r.finder, r.err
	}
	place, err := time.LoadLocation(zone)
	if err != nil {
		return nil, err
	}
	r.texts, r.zone = slices.Clone(texts), zone
	r.finder, r.err = recording.New(texts, place)
	return r.finder, r.err
}

// maxStay is how long after its first moment a call is looked for, and beforeStay how long before it, in seconds.
const (
	maxStay    = 24 * 3600
	beforeStay = 2
)

// maxOwnRecordings is how many recordings of our own one call is shown with.
const maxOwnRecordings = 50

// stints finds the call, by what its queue_log says. One that nobody has a right to hear is none.
func (l logRecordings) stints(ctx context.Context, by web.Asker, c web.LogCall) (all []report.Stint, err error) {
	none := web.NotFound("there is no call %s that you may hear", clipped(c.String()))
	source, err := report.ParseSource("sql:" + c.Partition)
	if err != nil {
		return nil, none
	}
	ask := report.Ask{}
	if at := c.Entered(); at > 0 {
		ask.From, ask.To = at-beforeStay, at+maxStay
	}
	who := recordings{l.House}.listener(by)
	err = l.tables.Stints(ctx, source, ask, func(s *report.Stint) bool {
		if s.CallID == c.ID && (recordings{l.House}).may(by, who, s.Queue) {
			all = append(all, *s)
		}
		return true
	})
	if errors.Is(err, table.ErrNoPartition) || err == nil && len(all) == 0 {
		return nil, none
	}
	return all, err
}

// find looks for the recordings of a call.
func (l logRecordings) find(ctx context.Context, by web.Asker, c web.LogCall) (f *recording.Finder, all []recording.Found, trouble error, err error) {
	conf := l.live.Conf().Reports
	if f, err = l.rules.of(conf.Rules(), conf.RecordingsZone); err != nil {
		return nil, nil, nil, web.Unavailable("reports.recordings can not be read")
	}
	stints, err := l.stints(ctx, by, c)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, s := range stints {
		found, failed := f.Find(ctx, recording.Call{Partition: s.Partition, CallID: s.CallID, Queue: s.Queue, Agent: s.Agent, Caller: s.Caller,
			Enter: s.Enter, Connect: s.Connect, End: s.End})
		if failed != nil {
			trouble = failed
		}
		for _, one := range found {
			if !slices.ContainsFunc(all, one.Same) {
				all = append(all, one)
			}
		}
	}
	return f, all, trouble, nil
}

func soundOf(f recording.Found) web.LogRecording {
	return web.LogRecording{Name: f.Name, Size: f.Size, Kind: f.Kind}
}

// Find implements web.LogRecordings.
func (l logRecordings) Find(ctx context.Context, by web.Asker, c web.LogCall) (all []web.LogRecording, trouble string, err error) {
	_, found, failed, err := l.find(ctx, by, c)
	for _, f := range found {
		all = append(all, soundOf(f))
	}
	if err == nil { // calls of our own queues have names that nobody else gives
		for _, r := range (recordings{l.House}).Recordings(by, web.RecordingQuery{Call: c.ID, Limit: maxOwnRecordings}) {
			all = append(all, web.LogRecording{Name: path.Base(r.File), Size: r.Size, Kind: "audio/wav", Href: r.Address()})
		}
	}
	if failed != nil {
		trouble = "Some places did not answer."
		l.log.Warn("recordings of a call can not be looked for everywhere", "call", c.String(), "error", failed)
	}
	return all, trouble, err
}

// Open implements web.LogRecordings.
func (l logRecordings) Open(ctx context.Context, by web.Asker, c web.LogCall, number int) (web.LogRecording, io.ReadSeekCloser, error) {
	f, found, _, err := l.find(ctx, by, c)
	if err != nil {
		return web.LogRecording{}, nil, err
	}
	if number >= len(found) {
		return web.LogRecording{}, nil, web.NotFound("call %s has %d recordings, numbered from 0", clipped(c.String()), len(found))
	}
	from, err := f.Open(ctx, found[number])
	if err != nil {
		return web.LogRecording{}, nil, web.Unavailable("the recording can not be read: %v", err)
	}
	l.log.Info("somebody hears a recording of another server", "call", c.String(), "file", found[number].Name, "author", by.Name)
	return soundOf(found[number]), from, nil
}
