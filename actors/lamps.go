package actors

import "tandem/signal"

// tellLamp tells the phones of an account how many voice messages there are.
func (h *House) tellLamp(signal.AOR) error { return nil }
