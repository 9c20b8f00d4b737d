package lib

import (
	"sort"
	"strings"

	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
)

// arrays has section 2.5.
var arrays = []cgpl.Builtin{
	is("IsArray", object.KindArray),
	{Name: "NewArray", Call: func(*call) (object.Value, error) { return object.NewArray().Value(), nil }},
	is("IsDictionary", object.KindDictionary),
	{Name: "NewDictionary", Call: func(*call) (object.Value, error) {
		return object.NewDictionary().Value(), nil
	}},
	{Name: "Invert", Min: 1, Max: 1, Call: invert},
	{Name: "Find", Min: 2, Max: 2, Call: findElement},
	{Name: "AddElement", Min: 2, Max: 2, Procedure: true, Call: addElement},
	{Name: "RemoveElement", Min: 2, Max: 2, Procedure: true, Call: removeElement},
	{Name: "InsertElement", Min: 3, Max: 3, Procedure: true, Call: insertElement},
	{Name: "SortStrings", Min: 1, Max: 1, Procedure: true, Call: sortStrings},
	{Name: "SetCaseSensitive", Min: 2, Max: 2, Procedure: true, Call: func(c *call) (object.Value, error) {
		d := c.Arg(0).Dictionary()
		if d == nil {
			return null, wrong("SetCaseSensitive", "a dictionary")
		}
		d.SetFolded(c.Arg(1).IsNull())
		return null, nil
	}},
}

func invert(c *call) (object.Value, error) {
	a := c.Arg(0).Array()
	if a == nil {
		return null, wrong("Invert", "an array")
	}
	items := make([]object.Value, a.Len())
	for i, v := range a.Items() {
		items[len(items)-1-i] = v
	}
	return object.NewArray(items...).Value(), nil
}

// findElement looks once at what is large, however often it stands in the array.
func findElement(c *call) (object.Value, error) {
	x, large := c.Arg(1), map[object.Value]bool{}
	items := c.Arg(0).Array().Items()
	c.Spend(len(items) / 2)
	for i, v := range items {
		if v.Kind() != x.Kind() || large[v] {
			continue
		}
		equal, looks := object.EqualLooks(v, x)
		if c.Spend(looks); equal {
			return object.Number(int64(i)), nil
		}
		if b, _ := v.Bytes(); len(b)+len(v.Text()) >= 1<<10 || v.Kind() >= object.KindArray {
			large[v] = true
		}
	}
	return object.Number(-1), nil
}

func addElement(c *call) (object.Value, error) {
	if a := c.Arg(0).Array(); a != nil {
		a.Append(c.Arg(1))
		return null, nil
	}
	x := c.Arg(0).XML()
	if x == nil {
		return null, wrong("AddElement", "an array or an XML object")
	}
	if kind := c.Arg(1).Kind(); kind != object.KindString && kind != object.KindXML {
		return null, wrong("AddElement to an XML object", "a string or an XML object")
	}
	x.Add(c.Arg(1))
	return null, nil
}

func removeElement(c *call) (object.Value, error) {
	a := c.Arg(0).Array()
	if a == nil {
		return null, wrong("RemoveElement", "an array")
	}
	spendMoving(c, a)
	if !a.Remove(index(c.Arg(1))) {
		return null, wrong("RemoveElement", "the index of an element")
	}
	return null, nil
}

// movedPerStep is how many elements are moved in the time of a step, about.
const movedPerStep = 8

// spendMoving charges the time to move what stands behind an element that comes or goes.
func spendMoving(c *call, a *object.Array) {
	if at := index(c.Arg(1)); at >= 0 && at < a.Len() {
		c.Spend((a.Len() - at) / movedPerStep)
	}
}

func insertElement(c *call) (object.Value, error) {
	a := c.Arg(0).Array()
	if a == nil {
		return null, wrong("InsertElement", "an array")
	}
	spendMoving(c, a)
	if !a.Insert(index(c.Arg(1)), c.Arg(2)) {
		return null, wrong("InsertElement", "an index up to the length")
	}
	return null, nil
}

// sortStrings sorts without regard to case; strings that differ in case alone by their bytes, so that
// the order is always the same.
func sortStrings(c *call) (object.Value, error) {
	const rowBytes = 40
	a := c.Arg(0).Array()
	if a == nil {
		return null, wrong("SortStrings", "an array of strings")
	}
	type row struct {
		folded string
		v      object.Value
	}
	bytes := 0
	for _, v := range a.Items() {
		s, ok := v.Str()
		if !ok {
			return null, wrong("SortStrings", "an array of strings")
		}
		bytes += len(s) + rowBytes
	}
	if err := room(c, bytes); err != nil {
		return null, err
	}
	rows := make([]row, a.Len())
	for i, v := range a.Items() {
		rows[i] = row{strings.ToLower(v.Text()), v}
	}
	sort.SliceStable(rows, func(i, j int) bool {
		if rows[i].folded != rows[j].folded {
			return rows[i].folded < rows[j].folded
		}
		return rows[i].v.Text() < rows[j].v.Text()
	})
	for i, r := range rows {
		a.Set(i, r.v)
	}
	return null, nil
}
