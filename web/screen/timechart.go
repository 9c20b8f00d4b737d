package screen

import (
	"fmt"
	"strings"
	"time"
)

// TimePoint is what something came to at a moment. Mark is a word, such as the member that said so: where it changes the
// chart has a tick.
type TimePoint struct {
	At    int64 // ms since 1970
	Value float64
	Mark  string
}

// TimeChart draws a line of values, each of which stands until the next one, from one moment to another. Nothing comes of
// no points.
func TimeChart(label string, points []TimePoint, from, until time.Time) *Chart {
	if len(points) == 0 {
		return nil
	}
	c := &Chart{Label: label, Tone: "live"}
	most := 0.0
	for _, p := range points {
		most = max(most, p.Value)
	}
	most = c.scale(most)
	begin, length := from.UnixMilli(), float64(max(1, until.Sub(from).Milliseconds()))
	x := func(ms int64) float64 {
		return chartLeft + max(0, min(1, float64(ms-begin)/length))*(chartRight-chartLeft)
	}
	y := func(v float64) string { return at(chartBottom - max(0, v)/most*(chartBottom-chartTop)) }
	var line strings.Builder
	for i, p := range points {
		if i == 0 {
			fmt.Fprintf(&line, "M%s %s", at(x(p.At)), y(p.Value))
			continue
		}
		fmt.Fprintf(&line, "H%sV%s", at(x(p.At)), y(p.Value))
		if p.Mark != points[i-1].Mark {
			c.Marks = append(c.Marks, ChartTick{At: at(x(p.At)), Word: "owner now " + p.Mark})
		}
	}
	c.Line = line.String() + "H" + at(x(until.UnixMilli()))
	for i := range 4 {
		t := from.Add(until.Sub(from) * time.Duration(i) / 3)
		c.Labels = append(c.Labels, ChartTick{At: at(chartLeft + (chartRight-chartLeft-40)*float64(i)/3 + 20), Word: t.Format("15:04")})
	}
	return c
}
