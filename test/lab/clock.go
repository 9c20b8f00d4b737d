package lab

import (
	"testing"
	"time"
	"unsafe"
)

// Turned is a moment as it looks after the wall's clock was set, by whole seconds ahead: the steady clock that a time.Time
// carries beside it has gone on as before. The time package lets nobody change the one without the other.
func Turned(t testing.TB, at time.Time, ahead time.Duration) time.Time {
	t.Helper()
	const seconds = 30 // the bit where the seconds begin in the first word of a time.Time
	was := at
	*(*uint64)(unsafe.Pointer(&at)) += uint64(ahead/time.Second) << seconds
	if at.UnixNano()-was.UnixNano() != int64(ahead) || at.Sub(was) != 0 {
		t.Fatalf("time.Time is laid out in another way: %v became %v", was, at)
	}
	return at
}
