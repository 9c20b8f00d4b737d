package measure

// stateFamily are the categories whose value is no number but what an object and its parts are doing (reference
// statserver.md 3.5, CurrentState). The number beside it is how many parts have a status of the mask.
var stateFamily = map[string]*category{
	"CurrentState":        {current: true, whole: true, state: true, compute: main(func(a ages) float64 { return float64(len(a)) })},
	"CurrentStateReasons": {current: true, whole: true, state: true, compute: main(func(a ages) float64 { return float64(len(a)) })},
	"CurrentTargetState":  {current: true, whole: true, state: true, compute: main(func(a ages) float64 { return float64(len(a)) })},
}

// IsState tells whether the value of a category is what an object and its parts are doing.
func IsState(category string) bool { c, ok := categories[category]; return ok && c.state }
