package queuelog

import "tandem/actors/msg"

// Effect is what the machine wants.
type Effect interface{ effect() }

// Look wants the newest piece of the partition; Looked is told of it.
type Look struct{}

// Compare wants the pieces that have lines of some seconds, up to the newest one, counted; Compared is told.
type Compare struct {
	Low, High int64
	Sought    *Sought
}

// Append wants a piece written behind the newest one; Appended is told.
type Append struct {
	Piece Piece
	After uint64
}

// Answer answers an ask.
type Answer struct {
	Ask    uint64
	Loaded *msg.PartitionLoaded
}

func (Look) effect()    {}
func (Compare) effect() {}
func (Append) effect()  {}
func (Answer) effect()  {}

// Piece is what is appended: see store.Piece, whose fields have the same meaning.
type Piece struct {
	From              uint64
	Before, Low, High int64
	Late              uint64
	Lines             [][]byte
	Note              *msg.PartitionNote
}

// Head is the newest piece of a partition; the zero Head: there is none.
type Head struct {
	Sequence uint64
	Lines    uint64 // up to its end
	Before   int64  // time of the last line that can be read
	High     int64
	Late     uint64 // newest piece with lines older than some before them, this one or one in front of it
	Note     *msg.PartitionNote
}
