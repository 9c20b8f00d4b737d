package web

import (
	"sync"

	"tandem/web/screen"
)

// trails are what statistics came to while somebody looked at them here, for charts. They are bounded: that which was looked
// at longest ago goes first, and each keeps a point for each step of a chart.
type trails struct {
	mu  sync.Mutex
	all map[string]*trail
}

// maxTrails is how many statistics have a trail, and trailPoints of how many points a chart is.
const (
	maxTrails   = 100
	trailPoints = 180
)

// span is a length of time that a chart shows.
type span struct {
	name, label string
	step        int64 // ms between two points
}

// spans are those that can be chosen; the first one is shown where none is.
var spans = []span{{"15m", "15 min", 5_000}, {"1h", "1 hour", 20_000}, {"24h", "24 hours", 480_000}}

// trail is of one statistic: the newest points of each span.
type trail struct {
	points [3][]screen.TimePoint
	at     int64 // when it was looked at last, ms
}

// add takes what a statistic comes to now, and gives the points of a span. The last value within a step counts.
func (t *trails) add(v StatValue, which int) []screen.TimePoint {
	t.mu.Lock()
	defer t.mu.Unlock()
	x := t.all[v.ID]
	if x == nil {
		x = &trail{}
		t.room()
		t.all[v.ID] = x
	}
	x.at = max(x.at, v.At)
	for i, s := range spans {
		p := screen.TimePoint{At: v.At, Value: v.Number, Mark: v.Member}
		points := x.points[i]
		if n := len(points); n > 0 && points[n-1].At/s.step == p.At/s.step {
			points[n-1] = p
			continue
		}
		if len(points) == trailPoints {
			copy(points, points[1:])
			points = points[:trailPoints-1]
		}
		x.points[i] = append(points, p)
	}
	return append([]screen.TimePoint(nil), x.points[which]...)
}

// room takes away the oldest trail, if there are as many as may be.
func (t *trails) room() {
	if t.all == nil {
		t.all = map[string]*trail{}
	}
	if len(t.all) < maxTrails {
		return
	}
	oldest := ""
	for id, x := range t.all {
		if oldest == "" || x.at < t.all[oldest].at {
			oldest = id
		}
	}
	delete(t.all, oldest)
}
