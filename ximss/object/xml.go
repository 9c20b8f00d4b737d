package object

// XML is an XML element: its name, its namespaces, attributes, and content.
type XML struct {
	Type       string // local name
	Prefix     string
	Namespaces []Namespace
	Attributes []Attribute
	Body       []Value // sub-elements and strings, in order
}

// Namespace binds a prefix ("" is the default one) to a name.
type Namespace struct{ Prefix, Name string }

// Attribute is one attribute.
type Attribute struct{ Prefix, Name, Value string }

// Value is the element as an object.
func (x *XML) Value() Value { return Value{ref: x} }
