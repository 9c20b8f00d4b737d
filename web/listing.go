package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tandem/web/screen"
)

// maxShown bounds the rows of a table on a page; who looks for one of more filters.
const maxShown = 200

// listing is a table of things of one kind on a page: how each is shown, and by what it can be selected and
// sorted. An address can name nothing else, so nothing of it reaches further than these tables.
type listing[T any] struct {
	path    string
	columns []listColumn[T]
	filters []listFilter[T]
	key     func(T) string // of the row
}

type listColumn[T any] struct {
	name, label, width string // without a name it can not be sorted by
	num                bool
	cell               func(T) screen.Cell
	compare            func(a, b T) int
}

// listFilter selects by the value of one field. A value that begins with ! selects the others.
type listFilter[T any] struct {
	name, label string
	value       func(T) string
	options     []screen.Option
	part        bool                           // a part of the value is enough, without regard to case
	has         func(item T, word string) bool // in place of value, for what has several
}

// listQuery is what an address says of a listing.
type listQuery struct {
	words map[string]string // by name of the filter
	sort  string            // name of a column, with - in front for descending; "" is the given order
}

// parse reads an address. What it does not know it passes over, but a sort that does not exist is refused.
func (l listing[T]) parse(q url.Values) (out listQuery, err error) {
	out.words = map[string]string{}
	for _, f := range l.filters {
		word := strings.TrimSpace(q.Get(f.name))
		if len(word) > maxField {
			return out, Invalid("the word for %s is longer than %d bytes", f.label, maxField)
		}
		if word != "" {
			out.words[f.name] = word
		}
	}
	out.sort = q.Get("sort")
	if out.sort != "" && l.column(out.sort) == nil {
		return out, Invalid("%q is nothing to sort by: there are %s", clip(out.sort, 40), strings.Join(l.sorts(), ", "))
	}
	return out, nil
}

func (l listing[T]) column(sort string) *listColumn[T] {
	name := strings.TrimPrefix(sort, "-")
	for i := range l.columns {
		if name != "" && l.columns[i].name == name {
			return &l.columns[i]
		}
	}
	return nil
}

func (l listing[T]) sorts() (names []string) {
	for _, c := range l.columns {
		if c.name != "" {
			names = append(names, c.name)
		}
	}
	return names
}

// values is the query as an address says it, in one form.
func (q listQuery) values() url.Values {
	v := url.Values{}
	for name, word := range q.words {
		v.Set(name, word)
	}
	if q.sort != "" {
		v.Set("sort", q.sort)
	}
	return v
}

func addressOf(path string, v url.Values) string {
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// choose selects and sorts. Nothing is copied for a page that asks for all as it is.
func (l listing[T]) choose(q listQuery, all []T) []T {
	out := all
	if len(q.words) > 0 {
		out = nil
		for _, item := range all {
			if l.selects(q, item) {
				out = append(out, item)
			}
		}
	}
	if order := l.order(q); order != nil {
		out = slices.Clone(out)
		slices.SortStableFunc(out, order)
	}
	return out
}

// order is that by the column that is asked for; nil: none is.
func (l listing[T]) order(q listQuery) func(a, b T) int {
	c := l.column(q.sort)
	if c == nil {
		return nil
	}
	if strings.HasPrefix(q.sort, "-") {
		return func(a, b T) int { return c.compare(b, a) }
	}
	return c.compare
}

func (l listing[T]) selects(q listQuery, item T) bool {
	for _, f := range l.filters {
		word, ok := q.words[f.name]
		if !ok {
			continue
		}
		word, not := strings.CutPrefix(word, "!")
		hit := f.hit(item, word)
		if hit == not {
			return false
		}
	}
	return true
}

func (f listFilter[T]) hit(item T, word string) bool {
	switch {
	case f.has != nil:
		return f.has(item, word)
	case f.part:
		return strings.Contains(strings.ToLower(f.value(item)), strings.ToLower(word))
	}
	return f.value(item) == word
}

// table shows what was chosen.
func (l listing[T]) table(q listQuery, chosen []T, empty string) *screen.Table {
	t := &screen.Table{Events: true, Sticky: true, Empty: empty}
	for _, c := range l.columns {
		head := screen.Column{Label: c.label, Num: c.num, Width: c.width}
		if c.name != "" {
			next := c.name
			switch q.sort {
			case c.name:
				next, head.Sorted = "-"+c.name, "ascending"
			case "-" + c.name:
				next, head.Sorted = "", "descending"
			}
			v := q.values()
			if v.Set("sort", next); next == "" {
				v.Del("sort")
			}
			head.Sort = addressOf(l.path, v)
		}
		t.Columns = append(t.Columns, head)
	}
	for i, item := range chosen {
		if i == maxShown {
			t.More = fmt.Sprintf("%d more are not shown: filter to see them.", len(chosen)-maxShown)
			break
		}
		row := screen.Row{Key: l.key(item)}
		for _, c := range l.columns {
			row.Cells = append(row.Cells, c.cell(item))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// filter is the form that selects.
func (l listing[T]) filter(q listQuery) *screen.Filter {
	f := &screen.Filter{Action: l.path, Sort: q.sort, Active: len(q.words) > 0}
	for _, x := range l.filters {
		f.Fields = append(f.Fields, screen.FilterField{Name: x.name, Label: x.label, Value: q.words[x.name], Options: x.options})
	}
	return f
}

// page is the page of a list in the realm of monitors: topic is the live topic that view makes.
func (l listing[T]) page(r *http.Request, v visitor, title, topic string,
	view func(context.Context, url.Values, screen.Right) (screen.View, error)) (screen.Page, error) {
	q, err := l.parse(r.URL.Query())
	if err != nil {
		return screen.Page{}, err
	}
	shown, err := view(r.Context(), q.values(), v.right)
	return screen.Page{Title: title, Realm: "monitors", Topic: topicName(topic, q.values()), View: shown,
		Crumbs: []screen.Crumb{{Label: "Monitors", Href: membersPath}}, Filter: l.filter(q)}, err
}
