package stat

import (
	"cmp"
	"slices"
)

// Listed is a statistic of the pool.
type Listed struct {
	ID      string  `json:"id"`
	Request Request `json:"definition"`
	Opened  int64   `json:"opened"` // ms since 1970
	Asked   int64   `json:"asked"`
	Leaves  int64   `json:"leaves"` // when it is dropped, unless somebody asks for it
	Owner   string  `json:"owner"`
}

// Search is what is wanted of the pool.
type Search struct {
	Object string                 // "": of all
	Wanted func(*Listed) bool     // nil: all
	Order  func(a, b *Listed) int // nil: by id; equal ones are by id
	After  string                 // behind this one, where the order is that of ids
	Limit  int                    // at most
}

// spare is by how much more than the limit is kept before what is beyond it is left out.
const spare = 1000

// List gives the statistics of the pool that are wanted, and how many those are, whatever the limit.
func (h *Hall) List(q Search) (out []Listed, all int) {
	places := slices.DeleteFunc(h.places(), func(x place) bool { return q.Object != "" && x.p.Request.Object != q.Object })
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.id, b.id) })
	owner, kept := once(h.ownerOf), h.kept().Milliseconds()
	for _, x := range places {
		full := q.Order == nil && len(out) >= q.Limit
		if (full || x.id <= q.After) && q.Wanted == nil {
			all++
			continue
		}
		l := Listed{x.id, x.p.Request, x.p.Opened, x.asked, x.asked + kept, owner(x.p)}
		if q.Wanted != nil && !q.Wanted(&l) {
			continue
		}
		if all++; full || x.id <= q.After {
			continue
		}
		if out = append(out, l); len(out) >= q.Limit+spare {
			out = q.best(out)
		}
	}
	return q.best(out), all
}

// best are those that come first, within the limit.
func (q *Search) best(all []Listed) []Listed {
	if q.Order != nil {
		slices.SortStableFunc(all, func(a, b Listed) int { return q.Order(&a, &b) })
	}
	return all[:min(len(all), q.Limit)]
}
