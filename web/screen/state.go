package screen

// State is how a state is shown: a tone and a shape and a word, so that none stands for it alone.
type State struct {
	Tone  string `json:"tone"`  // class of the style: good, live, pend, warn, bad, idle
	Shape string `json:"shape"` // symbol of icons.svg
	Word  string `json:"word"`
}

// states is the vocabulary of all pages, by kind and value.
var states = map[string]map[string]State{
	"leg": {
		"waiting":  {"pend", "wait", "Trying"},
		"ringing":  {"pend", "ring", "Ringing"},
		"answered": {"live", "talk", "Talking"},
		"held":     {"idle", "hold", "On hold"},
		"ending":   {"idle", "out", "Ending"},
		"ended":    {"idle", "out", "Ended"},
		"failed":   {"bad", "lost", "Failed"},
	},
	"task": {
		"disconnected": {"idle", "out", "No party"},
		"incoming":     {"pend", "ring", "Incoming"},
		"provisioned":  {"pend", "wait", "Provisioned"},
		"connected":    {"live", "talk", "Connected"},
		"waiting":      {"live", "wait", "Waiting"},
	},
	"session": {
		"attached": {"good", "ready", "Attached"},
		"detached": {"warn", "wait", "Detached"},
	},
	"member": {
		"up":       {"good", "ready", "Up"},
		"joining":  {"pend", "reserved", "Joining"},
		"draining": {"warn", "drain", "Draining"},
		"suspect":  {"warn", "warn", "Suspect"},
		"lost":     {"bad", "lost", "Lost"},
		"dead":     {"bad", "lost", "Dead"},
		"left":     {"idle", "out", "Left"},
		"cut off":  {"warn", "cut", "Cut off"},
	},
	"queue": {
		"on target":        {"good", "ready", "On target"},
		"near limit":       {"warn", "warn", "Near limit"},
		"over limit":       {"bad", "over", "Over limit"},
		"nobody logged in": {"bad", "out", "Nobody logged in"},
		"closed":           {"idle", "out", "Closed"},
	},
	"agent": {
		"logged out":  {"idle", "out", "Logged out"},
		"ready":       {"good", "ready", "Ready"},
		"reserved":    {"pend", "reserved", "Reserved"},
		"ringing":     {"pend", "ring", "Ringing"},
		"talking":     {"live", "talk", "Talking"},
		"wrap-up":     {"live", "wrap", "Wrap-up"},
		"paused":      {"warn", "pause", "Paused"},
		"unreachable": {"bad", "lost", "Unreachable"},
		"busy":        {"live", "talk", "Busy elsewhere"},
		"not known":   {"idle", "cut", "Not known"},
	},
	"caller": {
		"arriving":   {"pend", "reserved", "Arriving"},
		"waiting":    {"live", "wait", "Waiting"},
		"resting":    {"idle", "hold", "Resting"},
		"asking":     {"pend", "reserved", "Offered"},
		"dialling":   {"pend", "ring", "Called back"},
		"ringing":    {"pend", "ring", "Agent rung"},
		"announcing": {"pend", "in", "Being joined"},
		"talking":    {"live", "talk", "Talking"},
		"gone":       {"idle", "out", "Gone"},
	},
	"level": {
		"met":   {"good", "ready", "on target"},
		"below": {"warn", "warn", "below target"},
		"far":   {"bad", "over", "far below target"},
	},
	"age": {
		"live":   {"good", "ready", "Live"},
		"ageing": {"warn", "wait", "Ageing"},
		"quiet":  {"idle", "hold", "Quiet"},
		"cut":    {"bad", "cut", "Cut off"},
	},
	"statistic": {
		"valid":   {"good", "ready", "Valid"},
		"invalid": {"bad", "cut", "Invalid"},
		"moving":  {"pend", "reserved", "Taking over"},
	},
	"source": {
		"live":        {"good", "ready", "Live"},
		"switch lost": {"bad", "cut", "Switch lost"},
		"lost":        {"bad", "lost", "Lost"},
		"never heard": {"idle", "out", "Never heard"},
		"no holder":   {"pend", "reserved", "Taking over"},
	},
	"registration": {
		"registered": {"good", "ready", "Registered"},
		"soon":       {"warn", "wait", "Expires soon"},
	},
	"trunk": {
		"up":       {"good", "ready", "Up"},
		"impaired": {"warn", "warn", "Impaired"},
		"down":     {"bad", "cut", "Down"},
		"unknown":  {"idle", "wait", "Not asked yet"},
	},
	"trunk registration": {
		"registered": {"good", "ready", "Registered"},
		"asking":     {"pend", "reserved", "Asked for"},
		"refused":    {"bad", "cut", "Refused"},
	},
	"load": {
		"live":    {"good", "ready", "Live"},
		"quiet":   {"idle", "wait", "Quiet"},
		"behind":  {"warn", "warn", "Behind"},
		"cut off": {"bad", "cut", "Cut off"},
		"unknown": {"warn", "warn", "Not known"},
	},
	"list": {
		"willing": {"good", "tick", "Willing"},
		"current": {"good", "tick", "all up to date"},
		"behind":  {"warn", "wait", "behind"},
	},
	"notice": {
		"done":    {"good", "tick", "Done"},
		"refused": {"bad", "over", "Refused"},
		"well":    {"good", "ready", "All well"},
		"look":    {"warn", "warn", "Look"},
		"broken":  {"bad", "lost", "Broken"},
	},
}

// StateOf is the one way to a State. A value that the vocabulary lacks is shown as it is.
func StateOf(kind, value string) State {
	if s, ok := states[kind][value]; ok {
		return s
	}
	return State{"idle", "out", value}
}

// With is the state with another word, such as a number that the state is about.
func (s State) With(word string) State {
	s.Word = word
	return s
}
