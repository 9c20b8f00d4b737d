package screen

import (
	"fmt"
	"strings"
)

// Chart is a picture of a few numbers, which a table beside it has too: bars of two parts on each other, or one line.
type Chart struct {
	Label  string      `json:"label"`
	Keys   [2]string   `json:"-"` // what the parts are, for bars, which pages that live do not have
	Tone   string      `json:"tone"`
	Bars   []ChartBar  `json:"-"`
	Line   string      `json:"line"` // path of the line
	Area   string      `json:"-"`    // path of what is below it
	Ticks  []ChartTick `json:"ticks"`
	Labels []ChartTick `json:"labels"`
	Marks  []ChartTick `json:"marks,omitempty"` // upright lines with a word
}

// ChartBar is one bar: a filled part, and an outlined one on top of it.
type ChartBar struct {
	X, Width        string
	Y, Height       string
	Y2, Height2     string
	Words, Href     string
	hasFill, hasTop bool
}

// Fill and Top tell whether there is such a part.
func (b ChartBar) Fill() bool { return b.hasFill }

// Top is as Fill.
func (b ChartBar) Top() bool { return b.hasTop }

// ChartTick is a word at a place.
type ChartTick struct {
	At   string `json:"at"`
	Base string `json:"base,omitempty"` // of the text, for ticks at the side
	Word string `json:"word"`
}

// ChartPoint is what a chart is made of.
type ChartPoint struct {
	Label    string
	Low, Top float64 // the parts of a bar; of a line Low alone
	Href     string
}

// The picture is 560 by 182; what is drawn stands between these.
const (
	chartLeft, chartRight = 34.0, 556.0
	chartTop, chartBottom = 10.0, 160.0
	mostLabels            = 14
)

// BarChart draws bars. Nothing comes of no points.
func BarChart(label string, keys [2]string, points []ChartPoint) *Chart {
	if len(points) == 0 {
		return nil
	}
	c := &Chart{Label: label, Keys: keys, Tone: "live"}
	most := 0.0
	for _, p := range points {
		most = max(most, p.Low+p.Top)
	}
	most = c.scale(most)
	step := (chartRight - chartLeft) / float64(len(points))
	height := func(v float64) float64 { return v / most * (chartBottom - chartTop) }
	for i, p := range points {
		x := chartLeft + step*float64(i)
		low, top := height(p.Low), height(p.Top)
		c.Bars = append(c.Bars, ChartBar{X: at(x + step*.12), Width: at(step * .76), Y: at(chartBottom - low), Height: at(low),
			Y2: at(chartBottom - low - top), Height2: at(top), Href: p.Href, hasFill: p.Low > 0, hasTop: p.Top > 0,
			Words: fmt.Sprintf("%s, %v %s, %v %s", p.Label, p.Low, keys[0], p.Top, keys[1])})
		if every := (len(points) + mostLabels - 1) / mostLabels; i%every == 0 {
			c.Labels = append(c.Labels, ChartTick{At: at(x + step/2), Word: p.Label})
		}
	}
	return c
}

// Mark draws an upright line with a word, at a place counted in bars from the left: 2.5 is in the middle of the third.
func (c *Chart) Mark(place float64, bars int, word string) {
	c.Marks = append(c.Marks, ChartTick{At: at(chartLeft + (chartRight-chartLeft)/float64(bars)*place), Word: word})
	c.Label += fmt.Sprintf(", %s in bar %d", word, int(place)+1)
}

// LineChart draws a line of shares in per cent.
func LineChart(label string, points []ChartPoint) *Chart {
	if len(points) < 2 {
		return nil
	}
	c := &Chart{Label: label, Tone: "good"}
	c.scale(100)
	var line strings.Builder
	step := (chartRight - chartLeft) / float64(len(points)-1)
	for i, p := range points {
		x, word := chartLeft+step*float64(i), "L"
		if i == 0 {
			word = "M"
		}
		fmt.Fprintf(&line, "%s%s %s", word, at(x), at(chartBottom-p.Low/100*(chartBottom-chartTop)))
		if every := (len(points) + mostLabels - 1) / mostLabels; i%every == 0 {
			c.Labels = append(c.Labels, ChartTick{At: at(x), Word: p.Label})
		}
	}
	c.Line = line.String()
	c.Area = c.Line + fmt.Sprintf("L%s %sL%s %sz", at(chartRight), at(chartBottom), at(chartLeft), at(chartBottom))
	return c
}

// scale finds a round number above all, and marks four parts of it.
func (c *Chart) scale(most float64) float64 {
	top := 4.0
	for _, unit := range []float64{1, 2.5, 5} {
		for n := unit * 4; n <= most*10 || n == unit*4; n *= 10 {
			if n >= most && (top < most || n < top) {
				top = n
			}
		}
	}
	for i := range 5 {
		y := chartBottom - float64(i)/4*(chartBottom-chartTop)
		c.Ticks = append(c.Ticks, ChartTick{At: at(y), Base: at(y + 4), Word: fmt.Sprint(top * float64(i) / 4)})
	}
	return top
}

func at(x float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", x), ".0") }
