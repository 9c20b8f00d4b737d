package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// The ways in which the store refuses or fails. Test for them with errors.Is.
var (
	ErrInUse       = errors.New("store: the directory is in use by another process")
	ErrOtherStore  = errors.New("store: the directory is that of another store")
	ErrDamaged     = errors.New("store: the data is damaged")
	ErrDiskFull    = errors.New("store: the disk is full")
	ErrUnavailable = errors.New("store: not reachable")
	ErrClosed      = errors.New("store: closed")
	ErrConflict    = errors.New("store: the key has another revision than expected")
	ErrFull        = errors.New("store: too much is waiting to be written")
	ErrTooLarge    = errors.New("store: too large")
	ErrBadKey      = errors.New("store: a key has 1 to 250 bytes")
	ErrBadFact     = errors.New("store: a fact needs a kind")
	ErrBadFrame    = errors.New("store: unreadable frame")
	ErrNoFile      = errors.New("store: there is no such file")
	ErrNoRoom      = errors.New("store: the files are full")
	ErrBadEntry    = errors.New("store: unreadable entry")
)

// verdict turns an error of the engine into one of ours. A write that ends in ErrUnavailable may or
// may not have happened.
func verdict(err error) error {
	var api *jetstream.APIError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &api) && conflict(api.ErrorCode):
		return ErrConflict
	case errors.As(err, &api) && api.ErrorCode == codeNoPeers:
		return fmt.Errorf("%w: not enough members are there for as many copies: %w", ErrUnavailable, err)
	case errors.As(err, &api) && api.Code == 400:
		return fmt.Errorf("store: refused by the engine: %w", err)
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, nats.ErrConnectionClosed):
		return ErrClosed
	case errors.Is(err, nats.ErrMaxPayload):
		return fmt.Errorf("%w: %v", ErrTooLarge, err)
	default:
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
}

// codeNoPeers is the engine's for a stream that would have more copies than there are members; it files it under
// the mistakes of the one who asks.
const codeNoPeers = 10005

// conflict knows the two codes for a failed compare-and-set, without and with replicas.
func conflict(c jetstream.ErrorCode) bool {
	return c == jetstream.JSErrCodeStreamWrongLastSequence ||
		c == jetstream.JSErrCodeStreamWrongLastSequenceConstant
}

// codeInProcess is the engine's for an id under which something is being written.
const codeInProcess = 10158

func inProcess(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == codeInProcess
}

// unsent tells whether a write that ended in err has certainly not happened: it never left, or there was nobody
// to take it.
func unsent(err error) bool {
	for _, e := range []error{ErrDiskFull, nats.ErrNoResponders, jetstream.ErrNoStreamResponse,
		nats.ErrReconnectBufExceeded} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// unkept tells whether a write ended because nobody was there to keep it, or to say so in time; not because it was refused.
func unkept(err error) bool {
	return errors.Is(err, ErrUnavailable) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
