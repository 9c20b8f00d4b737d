package actors

import (
	"strings"

	"tandem/actors/pbx/task"
)

// taskServices are what the house does for Tasks, by lower-case name.
func (h *House) taskServices() map[string]task.Service {
	all := map[string]task.Service{}
	for _, family := range [][]task.Service{
		h.fileFunctions(),
	} {
		for _, s := range family {
			all[strings.ToLower(s.Name)] = s
		}
	}
	return all
}

// domainOf is the domain of an address.
func domainOf(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	return domain
}
