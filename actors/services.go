package actors

import (
	"context"
	"strings"

	"tandem/actors/pbx/task"
	"tandem/ximss/object"
)

// taskServices are what the house does for Tasks, by lower-case name.
func (h *House) taskServices() map[string]task.Service {
	all := map[string]task.Service{}
	for _, s := range []task.Service{
		{Name: "ReadEnvirFile", Run: h.readEnvironmentFile},
	} {
		all[strings.ToLower(s.Name)] = s
	}
	return all
}

// readEnvironmentFile is ReadEnvirFile: a datablock, or null.
func (h *House) readEnvironmentFile(ctx context.Context, c task.Caller, args []object.Value) object.Value {
	b, err := h.environment.ReadEnvirFile(ctx, domainOf(c.Owner), c.Language, args[0].Text())
	if err != nil {
		return object.Null
	}
	return object.Data(b)
}

// domainOf is the domain of an address.
func domainOf(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	return domain
}
