package stat

// Counts are how much a hall has to do, and what was not as it should be.
type Counts struct {
	Open     int    // statistics of the pool
	Here     int    // of them that this member computes
	Objects  int    // that are known
	Followed int    // statistics that somebody on this member follows
	Late     uint64 // facts that came too late to count at their moment; some several times
	Ignored  uint64 // facts that meant nothing: an end of what did not go on, what is beyond a limit
	Broken   uint64 // facts of the journal that could not be read, or were refused
	Unsaved  uint64 // facts of the journal that are not in this member's checkpoint yet
	Untold   uint64 // values before resets that another member did not take, beyond the limit
}

// Counts are those since the member's start, but for facts, which are counted on by checkpoints.
func (h *Hall) Counts() (c Counts) {
	places := h.places()
	h.mu.Lock()
	defer h.mu.Unlock()
	world := h.world.Counts()
	c = Counts{Open: len(h.pool), Objects: h.world.Objects(), Late: world.Late, Ignored: world.Ignored, Broken: uint64(h.broken), Untold: uint64(h.untold),
		Unsaved: h.position - min(h.saved, h.position)}
	for _, x := range places {
		if x.here {
			c.Here++
		}
	}
	h.board.mu.Lock()
	defer h.board.mu.Unlock()
	c.Followed = len(h.board.by)
	return c
}
