package session

// outbox is what waits for the client, in order. Too much of it is dropped, all at once: half of a story is worse than
// none. From then on nothing is kept until the client knows.
type outbox struct {
	waiting  []string
	bytes    int
	overflow bool
}

// put adds documents; false: there was no room.
func (o *outbox) put(documents []string, l Limits) bool {
	if o.overflow {
		return false
	}
	for _, d := range documents {
		o.bytes += len(d)
	}
	if len(o.waiting)+len(documents) > l.Queued || o.bytes > l.Bytes {
		*o = outbox{overflow: true}
		return false
	}
	o.waiting = append(o.waiting, documents...)
	return true
}

// take empties it. lost: there was more, which is dropped.
func (o *outbox) take() (documents []string, lost bool) {
	documents, lost = o.waiting, o.overflow
	*o = outbox{}
	return documents, lost
}

// empty tells that there is nothing to say.
func (o *outbox) empty() bool { return len(o.waiting) == 0 && !o.overflow }
