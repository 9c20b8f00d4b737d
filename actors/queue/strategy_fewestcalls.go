package queue

// fewestcalls rings who has taken the fewest calls.
var fewestcalls = strategy{name: "fewestcalls", metric: calls, choose: lowest}

func calls(s *Settings, a *Standing, _ uint64) int64 {
	if s.Shared {
		return int64(a.CallsAnywhere)
	}
	return int64(a.Calls)
}
