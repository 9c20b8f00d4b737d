// Package answer answers the web listener's questions about queue logs: it reads what was asked, makes the blocks out of
// the tables, and says what is wrong with a question in words for people. No actor; it lives as long as the tables.
//
//	web.Reports ─► Reports ─► block.Parse, report.ParseSource ─► block.Make ◄─ table.Tables
package answer
