package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/web/screen"
)

const livePath = "/monitors/live"

// boardFields are what a wallboard is asked for: they are in its address, and in that of each act.
var boardFields = []string{"source", "queues", "within", "from", "zone", "target"}

// boardAsked is what the board of a query shows; all servers, where none are named.
func boardAsked(q url.Values) url.Values {
	ask := url.Values{"source": {"cluster:*"}}
	for name, values := range q {
		if slices.Contains(boardFields, name) && len(values) > 0 && len(values[0]) <= maxField && values[0] != "" {
			ask[name] = values[:1]
		}
	}
	return ask
}

// livePage is the wallboard of servers of which there are queue logs: queues, calls and agents over all of them.
func (s *Server) livePage(r *http.Request, v visitor) (screen.Page, error) {
	ask := boardAsked(r.URL.Query())
	field := func(name, label string) screen.FilterField {
		return screen.FilterField{Name: name, Label: label, Value: ask.Get(name)}
	}
	page := screen.Page{Title: "Servers live", Realm: "monitors", Topic: topicName("live", ask), Board: true, Crumbs: queueCrumbs[:1],
		Tags: []string{ask.Get("source")}, Filter: &screen.Filter{Action: livePath, Button: "Show", Fields: []screen.FilterField{field("source", "Source"), field("queues", "Queues"),
			field("within", "In time, seconds"), field("target", "Target, per cent")}}}
	w, err := s.wallOf(askedBy(r.Context(), v.asker()), ask)
	if err != nil {
		page.Topic = ""
		page.Notice = &screen.Notice{State: screen.StateOf("notice", "refused"), Text: s.explain(r, err).Message}
		return page, nil
	}
	w.right = v.right
	page.View, page.Acts = w.view(), w.boardActs()
	return page, nil
}

// wall is what a wallboard shows.
type wall struct {
	LiveView
	target float64 // per cent that should be answered in time
	board  string  // what it was asked for, as acts tell it
	mute   bool    // no act can tell that: there are none
	right  screen.Right
}

func (s *Server) liveView(ctx context.Context, q url.Values, right screen.Right) (screen.View, error) {
	w, err := s.wallOf(ctx, q)
	if err != nil {
		return screen.View{}, err
	}
	w.right = right
	return w.view(), nil
}

// wallOf looks at what goes on.
func (s *Server) wallOf(ctx context.Context, q url.Values) (w wall, err error) {
	if s.services.LiveLogs == nil {
		return w, errNoReports
	}
	query, err := liveQuery(q, askerOf(ctx))
	if err != nil {
		return w, err
	}
	w = wall{target: 80}
	w.board, w.mute = boardText(q)
	if text := q.Get("target"); text != "" {
		if w.target, err = strconv.ParseFloat(text, 64); err != nil || w.target < 0 || w.target > 100 {
			return w, Invalid("target %s is not 0 to 100 per cent", clip(text, 40))
		}
	}
	w.LiveView, err = s.services.LiveLogs.Live(ctx, query)
	return w, err
}

func (w *wall) view() screen.View {
	return screen.View{Figures: w.figures(), Panels: []screen.Panel{w.queuesPanel(), w.callsPanel(), w.agentsPanel(), w.serversPanel()}}
}

// shifted is a moment of a server by our clock.
func (w *wall) shifted(server string, seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	at := time.Unix(seconds, 0)
	for _, s := range w.Servers {
		if ahead := s.Ahead.Duration(); s.Name == server && ahead.Abs() > time.Second {
			return at.Add(-ahead.Round(time.Second))
		}
	}
	return at
}

// longest is the call that waits longest among some.
func (w *wall) longest(of func(LiveCall) bool) (at time.Time) {
	for _, c := range w.Calls {
		if c.State == "waiting" && c.Known && of(c) {
			if t := w.shifted(c.Server, c.Enter); at.IsZero() || t.Before(at) {
				at = t
			}
		}
	}
	return at
}

func (w *wall) figures() []screen.Figure {
	waiting, states := 0, map[string]int{}
	for _, q := range w.Queues {
		waiting += q.Waiting
	}
	for _, a := range w.Agents {
		states[a.State]++
	}
	longest := screen.Figure{Key: "longest", Label: "Longest wait", Value: screen.Dash}
	if at := w.longest(func(LiveCall) bool { return true }); !at.IsZero() {
		run := screen.Since(at, w.At)
		state := screen.StateOf("queue", w.waitState(at))
		longest.Value, longest.Run, longest.At, longest.Tone, longest.State = run.Text, run.Run, run.At, worth(state.Tone), &state
	}
	level := screen.Figure{Key: "level", Label: "Service level", Value: screen.Dash, Note: "nobody was answered or lost yet"}
	if share, ok := w.All.Share(); ok {
		state := levelState(share, w.target)
		level.Tone = worth(state.Tone)
		state = state.With(fmt.Sprintf("%d of %d, target %s %%", w.All.InTime, w.All.Offered, strings.TrimSuffix(oneDecimal(w.target), ".0")))
		level.Value, level.Of, level.State = oneDecimal(share), "%", &state
	}
	return []screen.Figure{{Key: "waiting", Label: "Waiting", Value: strconv.Itoa(waiting), Href: "#h-calls", Note: w.cutNote()}, longest, level,
		{Key: "lost", Label: "Lost", Value: strconv.FormatInt(w.All.Lost, 10), Href: w.allHref("lost"), Note: fmt.Sprintf("of %d", w.All.Offered)},
		{Key: "ready", Label: "Agents ready", Value: strconv.Itoa(states["ready"]), Of: fmt.Sprintf("of %d", len(w.Agents)), Href: "#h-agents",
			Note: fmt.Sprintf("%d paused", states["paused"])},
		{Key: "talking", Label: "Talking", Value: strconv.Itoa(states["talking"]), Href: "#h-calls", Note: fmt.Sprintf("%d ringing", states["ringing"])}}
}

// allHref is the list of the calls of all queues that are shown; "": there are too many to name them in an address.
func (w *wall) allHref(state string) string {
	var names []string
	for _, q := range w.Queues {
		names = append(names, q.Name)
	}
	queues := strings.Join(names, "|")
	if len(queues) > 4*maxField {
		return ""
	}
	return w.callsHref(state, queues, "")
}

// cutNote says whether anything is left out.
func (w *wall) cutNote() string {
	cut := 0
	for _, s := range w.Servers {
		if s.State == LiveCut {
			cut++
		}
	}
	if cut == 0 {
		return "at " + counted(len(w.Servers), "server")
	}
	return fmt.Sprintf("%d of %d servers cut off", cut, len(w.Servers))
}

// waitState says how a wait since then stands.
func (w *wall) waitState(since time.Time) string {
	limit, waited := time.Duration(w.Within)*time.Second, w.At.Sub(since)
	switch {
	case since.IsZero():
		return QueueOnTarget
	case waited > limit:
		return QueueOver
	case waited > limit*3/4:
		return QueueNear
	}
	return QueueOnTarget
}
