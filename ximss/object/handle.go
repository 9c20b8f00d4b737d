package object

// Handle is a reference to something alive or kept outside of the program, such as a Task. Two handles
// are equal when both class and identifier are. It can not be written to text that somebody reads back,
// except by those who keep handles (Writer.Handles).
type Handle struct {
	Class string // as ObjectClass gives it, such as ClassTask
	ID    string // what it means outside of the program; of a Task the text form of its handler
	Any   any    // what the platform keeps with it, such as the state of a bridge request; not compared
}

// ClassTask is the class of Task handles: of Tasks, Sessions and Signals.
const ClassTask = "STTaskHandle"

// Value is the handle as an object.
func (h *Handle) Value() Value { return Value{ref: h} }
