package actors

import (
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// statisticsWorks are the commands about statistics elements: the member's own numbers, which only it
// changes, and custom ones.
var statisticsWorks = map[string]work{
	"GETSTATELEMENT":  commands.getStatElement,
	"SETSTATELEMENT":  commands.setStatElement,
	"GETNEXTSTATNAME": commands.getNextStatName,
}

func (c commands) getStatElement(r *request) (object.Value, *cli.Failure) {
	n, err := c.elements.Value(r.Text("element"))
	if err != nil {
		return fail("%v", err)
	}
	return found(object.Number(n))
}

func (c commands) setStatElement(r *request) (object.Value, *cli.Failure) {
	if _, err := c.elements.Change(r.Text("element"), r.Word("INC"), r.Number("value")); err != nil {
		return fail("%v", err)
	}
	return object.Null, nil
}

// getNextStatName is the name behind a given one; "" is before the first.
func (c commands) getNextStatName(r *request) (object.Value, *cli.Failure) {
	name, err := c.elements.Next(r.Text("element"))
	if err != nil {
		return fail("%v", err)
	}
	return found(object.String(name))
}
