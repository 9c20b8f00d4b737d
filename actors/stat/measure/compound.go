package measure

// compoundFamily are the categories of fixed sets of actions of a queue (reference statserver.md 3.5, compound).
var compoundFamily = map[string]*category{
	"ServiceFactor1": {historical: true, only: []Subject{DNAction}, fixed: func(d *Definition) []Mask {
		return []Mask{d.Main.and(set("CallAnswered")), d.Main.and(set("CallAbandoned", "CallAbandonedFromRinging"))}
	}, compute: func(v *view) (float64, bool) {
		answered, abandoned := v.sides[0], v.sides[1]
		return ServiceFactor(answered.inRange[0], answered.number, abandoned.number, abandoned.inRange[1])
	}},
	"EstimWaitingTime": {historical: true, level: true, only: []Subject{DNAction}, fixed: loadMasks, compute: func(v *view) (float64, bool) {
		return v.load().Wait(), false
	}},
	"LoadBalance": {historical: true, level: true, only: []Subject{DNAction}, fixed: loadMasks, compute: func(v *view) (float64, bool) {
		return v.load().Balance(), false
	}},
	"ExpectedWaitTime2": {historical: true, level: true, only: []Subject{DNAction}, fixed: loadMasks,
		compute: func(v *view) (float64, bool) { return v.slots().Wait(), false }},
}

func (m Mask) and(o Mask) Mask { return Mask{m[0] & o[0], m[1] & o[1]} }

// ServiceFactor is the percentage of calls that were answered in time, of all but those that gave up soon.
func ServiceFactor(inTime, answered, abandoned, abandonedSoon int64) (value float64, empty bool) {
	return percent(float64(inTime), float64(answered+abandoned-abandonedSoon))
}

// Load is what a queue has to do, and who is there to do it.
type Load struct {
	Handling float64 // average time of a call, seconds (AHT)
	Waiting  int64   // calls (CIQ)
	Ready    int64   // agents (AR)
	Active   int64   // agents: logged in, and not NotReadyForNextCall (AA, ruling D-23)
	Portion  float64 // of the agents' work that comes from this queue (EP)
}

// FirstHandling is the average time of a call where none has been handled yet, in seconds.
const FirstHandling = 90

// nobody stands for the number of active agents where there are none.
const nobody = 0.0001

// Wait is the estimated waiting time in seconds: AHT * CIQU / (AA * EP).
func (l Load) Wait() float64 {
	if l.Ready > l.Waiting {
		return 0
	}
	return l.Balance()
}

// Balance is the same without a floor, so that a queue with agents who wait ranks below zero (ruling D-16).
func (l Load) Balance() float64 {
	active := float64(l.Active)
	if l.Active == 0 {
		active = nobody
	}
	portion := l.Portion
	if portion == 0 {
		portion = 1
	}
	return l.Handling * float64(l.Waiting-l.Ready) / (active * portion)
}

// loadMasks are what Load is made of, in the order in which load reads them.
func loadMasks(*Definition) []Mask {
	return []Mask{set("CallReleased", "CallMissed"), set("ACWCompleted", "ACWMissed"), set("CallReleased", "ACWCompleted"),
		set("CallWait"), set("AgentReady"), set("AgentActive")}
}

func (v *view) load() Load {
	calls, after, own := v.sides[0], v.sides[1], v.sides[2]
	all := seconds(calls.time + after.time)
	l := Load{Handling: FirstHandling, Portion: 1, Waiting: v.sides[3].side.level.number, Ready: v.sides[4].side.level.number,
		Active: v.sides[5].side.level.number}
	if calls.number > 0 {
		l.Handling = all / float64(calls.number)
	}
	if all > 0 {
		l.Portion = seconds(own.time) / all
	}
	return l
}

// slots are those of ExpectedWaitTime2: the estimate with the capacity for work in place of agents (ruling D-16). A fact of
// an agent behind the queue may say how many slots he has, as the pair Capacity; without it he has one.
func (v *view) slots() Load {
	l := v.load()
	l.Ready, l.Active = v.sides[4].side.slots(), v.sides[5].side.slots()
	return l
}

func (s *side) slots() (n int64) {
	for _, sp := range s.open {
		if !sp.holds {
			continue
		}
		if text, ok := sp.with.Pair("Capacity"); ok {
			n += int64(numeric(text, ok))
			continue
		}
		n++
	}
	return n
}
