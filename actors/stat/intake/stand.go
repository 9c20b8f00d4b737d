package intake

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"tandem/actors/stat/source"
)

// Standing is how a source stands.
type Standing struct {
	Name    string
	Word    string // never heard, live, switch lost, lost, no holder
	Holder  string
	Address string // from which it was heard last
	Socket  bool   // by a connection that stays
	Heard   time.Time
	State   source.State
	Rate    float64   // lines in a second, of late
	Refused []Refused // the newest lines that were
}

// beat is what only the holder of a source knows.
type beat struct {
	Heard   int64  `json:"heard"` // ms since 1970
	Address string `json:"address,omitempty"`
	Socket  bool   `json:"socket,omitempty"`

	Rate    float64   `json:"rate,omitempty"`
	Refused []Refused `json:"refused,omitempty"`
}

// Standings tell how all sources stand, by name, or the one that is named.
func (i *Intake) Standings(ctx context.Context, only string) (all []Standing) {
	beats, holders := map[string]beat{}, map[string]bool{}
	for _, name := range i.names(i.Settings()) {
		if only != "" && only != name {
			continue
		}
		x := Standing{Name: name}
		x.State = i.state(name)
		if holder, ok := i.Member.Owner(Kind, name); ok {
			x.Holder, holders[holder] = holder, true
		}
		all = append(all, x)
	}
	i.ask(ctx, holders, beats)
	for n := range all {
		x := &all[n]
		b, ok := beats[x.Name]
		x.Word = x.word()
		if ok {
			x.Heard, x.Address, x.Socket = time.UnixMilli(b.Heard), b.Address, b.Socket
			x.Rate, x.Refused = b.Rate, b.Refused
		}
	}
	return all
}

func (s *Standing) word() string {
	switch {
	case s.Holder == "":
		return "no holder"
	case !s.State.Known:
		return "never heard"
	case s.State.Lost:
		return "lost"
	case s.State.Down:
		return "switch lost"
	}
	return "live"
}

// ask asks the holders at once.
func (i *Intake) ask(ctx context.Context, holders map[string]bool, into map[string]beat) {
	ctx, cancel := context.WithTimeout(ctx, standTime)
	defer cancel()
	var mu sync.Mutex
	var all sync.WaitGroup
	for member := range holders {
		all.Go(func() {
			body, err := i.beatsOf(ctx, member)
			some := map[string]beat{}
			if err != nil || json.Unmarshal(body, &some) != nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			for name, b := range some {
				into[name] = b
			}
		})
	}
	all.Wait()
}

func (i *Intake) beatsOf(ctx context.Context, member string) ([]byte, error) {
	if member == i.Member.Name() {
		return i.Stands(ctx, nil)
	}
	return i.Member.AskMember(ctx, member, StandWhat, nil)
}

// Stands tells another member of the sources that this one holds.
func (i *Intake) Stands(context.Context, []byte) ([]byte, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	out := map[string]beat{}
	for name, h := range i.held {
		if h.address != "" {
			out[name] = beat{h.heard.UnixMilli(), h.address, h.conn != "", h.pace.perSecond(i.Now()), slices.Clone(h.refused)}
		}
	}
	return json.Marshal(out)
}
