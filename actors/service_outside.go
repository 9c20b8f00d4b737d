package actors

import (
	"context"

	"tandem/actors/pbx/task"
	"tandem/ximss/object"
)

// outsideServices are the functions of programs that ask servers of other kinds (reference cgpl.md 2.10).
func (h *House) outsideServices() []task.Service {
	return []task.Service{
		{Name: "RADIUSCall", Quick: true, Run: func(context.Context, task.Caller, []object.Value) object.Value {
			return object.String("no RADIUS server is set up")
		}},
	}
}

// routeENUM is RouteENUM(service, number, domain).
func (h *House) routeENUM(context.Context, task.Caller, []object.Value) object.Value {
	return object.String("ENUM is not available: no name server for it is set up")
}
