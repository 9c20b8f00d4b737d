package tally

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"sync"
)

// Elements are the statistics elements: the member's own numbers, and custom ones, which programs and operators
// keep for themselves.
type Elements struct {
	own func() ([]Element, error)
	log *slog.Logger

	mu     sync.RWMutex
	values map[string]int64
}

// Element is one of the member's own numbers.
type Element struct {
	Name  string
	Value float64
}

// Limits of custom elements.
const (
	maxElements    = 1000
	maxElementName = 64 // bytes
)

// Refusals, with texts that programs and the command line show.
var (
	ErrUnknown = errors.New("unknown statistics element")
	ErrOwn     = errors.New("only custom elements can be changed")
	ErrLast    = errors.New("no further statistics element")
	ErrName    = errors.New("a custom element has a name of letters, digits, '_', '-' and '.', at most 64")
	ErrMany    = errors.New("there are too many custom elements")
)

// NewElements begins without custom elements. own are the member's, as they are now.
func NewElements(own func() ([]Element, error), log *slog.Logger) *Elements {
	return &Elements{own: own, log: log, values: map[string]int64{}}
}

// Value is the value of an element, whole; the name of one of the member's own may be written in any case.
// ErrUnknown: there is none.
func (e *Elements) Value(name string) (int64, error) {
	all, err := e.own()
	if err != nil {
		e.log.Warn("the metrics are not to be had", "err", err)
	}
	for _, own := range all {
		if strings.EqualFold(own.Name, name) {
			return whole(own.Value), nil
		}
	}
	if n, ok := e.custom(name); ok {
		return n, nil
	}
	return 0, ErrUnknown
}

// whole is a number without its fraction, within what an object can hold.
func whole(f float64) int64 {
	switch {
	case f != f:
		return 0
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	}
	return int64(math.Round(f))
}

// custom is the value of a custom element.
func (e *Elements) custom(name string) (int64, bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	n, ok := e.values[name]
	return n, ok
}

// Change sets a custom element, or adds to it, and returns its new value. ErrOwn: the name is that of one of the
// member's own.
func (e *Elements) Change(name string, add bool, n int64) (int64, error) {
	if _, custom := e.custom(name); !custom {
		if _, err := e.Value(name); err == nil {
			return 0, ErrOwn
		}
	}
	return e.change(name, add, n)
}

// change is Change of what is custom for sure. A sum stays at the end of what a number can hold.
func (e *Elements) change(name string, add bool, n int64) (int64, error) {
	if name == "" || len(name) > maxElementName || strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("_-.", r)
	}) {
		return 0, ErrName
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	old, ok := e.values[name]
	if !ok && len(e.values) >= maxElements {
		return 0, ErrMany
	}
	if add {
		switch {
		case n > 0 && old > math.MaxInt64-n:
			n = math.MaxInt64
		case n < 0 && old < math.MinInt64-n:
			n = math.MinInt64
		default:
			n += old
		}
	}
	e.values[name] = n
	return n, nil
}

// Next is the name behind a given one; "" is before the first. ErrLast: there is none.
func (e *Elements) Next(after string) (string, error) {
	all, err := e.own()
	if err != nil {
		return "", fmt.Errorf("the metrics are not to be had: %w", err)
	}
	names := e.names()
	for _, own := range all {
		names = append(names, own.Name)
	}
	slices.Sort(names)
	for _, name := range names {
		if name > after {
			return name, nil
		}
	}
	return "", ErrLast
}

// names are the names of all custom elements.
func (e *Elements) names() []string {
	e.mu.RLock()
	defer e.mu.RUnlock()
	names := make([]string, 0, len(e.values))
	for name := range e.values {
		names = append(names, name)
	}
	return names
}
