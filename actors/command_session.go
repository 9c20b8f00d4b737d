package actors

import (
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// sessionWorks are the commands about XIMSS sessions. This member has none yet, and answers so.
var sessionWorks = map[string]work{
	"FINDACCOUNTSESSION": func(c commands, r *request) (object.Value, *cli.Failure) {
		if _, f := c.account(r); f != nil {
			return object.Null, f
		}
		return object.Null, errNoSession
	},
	"LISTACCOUNTSESSIONS": func(c commands, r *request) (object.Value, *cli.Failure) {
		if _, f := c.account(r); f != nil {
			return object.Null, f
		}
		return found(object.NewArray().Value())
	},
	"GETSESSION":  func(commands, *request) (object.Value, *cli.Failure) { return object.Null, errNoSession },
	"KILLSESSION": func(commands, *request) (object.Value, *cli.Failure) { return object.Null, errNoSession },
	"KILLACCOUNTSESSIONS": func(c commands, r *request) (object.Value, *cli.Failure) {
		_, f := c.account(r)
		return object.Null, f
	},
}

var errNoSession = cli.Fail("async Object not found")
