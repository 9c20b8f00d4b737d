package conf

import "time"

// Store is the engine of everything that must last (decision D2).
type Store struct {
	URL        string        // an outside NATS server; default "": embedded
	Frame      int           // bytes of facts written together at most; default 65536
	FrameDelay time.Duration // longest wait before a frame is written; default 5ms
	Pending    int           // facts held in memory until acknowledged; default 100000
	MaxAge     time.Duration // facts older than this are dropped; default 8760h (a year)
	MaxBytes   int64         // size of the journal; default 10 GiB
	History    int           // revisions kept of one setting, at most 64; default 20
}

// DefaultStore returns the section's defaults.
func DefaultStore() Store {
	return Store{Frame: 64 << 10, FrameDelay: 5 * time.Millisecond, Pending: 100000,
		MaxAge: 365 * 24 * time.Hour, MaxBytes: 10 << 30, History: 20}
}
