package cgpl

import (
	"strconv"

	"tandem/ximss/object"
)

// index is a number, or a string of digits (reference cgpl.md 1.5).
func index(v object.Value) (i int, ok bool) {
	if n, ok := v.Int(); ok {
		if int64(int(n)) != n {
			return -1, true
		}
		return int(n), true
	}
	if s, ok := v.Str(); ok {
		n, err := strconv.Atoi(s)
		return n, err == nil
	}
	return 0, false
}

// element is x[i]: what is not there is null.
func element(x, at object.Value) object.Value {
	i, ok := index(at)
	if !ok {
		return object.Null
	}
	switch x.Kind() {
	case object.KindArray:
		return x.Array().At(i)
	case object.KindDictionary:
		if key, ok := x.Dictionary().Key(i); ok {
			return object.String(key)
		}
	case object.KindXML:
		return subElement(x.XML(), i)
	}
	return object.Null
}

// subElement is the i-th element inside of an XML object; strings between them do not count.
func subElement(x *object.XML, i int) object.Value {
	for _, v := range x.Body {
		if v.XML() == nil {
			continue
		}
		if i == 0 {
			return v
		}
		i--
	}
	return object.Null
}

// setElement is x[i] = v.
func setElement(x, at, v object.Value) error {
	i, ok := index(at)
	switch x.Kind() {
	case object.KindArray:
		if !ok {
			return errIndexType
		}
		if !x.Array().Set(i, v) {
			return errIndexRange
		}
		return nil
	case object.KindDictionary:
		return errKeyWrite
	case object.KindXML:
		return errElementWrite
	case object.KindNull:
		return errNullWrite
	}
	return errPartWrite
}

// field is x.(key).
func field(x, key object.Value) object.Value {
	if s, ok := key.Str(); ok {
		return x.Dictionary().Get(s)
	}
	return object.Null
}

// setField is x.(key) = v; null removes the key.
func setField(x, key, v object.Value) error {
	d := x.Dictionary()
	if d == nil {
		if x.IsNull() {
			return errNullWrite
		}
		return errFieldWrite
	}
	s, ok := key.Str()
	if !ok {
		return errKeyType
	}
	d.Set(s, v)
	return nil
}
