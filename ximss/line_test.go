package ximss

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// tornWire takes so many documents, and then breaks.
type tornWire struct {
	takes  int
	closed chan struct{}
}

func (w *tornWire) read() (string, error) { return "", errors.New("not here") }
func (w *tornWire) allow(int)             {}
func (w *tornWire) close()                { close(w.closed) }

func (w *tornWire) write(documents []string) (int, error) {
	if len(documents) <= w.takes {
		w.takes -= len(documents)
		return len(documents), nil
	}
	return w.takes, errors.New("broken")
}

// What a connection that breaks has not taken is given back in order, with what is said before its session knows.
func TestLineGivesBackWhatWasNotSaid(t *testing.T) {
	w := &tornWire{takes: 1, closed: make(chan struct{})}
	l := &line{wire: w, limit: 1 << 10}
	l.Say("<a/>", "<b/>", "<c/>")
	select {
	case <-w.closed:
	case <-time.After(10 * time.Second):
		t.Fatal("the line does not end")
	}
	l.Say("<d/>")
	got := l.Unsaid()
	if want := []string{"<b/>", "<c/>", "<d/>"}; !slices.Equal(got, want) {
		t.Errorf("given back are %q, want %q", got, want)
	}
	if again := l.Unsaid(); len(again) > 0 {
		t.Errorf("given back twice: %q", again)
	}
}

// A session that closes a line wants nothing back.
func TestLineThatItsSessionClosedKeepsNothing(t *testing.T) {
	l := &line{wire: &tornWire{takes: 9, closed: make(chan struct{})}, limit: 1 << 10}
	l.Close("bye")
	l.Say("<a/>")
	if got := l.Unsaid(); len(got) > 0 {
		t.Errorf("given back are %q", got)
	}
}
