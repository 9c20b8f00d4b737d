package sheet

import (
	"encoding/csv"
	"io"
)

// CSV writes sheets one below the other, with an empty line between. Where there are several, the name of each stands
// above it.
func CSV(to io.Writer, sheets []Sheet) error {
	w := csv.NewWriter(to)
	for i, s := range sheets {
		if len(sheets) > 1 {
			if i > 0 {
				w.Flush()
				if _, err := io.WriteString(to, "\n"); err != nil {
					return err
				}
			}
			if err := w.Write([]string{s.Name}); err != nil {
				return err
			}
		}
		for _, row := range s.Rows {
			words := make([]string, len(row))
			for j, c := range row {
				words[j] = c.plain()
			}
			if err := w.Write(words); err != nil {
				return err
			}
		}
	}
	w.Flush()
	return w.Error()
}

// plain is a cell that no spreadsheet takes for a formula: callers choose their names and numbers. A number with a sign,
// as telephone numbers have, is none.
func (c Cell) plain() string {
	if c.Number || c.Text == "" {
		return c.Text
	}
	switch c.Text[0] {
	case '=', '@', '\t', '\r':
		return "'" + c.Text
	case '+', '-':
		for _, x := range []byte(c.Text[1:]) {
			if (x < '0' || x > '9') && x != ' ' {
				return "'" + c.Text
			}
		}
	}
	return c.Text
}
