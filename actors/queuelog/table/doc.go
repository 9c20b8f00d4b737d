// Package table keeps the lines of queue_logs in SQL tables, with the stints, sessions and pauses that they come to, so
// that a report over years need not read years of lines (reference queuelog.md 2 and 3). SQLite in a file, or
// PostgreSQL: the same tables, made and asked by the same code.
//
//	Add(partition, ordinal, lines) ─► Fold of the partition ─► lines, stints, sessions, pauses, roll-ups   one transaction
//	Figures(source, ask)           ◄─ roll-ups, rows at the edges of the time asked for, what is open
//
// A line is taken once, however often it is handed over: its place is its ordinal in its partition, and the tables know
// how many they have. The open state of the Fold is saved with that number now and then; after a restart the few lines
// since then are read again. So new lines cost the same however many have gone before.
//
// The tables are derived: the raw lines are the truth, and Rebuild makes everything anew of them.
//
// Created by whoever follows the stream of lines; ended by Close. No actor, and no goroutine that
// outlasts a call.
//
//	table.go    Tables, how they are opened
//	door.go     SQLite and PostgreSQL, and where they differ
//	schema.go   the tables
//	insert.go   many rows at once
//	rows.go     what is written of a partition
//	view.go     one partition as a report sees it
//	add.go      lines in, exactly once
//	text.go     a line as a row, and back
//	roll.go     roll-ups of hours and days
//	open.go     what is open of a partition
//	rebuild.go  all anew
//	place.go    how far the lines have come
//	know.go     what is known of partitions
//	figures.go  reports
//	detail.go   single stints, sessions and pauses
//	explain.go  what the lines of a call did
//	import.go   lines from tables of other programs
//	mysql.go    where those lie in MySQL
//	limits.go   how much is kept and read at once
package table
