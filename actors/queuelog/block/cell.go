package block

import (
	"math"
	"strconv"
)

// Table is a block that was made.
type Table struct {
	Name    string // OkDO.RiassAllCalls
	Title   string // in plain words
	Columns []Column
	Rows    [][]Cell
	Cut     bool // there are more rows than were asked for
	By      string
}

// Column is the head of one.
type Column struct {
	Name string
	Kind Kind
}

// Kind says what a cell holds.
type Kind int

// Kinds.
const (
	Text    Kind = iota
	Count        // a number of things
	Seconds      // a length of time, or an average of such
	Percent      // with one decimal
	Ratio        // a number with decimals
	Moment       // seconds since 1970; its text is the time in the zone asked for
)

var kindWords = [...]string{"text", "count", "seconds", "percent", "ratio", "moment"}

func (k Kind) String() string { return kindWords[k] }

// Cell is one value.
type Cell struct {
	Kind  Kind
	Text  string  // of Text and Moment
	Value float64 // of all others
	None  bool    // of nothing, or not known
	Where string  // as an Ask's Where: the calls that the number counts
}

// String is the value as other programs read it; nothing is "".
func (c Cell) String() string {
	switch {
	case c.Kind == Text || c.Kind == Moment:
		return c.Text
	case c.None:
		return ""
	}
	return strconv.FormatFloat(c.Value, 'f', -1, 64)
}

func text(s string) Cell          { return Cell{Text: s, None: s == ""} }
func count(n int64) Cell          { return Cell{Kind: Count, Value: float64(n)} }
func seconds(n int64) Cell        { return Cell{Kind: Seconds, Value: float64(n)} }
func average(sum, n int64) Cell   { return part(Seconds, float64(sum), n, 100) }
func ratio(sum, n int64) Cell     { return part(Ratio, float64(sum), n, 100) }
func percent(k, n int64) Cell     { return part(Percent, 100*float64(k), n, 10) }
func none(k Kind) Cell            { return Cell{Kind: k, None: true} }
func (c Cell) where(w Where) Cell { c.Where = w.String(); return c }

// part is sum / n with some decimals, as report.Figures rounds.
func part(k Kind, sum float64, n int64, decimals float64) Cell {
	if n == 0 {
		return none(k)
	}
	return Cell{Kind: k, Value: math.RoundToEven(sum/float64(n)*decimals) / decimals}
}

// told is a number that may be unknown.
func told(k Kind, n int64, known bool) Cell {
	if !known {
		return none(k)
	}
	return Cell{Kind: k, Value: float64(n)}
}
