package lib

import (
	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
)

// elements has the XML objects of section 2.6. What is no XML object is an exception everywhere.
var elements = []cgpl.Builtin{
	is("IsXML", object.KindXML),
	{Name: "NewXML", Min: 1, Max: 3, Call: newXML},
	{Name: "SetNamespace", Min: 2, Max: 3, Procedure: true, Call: setNamespace},
	element("GetNamespace", 1, 2, func(c *call, x *object.XML) (object.Value, error) {
		prefix, err := prefix(c, 1)
		name, ok := x.Namespace(prefix)
		return stringIf(name, ok), err
	}),
	element("GetPrefix", 2, 2, getPrefix),
	{Name: "SetAttribute", Min: 3, Max: 4, Procedure: true, Call: setAttribute},
	element("GetAttribute", 2, 3, getAttribute),
	element("XMLBody", 2, 4, xmlBody),
	element("XMLType", 1, 1, func(_ *call, x *object.XML) (object.Value, error) {
		return object.String(x.Type), nil
	}),
	element("XMLPrefix", 1, 1, func(_ *call, x *object.XML) (object.Value, error) {
		return object.String(x.Prefix), nil
	}),
}

// element makes a function whose first argument is an XML object.
func element(name string, min, max int, of func(*call, *object.XML) (object.Value, error)) cgpl.Builtin {
	return cgpl.Builtin{Name: name, Min: min, Max: max, Call: func(c *call) (object.Value, error) {
		x := c.Arg(0).XML()
		if x == nil {
			return null, wrong(name, "an XML object")
		}
		return of(c, x)
	}}
}

// stringIf is a string, or null where there is none.
func stringIf(s string, ok bool) object.Value {
	if !ok {
		return null
	}
	return object.String(s)
}

// prefix is an argument that is null, "", or a valid prefix.
func prefix(c *call, i int) (string, error) {
	s, ok := c.Arg(i).Str()
	if c.Arg(i).IsNull() || ok && (s == "" || object.NameOK(s)) {
		return s, nil
	}
	return "", cgpl.Throw("a prefix of XML is expected")
}

// name is an argument that is a valid name.
func name(c *call, i int) (string, error) {
	s := c.Arg(i).Text()
	if !object.NameOK(s) {
		return "", cgpl.Throw("a name of XML is expected")
	}
	return s, nil
}

func newXML(c *call) (object.Value, error) {
	typ, err := name(c, 0)
	if err != nil {
		return null, err
	}
	x := object.NewXML(typ)
	if x.Prefix, err = prefix(c, 1); err != nil {
		return null, err
	}
	namespace, ok := c.Arg(2).Str()
	if !ok && !c.Arg(2).IsNull() {
		return null, wrong("NewXML", "a namespace")
	}
	x.SetNamespace(x.Prefix, namespace)
	return x.Value(), nil
}

func setNamespace(c *call) (object.Value, error) {
	x := c.Arg(0).XML()
	namespace, ok := c.Arg(1).Str()
	if x == nil || !ok && !c.Arg(1).IsNull() {
		return null, wrong("SetNamespace", "an XML object and a namespace or null")
	}
	prefix, err := prefix(c, 2)
	if err != nil {
		return null, err
	}
	if len(x.Namespaces) >= maxAttributes && namespace != "" {
		return null, cgpl.Throw("SetNamespace: too many namespaces")
	}
	x.SetNamespace(prefix, namespace)
	return null, nil
}

func getPrefix(c *call, x *object.XML) (object.Value, error) {
	for _, n := range x.Namespaces {
		if ns, ok := c.Arg(1).Str(); ok && n.Name == ns {
			return object.String(n.Prefix), nil
		}
	}
	return null, nil
}

func setAttribute(c *call) (object.Value, error) {
	x := c.Arg(0).XML()
	value, ok := c.Arg(1).Str()
	if x == nil || !ok && !c.Arg(1).IsNull() {
		return null, wrong("SetAttribute", "an XML object and a string or null")
	}
	name, err := name(c, 2)
	if err != nil {
		return null, err
	}
	prefix, err := prefix(c, 3)
	switch {
	case err != nil:
		return null, err
	case !ok:
		x.DeleteAttribute(name, prefix)
		return null, nil
	case len(x.Attributes) >= maxAttributes:
		if _, there := x.Attribute(name, prefix); !there {
			return null, cgpl.Throw("SetAttribute: too many attributes")
		}
	}
	x.SetAttribute(name, prefix, value)
	return null, nil
}

// getAttribute finds by name a value, by index the array (name, prefix).
func getAttribute(c *call, x *object.XML) (object.Value, error) {
	prefix, err := prefix(c, 2)
	if err != nil {
		return null, err
	}
	if i, ok := c.Arg(1).Int(); ok {
		if i < 0 || i >= int64(len(x.Attributes)) {
			return null, nil
		}
		a := x.Attributes[i]
		return object.NewArray(object.String(a.Name), object.String(a.Prefix)).Value(), nil
	}
	s, ok := c.Arg(1).Str()
	if !ok {
		return null, wrong("GetAttribute", "a name or an index")
	}
	value, ok := x.Attribute(s, prefix)
	return stringIf(value, ok), nil
}

// xmlBody finds a sub-element. Of its namespace is known what it or its parent bind its prefix to.
func xmlBody(c *call, x *object.XML) (object.Value, error) {
	typ, anyType := c.Arg(1).Text(), c.Arg(1).IsNull()
	namespace, anyNamespace := c.Arg(2).Text(), c.Arg(2).IsNull()
	left := 0
	if !c.Arg(3).IsNull() {
		if left = index(c.Arg(3)); left < 0 {
			return null, nil
		}
	}
	for _, v := range x.Body {
		child := v.XML()
		if child == nil || !anyType && child.Type != typ {
			continue
		}
		if bound, ok := bound(child, x); !anyNamespace && (!ok || bound != namespace) {
			continue
		}
		if left == 0 {
			return v, nil
		}
		left--
	}
	return null, nil
}

// bound is the name that the prefix of an element stands for.
func bound(x, parent *object.XML) (namespace string, ok bool) {
	if namespace, ok = x.Namespace(x.Prefix); ok {
		return namespace, true
	}
	return parent.Namespace(x.Prefix)
}
