//go:build !linux

package rtp

import "errors"

func newLoop(*Gathering) (Network, error) {
	return nil, errors.New("rtp: no list of ready ports on this system")
}
