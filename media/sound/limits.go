package sound

import "time"

// Limits of what is decoded.
const (
	// MaxBytes is the largest file.
	MaxBytes = 32 << 20
	// MaxLength is the longest audio, however small its file.
	MaxLength = 30 * time.Minute
)

// piece is how much of a sound is encoded at once: a whole number of frames, and short enough that no
// other stream waits for it. An encoder with a memory is brought to any place in so much time.
const piece = 200 * time.Millisecond

// waitFor is the longest sound whose first player at another sample rate waits until it is made over,
// which takes some milliseconds for a second of it.
const waitFor = 5 * time.Second
