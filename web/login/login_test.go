package login

import (
	"fmt"
	"testing"
	"time"
)

var start = time.Date(2026, 1, 31, 8, 0, 0, 0, time.UTC)

func found(b *Book, word string, at time.Time) bool {
	_, ok := b.Find(word, at)
	return ok
}

func ended(l *Login) bool {
	select {
	case <-l.Ended():
		return true
	default:
		return false
	}
}

func TestALoginIsFoundByItsWordAlone(t *testing.T) {
	b := NewBook()
	word, l := b.Begin("a", "s", start)
	other, _ := b.Begin("a", "s", start)
	if got, ok := b.Find(word, start); !ok || got != l || word == other || len(word) != 43 {
		t.Errorf("%v %v %q", got, ok, word)
	}
	for _, wrong := range []string{"", word[:42], word + "x", string(l.key[:])} {
		if found(b, wrong, start) {
			t.Errorf("found by %q", wrong)
		}
	}
	b.End(l)
	b.End(l) // twice does no harm
	if found(b, word, start) || !ended(l) || b.Count() != 1 {
		t.Error("not ended")
	}
}

func TestIdleAndOldLoginsLapse(t *testing.T) {
	b := NewBook()
	word, l := b.Begin("a", "s", start)
	if !found(b, word, start.Add(Idle-1)) || found(b, word, start.Add(2*Idle)) || !ended(l) {
		t.Error("idle")
	}
	word, _ = b.Begin("a", "s", start)
	at := start
	for ; at.Sub(start) < Life-Idle; at = at.Add(Idle / 2) {
		if !found(b, word, at) {
			t.Fatalf("ended after %v", at.Sub(start))
		}
	}
	for at.Sub(start) < Life {
		found(b, word, at)
		at = at.Add(Idle / 2)
	}
	if found(b, word, start.Add(Life)) {
		t.Error("lives for ever")
	}
}

func TestTheLongestIdleOneMakesRoom(t *testing.T) {
	b := NewBook()
	var words []string
	for i := range PerAccount {
		word, _ := b.Begin("a", "s", start.Add(time.Duration(i)))
		words = append(words, word)
	}
	found(b, words[0], start.Add(time.Minute))
	b.Begin("a", "s", start.Add(time.Minute))
	if b.Count() != PerAccount || !found(b, words[0], start.Add(time.Minute)) || found(b, words[1], start.Add(time.Minute)) {
		t.Errorf("%d logins", b.Count())
	}
	b.total = 100
	for i := range b.total + 10 {
		b.Begin(fmt.Sprint(i), "s", start.Add(time.Hour))
	}
	if b.Count() != b.total {
		t.Errorf("%d logins", b.Count())
	}
}

func TestLapsedLoginsAreSweptOut(t *testing.T) {
	b := NewBook()
	_, l := b.Begin("a", "s", start)
	b.Begin("b", "s", start.Add(Life))
	if b.Count() != 1 || !ended(l) {
		t.Errorf("%d logins", b.Count())
	}
	b.EndAll()
	if b.Count() != 0 {
		t.Error("left")
	}
}

func TestANoteIsTakenOnce(t *testing.T) {
	b := NewBook()
	_, l := b.Begin("a", "s", start)
	b.Leave(l, 1)
	b.Leave(l, 2)
	if b.Take(l) != 2 || b.Take(l) != nil {
		t.Error("not the last one, or twice")
	}
}
