package screen

import (
	"strings"
	"testing"
)

func TestCharts(t *testing.T) {
	c := BarChart("Calls", [2]string{"answered", "lost"}, []ChartPoint{{"8:00", 31, 2, "/x"}, {"9:00", 0, 0, ""}})
	if b := c.Bars[0]; b.Words != "8:00, 31 answered, 2 lost" || !b.Top() || !b.Fill() || b.Href != "/x" || c.Bars[1].Fill() {
		t.Errorf("%+v", c.Bars)
	}
	if last := c.Ticks[4]; last.Word != "40" || last.At != "10" || c.Ticks[0].Word != "0" || c.Ticks[0].At != "160" {
		t.Errorf("%+v", c.Ticks)
	}
	many := make([]ChartPoint, 96)
	if c := BarChart("x", c.Keys, many); len(c.Labels) > mostLabels || c.Ticks[4].Word != "4" {
		t.Errorf("%+v", c.Labels)
	}
	line := LineChart("Level", []ChartPoint{{Label: "10", Low: 0}, {Label: "20", Low: 50}, {Label: "30", Low: 100}})
	if line.Line != "M34 160L295 85L556 10" || !strings.HasSuffix(line.Area, "L556 160L34 160z") {
		t.Errorf("%+v", line)
	}
	if BarChart("x", c.Keys, nil) != nil || LineChart("x", many[:1]) != nil {
		t.Error("a chart of nothing")
	}
}
