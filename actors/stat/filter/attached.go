package filter

// Attached is what is attached to a fact: pairs of user data, reasons and extensions, and the attributes that Names has.
// A nil one is empty.
type Attached struct {
	Pairs      map[string]string `json:"pairs,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"`
}

// Pair is the value of a pair.
func (a *Attached) Pair(key string) (value string, ok bool) {
	if a == nil {
		return "", false
	}
	value, ok = a.Pairs[key]
	return value, ok
}

// Attribute is the value of an attribute.
func (a *Attached) Attribute(name string) (value string, ok bool) {
	if a == nil {
		return "", false
	}
	value, ok = a.Attributes[name]
	return value, ok
}
