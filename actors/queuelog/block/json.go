package block

import "encoding/json"

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
