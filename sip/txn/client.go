package txn

// client is a client transaction's machine (RFC 3261 sections 17.1.1 and 17.1.2, RFC 6026).
type client struct {
	clock
	state     State
	invite    bool
	reliable  bool // the transport repeats by itself
	wanted    bool // CANCEL is asked for and waits for a provisional response
	cancelled bool // CANCEL was sent
}

// newClient begins a transaction with the request's departure.
func newClient(t Times, now Tick, invite, reliable bool) client {
	c := client{state: Trying, invite: invite, reliable: reliable}
	if invite {
		c.state = Calling
	}
	if !reliable {
		c.repeatFrom(now, t.T1)
	}
	c.endAt = now + t.long()
	return c
}

// answered: a response came.
func (c *client) answered(t Times, now Tick, status int) Action {
	switch c.state {
	case Trying, Calling, Proceeding:
		if status < 200 {
			return c.provisional(t, now)
		}
		return c.finish(t, now, status)
	case Accepted:
		if status >= 200 && status < 300 {
			return Up // from another branch, or a repeat that asks for its ACK
		}
	case Completed:
		if c.invite && status >= 300 {
			return Ack
		}
	}
	return 0
}

func (c *client) provisional(t Times, now Tick) Action {
	c.state = Proceeding
	if !c.invite {
		return Up // timers E and F go on
	}
	c.repeatAt = 0
	if c.wanted {
		return Up | c.cancelNow(t, now)
	}
	if !c.cancelled {
		c.endAt = now + patience
	}
	return Up
}

// finish enters the state after a final response and starts timers M, D or K.
func (c *client) finish(t Times, now Tick, status int) Action {
	c.repeatAt = 0
	c.wanted = false
	if c.invite && status < 300 {
		c.state = Accepted
		c.endAt = now + t.long()
		return Up | Forget
	}
	act := Up
	if c.invite {
		act |= Ack
	}
	if c.reliable {
		c.state = Ended
		return act | Forget | End
	}
	c.state = Completed
	c.endAt = now + t.T4
	if c.invite {
		c.endAt = now + t.long()
	}
	return act | Forget
}

// cancel: the user wants the pending INVITE ended. Before the first provisional response a CANCEL
// could overtake the INVITE, so it waits (RFC 3261 section 9.1).
func (c *client) cancel(t Times, now Tick) Action {
	switch {
	case !c.invite || c.cancelled:
	case c.state == Calling:
		c.wanted = true
	case c.state == Proceeding:
		return c.cancelNow(t, now)
	}
	return 0
}

// cancelNow sends the CANCEL; a peer that then stays silent for 64*T1 has gone (section 9.1).
func (c *client) cancelNow(t Times, now Tick) Action {
	c.wanted, c.cancelled = false, true
	c.endAt = now + t.long()
	return Cancel
}

// failed: the transport can not carry the request.
func (c *client) failed() Action {
	waiting := c.waiting()
	c.state = Ended
	if waiting {
		return Failed | Forget | End
	}
	return Forget | End
}

// waiting reports whether the final response is still to come.
func (c *client) waiting() bool {
	return c.state == Trying || c.state == Calling || c.state == Proceeding
}

// tick: the time that next named has come.
func (c *client) tick(t Times, now Tick) Action {
	if c.ended(now) {
		late := c.waiting()
		c.state = Ended
		if late {
			return Late | Forget | End
		}
		return Forget | End
	}
	if !c.repeats(now) {
		return 0
	}
	gap := 2 * c.gap // timer A
	if !c.invite {
		gap = min(gap, t.T2) // timer E
		if c.state == Proceeding {
			gap = t.T2
		}
	}
	c.repeatFrom(now, gap)
	return Repeat
}
