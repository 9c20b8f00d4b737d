package screen

import (
	"strconv"
	"time"
)

// View is the content of a page that lives.
type View struct {
	Figures []Figure
	Panels  []Panel
}

// Figure is one number that is worth a large type.
type Figure struct {
	Key   string `json:"-"`
	Label string `json:"label"`
	Value string `json:"value"`
	Of    string `json:"of,omitempty"`   // small, behind the value: "of 5"
	Href  string `json:"href,omitempty"` // what is behind the number
	Note  string `json:"note,omitempty"`
	State *State `json:"state,omitempty"` // in place of the note
	Tone  string `json:"tone,omitempty"`  // of the whole tile, when somebody should look
	Run   string `json:"run,omitempty"`   // as that of a Cell
	At    int64  `json:"at,omitempty"`
}

// Panel is a table with a heading, or a choice, or only words.
type Panel struct {
	ID     string   `json:"-"`
	Title  string   `json:"title"`
	Quiet  string   `json:"quiet,omitempty"` // beside the title
	Half   bool     `json:"half,omitempty"`  // shares its row with another one
	Chart  *Chart   `json:"chart,omitempty"` // above the table; of bars on pages that do not live
	Table  *Table   `json:"table,omitempty"`
	Choice *Choice  `json:"choice,omitempty"`
	Text   string   `json:"text,omitempty"`
	Notes  []Remark `json:"notes,omitempty"` // below
}

// Remark is a sentence about a state, and what can be done about it.
type Remark struct {
	State State  `json:"state"`
	Text  string `json:"text"`
	Href  string `json:"href,omitempty"`
	Act   *Act   `json:"act,omitempty"`
}

// Table is rows of cells. Rows of things keep their order; rows of events come and go.
type Table struct {
	Columns []Column `json:"columns"`
	Rows    []Row    `json:"-"`
	Foot    *Row     `json:"foot,omitempty"`
	Roomy   bool     `json:"roomy,omitempty"`  // rows hold fields
	Events  bool     `json:"events,omitempty"` // rows that end stay for a moment
	Sticky  bool     `json:"sticky,omitempty"` // head and acts of a row stay in sight
	Wrap    bool     `json:"wrap,omitempty"`   // long text takes several lines
	Tiles   bool     `json:"tiles,omitempty"`  // as a grid without heads: a name, a state and two words of each row
	Empty   string   `json:"empty,omitempty"`  // says why there are no rows, and the next step
	More    string   `json:"more,omitempty"`   // says that there are more rows than are shown
}

// Column is the head of a column.
type Column struct {
	Label  string `json:"label"`
	Num    bool   `json:"num,omitempty"`
	Width  string `json:"width,omitempty"`  // class of the style: w3 to w18, in rem; nothing jumps
	Sort   string `json:"sort,omitempty"`   // address of the page sorted by it
	Sorted string `json:"sorted,omitempty"` // ascending or descending
}

// Row is one row; its first cell is its head.
type Row struct {
	Key   string `json:"-"`
	ID    string `json:"id,omitempty"` // by which an address can lead to it
	Tone  string `json:"tone,omitempty"`
	Cells []Cell `json:"cells"`
}

// Cell is what stands in one place of a table. All of it may be left out.
type Cell struct {
	Text   string  `json:"text,omitempty"`
	Href   string  `json:"href,omitempty"`
	Whole  string  `json:"whole,omitempty"` // the text in full, where it is shortened
	Mono   bool    `json:"mono,omitempty"`
	Muted  bool    `json:"muted,omitempty"` // known to be nothing, or not known
	Num    bool    `json:"num,omitempty"`
	State  *State  `json:"state,omitempty"`
	Run    string  `json:"run,omitempty"` // "up" or "down": time since, or until, At runs on in the page
	At     int64   `json:"at,omitempty"`  // ms since 1970
	Bar    *int    `json:"bar,omitempty"` // per mille
	Share  *Share  `json:"share,omitempty"`
	Tags   []Tag   `json:"tags,omitempty"`
	Choice *Choice `json:"choice,omitempty"`
	Acts   []Act   `json:"acts,omitempty"`
	Menu   *Menu   `json:"menu,omitempty"`
	Sound  string  `json:"sound,omitempty"` // address of what is played in place, by the name in Text
}

