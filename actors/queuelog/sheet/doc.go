// Package sheet writes tables for other programs: comma-separated text (RFC 4180), and workbooks of spreadsheets (ECMA-376,
// Office Open XML). A library for the latter would be some megabytes of what we do not need: plain cells, one sheet for
// each table.
package sheet

// Sheet is one table. Its first row is its head.
type Sheet struct {
	Name string
	Rows [][]Cell
}

// Cell is one value. Numbers are written as digits with a point, and are numbers for the reader too.
type Cell struct {
	Text   string
	Number bool
}
