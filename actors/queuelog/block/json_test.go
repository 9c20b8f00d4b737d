package block

import (
	"encoding/json"
	"reflect"
	"testing"
)

// TestJSON: a table that was written is read as it was.
func TestJSON(t *testing.T) {
	want := Table{Name: "KoDO.X", Title: "X", Cut: true,
		Columns: []Column{{"Queue", Text}, {"N", Count}, {"Wait", Seconds}, {"Share", Percent}, {"At", Moment}, {"Value", Text}},
		Rows: [][]Cell{{text("sales"), count(3).where(Where{}), average(7, 2), percent(1, 3), {Kind: Moment, Text: "2026-01-01 10:00:00"}, count(4)},
			{text(""), none(Count), none(Seconds), none(Percent), {Kind: Moment, None: true}, text("x")}}}
	want.Rows[0][1].Where = "state=lost"
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Table
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	got.Rows[1][4].Kind = Moment
	if again, _ := json.Marshal(got); string(again) != string(b) {
		t.Errorf("%s\nwant\n%s", again, b)
	}
	if !reflect.DeepEqual(got.Rows[0], want.Rows[0]) {
		t.Errorf("%+v\nwant\n%+v", got.Rows[0], want.Rows[0])
	}
}
