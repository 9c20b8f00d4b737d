package measure

// Account is what a value is made of: the figures of each mask in the interval.
type Account struct {
	From  int64     `json:"from"` // the interval, ms since 1970
	To    int64     `json:"to"`
	Sides []Figures `json:"sides"`
}

// Figures are what the facts of one mask come to. Times are seconds.
type Figures struct {
	Mask        string     `json:"mask"`
	Number      int64      `json:"number"`        // that count in the interval
	Time        float64    `json:"time"`          // of them
	InRange     [2]int64   `json:"in_range"`      // of them, by the two ranges
	TimeInRange [2]float64 `json:"time_in_range"` // of those
	Longest     float64    `json:"longest"`
	Shortest    float64    `json:"shortest"`
	Running     int64      `json:"running"`             // that go on and hold the filter
	Forgotten   int64      `json:"forgotten,omitempty"` // end of the last fact that was forgotten for want of room; 0: none was
}

// Account says what the value now is made of.
func (m *Meter) Account(now int64) Account {
	m.Advance(now)
	v := m.view(now)
	a := Account{From: v.from, To: now}
	for i := range v.sides {
		t := &v.sides[i]
		f := Figures{Mask: m.masks[i].String(), Number: t.number, Time: seconds(t.time), InRange: t.inRange,
			TimeInRange: [2]float64{seconds(t.timeInRange[0]), seconds(t.timeInRange[1])}, Longest: seconds(t.longest),
			Shortest: seconds(max(0, t.shortest)), Running: int64(len(v.ages(i))), Forgotten: t.side.kept.forgot}
		a.Sides = append(a.Sides, f)
	}
	return a
}

// Running are facts that go on and count, at most so many.
func (m *Meter) Running(most int) (all []*Fact) {
	for i := range m.sides {
		for _, sp := range m.sides[i].open {
			if sp.holds && len(all) < most && !contains(all, sp.fact) {
				all = append(all, sp.fact)
			}
		}
	}
	return all
}

func contains(all []*Fact, f *Fact) bool {
	for _, x := range all {
		if x == f {
			return true
		}
	}
	return false
}
