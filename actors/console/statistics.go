package console

import (
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// statisticsWorks are the commands about statistics elements: the member's own numbers, which only it
// changes, and custom ones.
var statisticsWorks = map[string]work{
	"GETSTATELEMENT":  (*Console).getStatElement,
	"SETSTATELEMENT":  (*Console).setStatElement,
	"GETNEXTSTATNAME": (*Console).getNextStatName,
}

func (c *Console) getStatElement(r *request) (object.Value, *cli.Failure) {
	n, err := c.Elements.Value(r.Text("element"))
	if err != nil {
		return fail("%v", err)
	}
	return found(object.Number(n))
}

func (c *Console) setStatElement(r *request) (object.Value, *cli.Failure) {
	if _, err := c.Elements.Change(r.Text("element"), r.Word("INC"), r.Number("value")); err != nil {
		return fail("%v", err)
	}
	return object.Null, nil
}

// getNextStatName is the name behind a given one; "" is before the first.
func (c *Console) getNextStatName(r *request) (object.Value, *cli.Failure) {
	name, err := c.Elements.Next(r.Text("element"))
	if err != nil {
		return fail("%v", err)
	}
	return found(object.String(name))
}
