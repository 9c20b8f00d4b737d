package session

import (
	"context"
	"strings"

	"tandem/ximss"
	"tandem/ximss/object"
)

// preferenceFamily are the operations on preferences of the account, as GetAccountPreferences has them. A preference
// is an element of its name, whose content is its value; one whose name can not be that of an element is a subKey.
var preferenceFamily = family{rows: map[string]run{
	"prefsRead":  prefsRead,
	"prefsStore": prefsStore,
}}

// prefsRead reads those that are named, or all; type="custom" without the defaults of the domain.
func prefsRead(s *Session, o *Operation) {
	var wanted []string
	for _, v := range o.Body {
		if x := v.XML(); x != nil && x.Type == "name" {
			wanted = append(wanted, strings.TrimSpace(x.Text()))
		}
	}
	own := o.Attr("type") == "custom"
	aor := s.AOR
	s.serve(o, func(ctx context.Context, services Services) Result {
		d, err := services.Preferences(ctx, aor, own)
		return func(*Session) {
			if err != nil {
				o.fail(err)
				return
			}
			o.answer(preferences(d, wanted))
			o.done()
		}
	})
}

func preferences(d *object.Dictionary, wanted []string) *object.XML {
	x := object.NewXML("prefs")
	if wanted == nil {
		for i := range d.Len() {
			key, _ := d.Key(i)
			wanted = append(wanted, key)
		}
	}
	seen := map[string]bool{} // a request may name the same one thousands of times
	for _, key := range wanted {
		v := d.GetFold(key)
		if folded := strings.ToLower(key); v.IsNull() || seen[folded] {
			continue
		} else {
			seen[folded] = true
		}
		part := object.NewXML(key)
		if !object.NameOK(key) {
			part = object.NewXML("subKey", "key", key)
		}
		if typed, err := object.ToXML(part.Type, v); err == nil {
			typed.Attributes = append(typed.Attributes, part.Attributes...)
			x.Add(typed.Value())
		}
	}
	return x
}

// prefsStore stores what its elements say; an empty one takes the preference away.
func prefsStore(s *Session, o *Operation) {
	changes := object.NewDictionary()
	for _, v := range o.Body {
		x := v.XML()
		if x == nil {
			continue
		}
		key := x.Type
		if key == "subKey" {
			key = x.Attr("key")
		}
		if key == "" || len(key) > maxName {
			o.fail(ximss.Fail(ximss.NumMalformed, "the name of a preference is missing or too long"))
			return
		}
		changes.Put(key, object.FromXML(x))
	}
	aor := s.AOR
	s.serve(o, func(ctx context.Context, services Services) Result {
		err := services.StorePreferences(ctx, aor, changes)
		return func(*Session) { o.end(err) }
	})
}
