package lib

import (
	"strings"

	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
	"tandem/ximss/sdp"
)

// forms has the text, XML and JSON forms of objects, of section 2.6.
var forms = []cgpl.Builtin{
	{Name: "ObjectToString", Min: 1, Max: 1, Call: objectToString},
	{Name: "ToObject", Min: 1, Max: 1, Call: toObject},
	{Name: "ObjectToXML", Min: 1, Max: 1, Call: func(c *call) (object.Value, error) {
		x, err := object.ToXML("object", c.Arg(0))
		if err != nil {
			return null, cgpl.Throw("ObjectToXML: " + err.Error())
		}
		return x.Value(), nil
	}},
	{Name: "ObjectToJSON", Min: 1, Max: 1, Call: func(c *call) (object.Value, error) {
		s, err := object.JSON(c.Arg(0))
		if err != nil {
			return null, cgpl.Throw("ObjectToJSON: " + err.Error())
		}
		return object.String(s), nil
	}},
	{Name: "JSONToObject", Min: 1, Max: 1, Call: func(c *call) (object.Value, error) {
		b, err := source(c, "JSONToObject", "a string or a datablock")
		if err != nil {
			return null, err
		}
		v, err := object.ParseJSON(b)
		if err != nil {
			return null, nil
		}
		return v, nil
	}},
	{Name: "AppToXML", Min: 2, Max: 2, Call: appToXML},
	{Name: "XMLToApp", Min: 1, Max: 1, Call: xmlToApp},
}

func objectToString(c *call) (object.Value, error) {
	s, err := object.Writer{}.Write(c.Arg(0))
	if err != nil {
		return null, cgpl.Throw(err.Error())
	}
	return object.String(s), nil
}

// source is the text of a string or a datablock that is to become an object.
func source(c *call, function, what string) ([]byte, error) {
	size := sizeOf(c.Arg(0))
	if size > maxSource {
		return nil, cgpl.Throw(function + ": the text is too long")
	}
	b, ok := bytesOf(c.Arg(0))
	if !ok {
		return nil, wrong(function, what)
	}
	return b, room(c, perByte*size)
}

func toObject(c *call) (object.Value, error) {
	if x := c.Arg(0).XML(); x != nil {
		return object.FromXML(x), nil
	}
	b, err := source(c, "ToObject", "a string, a datablock or an XML object")
	if err != nil {
		return null, err
	}
	v, err := object.Parse(string(b))
	if err != nil {
		return null, nil
	}
	return v, nil
}

// What AppToXML and XMLToApp answer to data and to formats that they do not know.
const (
	badApplication = "illegal application data"
	badFormat      = "unsupported data format"
)

func appToXML(c *call) (object.Value, error) {
	if !strings.EqualFold(c.Arg(1).Text(), "sdp") {
		return object.String(badFormat), nil
	}
	if sizeOf(c.Arg(0)) > sdp.MaxText {
		return object.String(badApplication), nil
	}
	b, ok := bytesOf(c.Arg(0))
	if !ok {
		return object.String(badApplication), nil
	}
	x, err := sdp.ToXML(string(b))
	if err != nil {
		return object.String(badApplication), nil
	}
	return x.Value(), nil
}

// xmlToApp gives the XML text of what is no application data that it knows.
func xmlToApp(c *call) (object.Value, error) {
	x := c.Arg(0).XML()
	if x == nil {
		return object.String(badApplication), nil
	}
	write := func() (string, error) { return sdp.Text(x) }
	if x.Type != "sdp" {
		write = x.Markup
	}
	s, err := write()
	if err != nil {
		return object.String(badApplication), nil
	}
	return object.String(s), nil
}
