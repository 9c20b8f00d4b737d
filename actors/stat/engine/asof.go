package engine

import (
	"errors"
	"fmt"
)

// ErrPast says that a moment is so long ago that what was then can not be told any more.
var ErrPast = errors.New("stat: the moment is too long ago")

// AsOf calls ask while the world is what it was at the end of a moment: Value and Explain of that moment, or of a later one
// up to the next fact, are then those that facts up to the moment make alone. A moment is ErrPast where it is further back
// than the lateness.
func (w *World) AsOf(at int64, ask func()) error {
	w.flush()
	if at >= w.head {
		ask()
		return nil
	}
	if oldest := w.oldest(); at < oldest {
		return fmt.Errorf("%w: by %d ms", ErrPast, oldest-at)
	}
	later := w.rewind(at + 1)
	n := 0
	for n < len(later) && later[n].At <= at {
		n++
	}
	w.redo(later[:n])
	ask()
	w.redo(later[n:])
	return nil
}

// oldest is the earliest moment to which the world can go back.
func (w *World) oldest() int64 {
	if !w.log.on {
		return w.head
	}
	return w.log.epochs[0].base
}
