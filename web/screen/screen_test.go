package screen

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

func TestEveryStateHasToneShapeAndWord(t *testing.T) {
	sprite, err := os.ReadFile("../static/icons.svg")
	if err != nil {
		t.Fatal(err)
	}
	style, err := os.ReadFile("../static/tandem.css")
	if err != nil {
		t.Fatal(err)
	}
	for kind, values := range states {
		for value, s := range values {
			if s.Word == "" || !strings.Contains(string(sprite), `id="`+s.Shape+`"`) || !strings.Contains(string(style), "."+s.Tone+" ") {
				t.Errorf("%s %s: %+v", kind, value, s)
			}
		}
	}
	if s := StateOf("leg", "a new one"); s.Word != "a new one" || s.Shape == "" || s.Tone == "" {
		t.Errorf("%+v", s)
	}
	if s := StateOf("leg", "ringing").With("x"); s.Word != "x" || StateOf("leg", "ringing").Word != "Ringing" {
		t.Error("the table was changed")
	}
}

func TestLengthsAndMoments(t *testing.T) {
	for d, want := range map[time.Duration]string{-1: "0:00", 0: "0:00", 300 * time.Millisecond: "300 ms", 6 * time.Second: "0:06",
		168 * time.Second: "2:48", 3731 * time.Second: "1:02:11", 47 * time.Hour: "47:00:00", 51 * time.Hour: "2 d 3 h"} {
		if got := Length(d); got != want {
			t.Errorf("%v: %q", d, got)
		}
	}
	for at, want := range map[time.Time]string{noon.Add(-time.Second): "11:59:59", noon.Add(-24 * time.Hour): "30 Jan 12:00",
		noon.AddDate(-1, 0, 0): "31 Jan 2025 12:00", {}: Dash} {
		if got := Clock(at, noon); got != want {
			t.Errorf("%v: %q", at, got)
		}
	}
	for ago, want := range map[time.Duration]string{300 * time.Millisecond: "0.3 s Live", 3 * time.Second: "3.0 s Ageing",
		70 * time.Second: "1:10 Cut off", -time.Second: "0.0 s Live"} {
		text, state := Age(noon.Add(-ago), noon)
		if text+" "+state.Word != want {
			t.Errorf("%v: %s %s", ago, text, state.Word)
		}
	}
	for d, want := range map[time.Duration]string{3 * time.Millisecond: "+3 ms", -40 * time.Millisecond: "-40 ms", -2 * time.Hour: "−2:00:00"} {
		if got := Offset(d); got != want {
			t.Errorf("%v: %q", d, got)
		}
	}
}

func TestCells(t *testing.T) {
	if c := Text(""); c.Text != Dash || !c.Muted {
		t.Errorf("%+v", c)
	}
	if c := Count(0, "/x"); c.Text != "0" || c.Href != "" || !c.Muted {
		t.Errorf("nothing leads nowhere: %+v", c)
	}
	if c := Count(3, "/x"); c.Text != "3" || c.Href != "/x" {
		t.Errorf("%+v", c)
	}
	long := strings.Repeat("ü", 30)
	if c := Short(long, ""); c.Whole != long || len([]rune(c.Text)) != 21 {
		t.Errorf("%+v", c)
	}
	if c := Short("short", ""); c.Whole != "" || c.Text != "short" {
		t.Errorf("%+v", c)
	}
	if c := Since(time.Time{}, noon); c.Text != Dash || c.Run != "" {
		t.Errorf("%+v", c)
	}
	if c := Until(noon.Add(-time.Second), noon); c.Text != "0:00" || c.Run != "down" {
		t.Errorf("%+v", c)
	}
}

// example has one of everything.
func example() View {
	bar := 500
	return View{Figures: []Figure{{Key: "f", Label: "Figure", Value: "1", Of: "of 2", Href: "/f"}},
		Panels: []Panel{{ID: "p", Title: "Panel", Table: &Table{Columns: []Column{{Label: "A", Sort: "/s", Sorted: "ascending"}, {Label: "B", Num: true}},
			Rows: []Row{{Key: "r", Cells: []Cell{Text("a"), {Text: "b", Bar: &bar, Acts: []Act{{Label: "Do", Action: "/do",
				Fields: []Field{{"n", "v"}}}}, Tags: []Tag{{Word: "tag", Shape: "key"}}}}}}, Foot: &Row{Cells: []Cell{Text("sum")}}}},
			{ID: "q", Title: "Half", Half: true, Choice: &Choice{Action: "/c", Label: "Choice", Value: "1", Options: []Option{{"1", "One"}, {"2", "Two"}}}},
			{ID: "r", Title: "Other half", Half: true, Text: "words", Notes: []Remark{{State: StateOf("leg", "ringing"), Text: "note"}}},
			{ID: "e", Title: "Empty", Table: &Table{Empty: "nothing yet"}}}}
}

func TestPartsAreWholeTogether(t *testing.T) {
	parts, err := example().Parts()
	if err != nil {
		t.Fatal(err)
	}
	var order struct{ Figures, Panels []string }
	if err := json.Unmarshal(parts["view"], &order); err != nil {
		t.Fatal(err)
	}
	want := 1
	for _, f := range order.Figures {
		want++
		if parts["f/"+f] == nil {
			t.Errorf("no figure %s", f)
		}
	}
	for _, p := range order.Panels {
		want++
		var panel struct {
			Title string
			Rows  []string
		}
		if err := json.Unmarshal(parts["p/"+p], &panel); err != nil || panel.Title == "" || panel.Rows == nil {
			t.Errorf("panel %s: %+v %v", p, panel, err)
		}
		for _, r := range panel.Rows {
			want++
			if parts["r/"+p+"/"+r] == nil {
				t.Errorf("no row %s", r)
			}
		}
	}
	if len(parts) != want {
		t.Errorf("%d parts, %d named", len(parts), want)
	}
}

func TestAPageIsRendered(t *testing.T) {
	p := Page{Title: "Title", Realm: "monitors", Path: "/monitors/legs", Person: &Person{Account: "a@b", Right: Administrator},
		Member: "m", Now: noon, Topic: "legs", View: example(), Notice: &Notice{State: StateOf("notice", "done"), Text: "done"},
		Filter: &Filter{Action: "/f", Fields: []FilterField{{Name: "n", Label: "N"}}}, Facts: []Fact{{"Label", Text("x")}},
		Ask: &Ask{Action: "/a", Text: []string{"Sure?"}, Button: "Yes", Inputs: []Input{{Name: "i", Label: "I"}}}}
	body, err := Render(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`aria-sort="ascending"`, `<option value="1" selected>One`, `class="cols two"`, "nothing yet", `value="500"`,
		"50.0 %", `<input type="hidden" name="n" value="v">`, `data-topic="legs"`, `aria-current="page"`, "Sure?"} {
		if !strings.Contains(string(body), want) {
			t.Errorf("without %s", want)
		}
	}
	for _, bad := range []string{"style=", "<script>", "onclick", "ZgotmplZ"} {
		if strings.Contains(string(body), bad) {
			t.Errorf("with %s", bad)
		}
	}
	p.Person.Right = Supervisor
	if body, _ = Render(p); strings.Contains(string(body), "/settings/cluster") {
		t.Error("a supervisor sees the settings")
	}
}
