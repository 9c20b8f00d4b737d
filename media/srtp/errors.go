package srtp

import "errors"

var (
	// ErrSuite tells of an encryption that we do not speak.
	ErrSuite = errors.New("srtp: unknown suite")
	// ErrKey tells of a key that is not as long as its suite wants.
	ErrKey = errors.New("srtp: key of the wrong length")
	// ErrNoKeys tells that nothing can be sent yet.
	ErrNoKeys = errors.New("srtp: no keys yet")
	// ErrTooLong tells that a datagram leaves no room for what encryption adds.
	ErrTooLong = errors.New("srtp: longer than a packet may be")
	// ErrUsed tells that a packet of the same number was encrypted, or may have been.
	ErrUsed = errors.New("srtp: a packet of this number was sent")
)
