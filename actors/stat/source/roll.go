package source

// roll is how often each agent is logged in to a queue or a device, by agent and object, whichever sources have said so: to a
// queue at several devices, to a channel by several sources of its medium. He leaves it with the last of these.
type roll map[string]map[string]int

// enlist notes that an agent is logged in once more.
func (r roll) enlist(agent, object string) {
	if r[agent] == nil {
		r[agent] = map[string]int{}
	}
	r[agent][object]++
}

// delist notes that he is once less; last: not any more.
func (r roll) delist(agent, object string) (last bool) {
	in := r[agent]
	if in[object] > 1 {
		in[object]--
		return false
	}
	if delete(in, object); len(in) == 0 {
		delete(r, agent)
	}
	return true
}
