package block

import "tandem/actors/queuelog/sheet"

// Sheets are tables for sheet.CSV and sheet.XLSX.
func Sheets(tables []Table) []sheet.Sheet {
	all := make([]sheet.Sheet, 0, len(tables))
	for _, t := range tables {
		s := sheet.Sheet{Name: t.Name}
		head := make([]sheet.Cell, len(t.Columns))
		for i, c := range t.Columns {
			head[i] = sheet.Cell{Text: c.Name}
		}
		s.Rows = append(s.Rows, head)
		for _, row := range t.Rows {
			cells := make([]sheet.Cell, len(row))
			for i, c := range row {
				cells[i] = sheet.Cell{Text: c.String(), Number: c.Kind != Text && c.Kind != Moment && !c.None}
			}
			s.Rows = append(s.Rows, cells)
		}
		all = append(all, s)
	}
	return all
}
