package web

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"tandem/web/screen"
)

// Unheard are the members that did not answer while a list of all was made.
type Unheard struct {
	mu      sync.Mutex
	members map[string]bool
}

type unheardKey struct{}

// ListenFor has a list made in ctx: who does not answer is noted.
func ListenFor(ctx context.Context) (context.Context, *Unheard) {
	u := &Unheard{members: map[string]bool{}}
	return context.WithValue(ctx, unheardKey{}, u), u
}

// NoteUnheard notes that a member did not answer, so that what it has is missing in the list that is being made. The
// reader of the list is told.
func NoteUnheard(ctx context.Context, member string) {
	if u, ok := ctx.Value(unheardKey{}).(*Unheard); ok {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.members[member] = true
	}
}

// List is who did not answer, by name; never null.
func (u *Unheard) List() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return append([]string{}, slices.Sorted(maps.Keys(u.members))...)
}

// remarks tell a page's reader what is missing.
func (u *Unheard) remarks(what string) []screen.Remark {
	all := u.List()
	if len(all) == 0 {
		return nil
	}
	return []screen.Remark{{State: screen.StateOf("member", MemberSuspect),
		Text: strings.Join(all, ", ") + " did not answer: " + what + " there are not shown."}}
}
