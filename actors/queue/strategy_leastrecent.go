package queue

// leastrecent rings whose last call ended longest ago; who has had none comes first.
var leastrecent = strategy{name: "leastrecent", metric: lastCall, choose: lowest}

func lastCall(s *Settings, a *Standing, _ uint64) int64 {
	last := a.LastCall
	if s.Shared {
		last = a.LastCallAnywhere
	}
	if last.IsZero() {
		return 0
	}
	return last.UnixNano()
}
