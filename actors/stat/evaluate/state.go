package evaluate

import "tandem/actors/stat/engine"

// State is what an object and its parts are doing: engine.State with the times of a file.
type State struct {
	Object   engine.Object    `json:"object"`
	Status   string           `json:"status,omitempty"`
	Since    Time             `json:"since,omitempty"`
	Attached *engine.Attached `json:"attached,omitempty"`
	Actions  []Doing          `json:"actions,omitempty"`
	Parts    []State          `json:"parts,omitempty"`
}

// Doing is an action that goes on.
type Doing struct {
	Name  string `json:"name"`
	Conn  string `json:"conn,omitempty"`
	Since Time   `json:"since"`
}

func state(s engine.State) State {
	out := State{Object: s.Object, Status: s.Status, Since: Time(s.Since), Attached: s.Attached}
	for _, a := range s.Actions {
		out.Actions = append(out.Actions, Doing{a.Name, a.Conn, Time(a.Since)})
	}
	for _, p := range s.Parts {
		out.Parts = append(out.Parts, state(p))
	}
	return out
}