// Menu is what can be done with the thing of a row, where there is no room for a row of buttons: one button opens it.
type Menu struct {
	ID    string `json:"id"`    // differs from all others of the page
	About string `json:"about"` // the thing, for who hears the button alone
	Acts  []Act  `json:"acts"`
}

// Share is a bar of a part of all, with a mark where it should be. The text of its cell says it in words.
type Share struct {
	Part int    `json:"part"` // per cent
	Goal int    `json:"goal"`
	Tone string `json:"tone"`
}

// Tag is a word about a thing that is no state of it.
type Tag struct {
	Word  string `json:"word"`
	Shape string `json:"shape,omitempty"`
	Title string `json:"title,omitempty"`
}

// Field is a hidden part of a form.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Choice is a form that sets one of several values.
type Choice struct {
	Action  string   `json:"action"`
	Label   string   `json:"label"`
	Value   string   `json:"value"`
	Options []Option `json:"options"`
	Fields  []Field  `json:"fields,omitempty"`
	Buttons bool     `json:"buttons,omitempty"` // as a row of buttons, not as a list
}

// Option is one of the values.
type Option struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// Act is something that can be done: a form that does it, or the address of the page that asks first.
type Act struct {
	Label  string  `json:"label"`
	About  string  `json:"about,omitempty"` // whom it is done to, for who hears the label alone
	Href   string  `json:"href,omitempty"`
	Action string  `json:"action,omitempty"`
	Fields []Field `json:"fields,omitempty"`
	Ask    bool    `json:"ask,omitempty"` // Href is a question, which can be asked over the page as well
	Risk   bool    `json:"risk,omitempty"`
	Shape  string  `json:"shape,omitempty"`
}

// Dash stands for what is not known or does not apply.
const Dash = "–"

// Text is a cell of text; without any it is a dash.
func Text(s string) Cell {
	if s == "" {
		return Cell{Text: Dash, Muted: true}
	}
	return Cell{Text: s}
}

// Link is text that leads somewhere.
func Link(s, href string) Cell {
	c := Text(s)
	c.Href = href
	return c
}

// Mono is text that machines read too: addresses, handlers.
func Mono(s string) Cell {
	c := Text(s)
	c.Mono = !c.Muted
	return c
}

// Short is a long word for machines, cut in the middle. The whole of it is at hand.
func Short(s, href string) Cell {
	const keep = 10
	c := Mono(s)
	c.Href = href
	if r := []rune(s); len(r) > 2*keep+1 {
		c.Text, c.Whole = string(r[:keep])+"…"+string(r[len(r)-keep:]), s
	}
	return c
}

// Count is a number of things, and the way to them.
func Count(n int, href string) Cell {
	if n == 0 {
		return Cell{Text: "0", Muted: true, Num: true}
	}
	return Cell{Text: strconv.Itoa(n), Href: href, Num: true}
}

// Number is a number that counts nothing that can be shown.
func Number(n uint64) Cell { return Cell{Text: strconv.FormatUint(n, 10), Num: true, Muted: n == 0} }

// Unknown is a number that is not known.
func Unknown() Cell { return Cell{Text: Dash, Muted: true, Num: true} }

// Mark is a state.
func Mark(s State) Cell { return Cell{State: &s} }

// Since is the time since a moment; it runs on in the page.
func Since(t, now time.Time) Cell {
	if t.IsZero() {
		return Unknown()
	}
	return Cell{Text: Length(now.Sub(t)), Run: "up", At: t.UnixMilli(), Num: true}
}

// Until is the time until a moment; it runs on in the page.
func Until(t, now time.Time) Cell {
	if t.IsZero() {
		return Unknown()
	}
	return Cell{Text: Length(max(0, t.Sub(now))), Run: "down", At: t.UnixMilli(), Num: true}
}
