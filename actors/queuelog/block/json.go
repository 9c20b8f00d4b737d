package block

import (
	"encoding/json"
	"slices"
)

// MarshalJSON writes a table: its columns with their kinds, its rows with numbers as numbers and null for nothing, and
// behind each number that counts calls the Where that they are found by.
func (t Table) MarshalJSON() ([]byte, error) {
	type column struct {
		Name string `json:"name"`
		Kind string `json:"kind"`
	}
	out := struct {
		Name    string      `json:"name"`
		Title   string      `json:"title"`
		Columns []column    `json:"columns"`
		Rows    [][]any     `json:"rows"`
		Behind  [][]*string `json:"behind,omitempty"`
		Cut     bool        `json:"cut"` // there are more rows
	}{t.Name, t.Title, []column{}, [][]any{}, nil, t.Cut}
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, column{c.Name, c.Kind.String()})
	}
	leads := false
	behind := make([][]*string, len(t.Rows))
	for i, row := range t.Rows {
		values := make([]any, len(row))
		behind[i] = make([]*string, len(row))
		for j, c := range row {
			values[j] = c.any()
			if c.Where != "" {
				behind[i][j], leads = &row[j].Where, true
			}
		}
		out.Rows = append(out.Rows, values)
	}
	if leads {
		out.Behind = behind
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes. A number in a column of texts is a Count: its own kind is not written.
func (t *Table) UnmarshalJSON(text []byte) error {
	var in struct {
		Name, Title string
		Columns     []struct{ Name, Kind string }
		Rows        [][]any
		Behind      [][]*string
		Cut         bool
	}
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	*t = Table{Name: in.Name, Title: in.Title, Cut: in.Cut}
	for _, c := range in.Columns {
		t.Columns = append(t.Columns, Column{c.Name, Kind(max(0, slices.Index(kindWords[:], c.Kind)))})
	}
	for i, values := range in.Rows {
		row := make([]Cell, len(values))
		for j, v := range values {
			row[j] = cellOf(v, t.kindAt(j))
			if i < len(in.Behind) && j < len(in.Behind[i]) && in.Behind[i][j] != nil {
				row[j].Where = *in.Behind[i][j]
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return nil
}

func (t *Table) kindAt(column int) Kind {
	if column < len(t.Columns) {
		return t.Columns[column].Kind
	}
	return Text
}

// cellOf is a value of JSON in a column of some kind.
func cellOf(v any, k Kind) Cell {
	switch v := v.(type) {
	case string:
		if k != Moment {
			k = Text
		}
		return Cell{Kind: k, Text: v, None: v == ""}
	case float64:
		if k == Text || k == Moment {
			k = Count
		}
		return Cell{Kind: k, Value: v}
	}
	return none(k)
}

// any is the value as JSON has it.
func (c Cell) any() any {
	switch {
	case c.None:
		return nil
	case c.Kind == Text || c.Kind == Moment:
		return c.Text
	}
	return c.Value
}
