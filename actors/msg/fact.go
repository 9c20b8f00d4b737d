package msg

// Exits tells whether it is that a caller leaves a queue without a conversation. A kind of fact that is new and means
// that belongs here, and nowhere else.
func (x QueueFact_What) Exits() bool {
	switch x {
	case QueueFact_ABANDONED, QueueFact_EXPIRED, QueueFact_KEY_PRESSED, QueueFact_NOBODY_THERE, QueueFact_TAKEN_OUT,
		QueueFact_NOT_COMPATIBLE, QueueFact_CALLBACK_FAILED:
		return true
	}
	return false
}
