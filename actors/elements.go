package actors

import (
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
)

// elements are the custom statistics elements: numbers that programs and operators keep for themselves.
type elements struct {
	mu     sync.RWMutex
	values map[string]int64
}

// Limits of custom elements.
const (
	maxElements    = 1000
	maxElementName = 64 // bytes
)

// Refusals of changes.
var (
	errElementName = errors.New("a custom element has a name of letters, digits, '_', '-' and '.', at most 64")
	errElements    = errors.New("there are too many custom elements")
)

func newElements() *elements { return &elements{values: map[string]int64{}} }

// get is the value of an element.
func (e *elements) get(name string) (int64, bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	n, ok := e.values[name]
	return n, ok
}

// change sets an element, or adds to it, and returns its new value. A sum stays at the end of what a
// number can hold.
func (e *elements) change(name string, add bool, n int64) (int64, error) {
	if name == "" || len(name) > maxElementName || strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("_-.", r)
	}) {
		return 0, errElementName
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	old, ok := e.values[name]
	if !ok && len(e.values) >= maxElements {
		return 0, errElements
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

// names are the names of all elements, in order.
func (e *elements) names() []string {
	e.mu.RLock()
	defer e.mu.RUnlock()
	names := make([]string, 0, len(e.values))
	for name := range e.values {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
