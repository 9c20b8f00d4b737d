package srtp

import (
	"slices"

	"tandem/media/sdp"
)

// kept are the keys of SDP that a stream has had, each with what works with it; the one that was agreed on last is last.
type kept[T any] []keptKey[T]

type keptKey[T any] struct {
	suite sdp.Suite
	key   string
	works T
}

// of is what works with a key: the one that did before, else a new one, which is not kept yet.
func (k kept[T]) of(s sdp.Suite, key string, make func(sdp.Suite, string) (T, error)) (T, error) {
	if i := k.index(s, key); i >= 0 {
		return k[i].works, nil
	}
	return make(s, key)
}

func (k kept[T]) index(s sdp.Suite, key string) int {
	return slices.IndexFunc(k, func(one keptKey[T]) bool { return one.suite == s && one.key == key })
}

// keep notes what works with a key from now on. Of more than maxKept the one of longest ago is forgotten.
func (k *kept[T]) keep(s sdp.Suite, key string, works T) {
	if i := k.index(s, key); i >= 0 {
		*k = slices.Delete(*k, i, i+1)
	}
	*k = append(*k, keptKey[T]{s, key, works})
	if len(*k) > maxKept {
		*k = slices.Delete(*k, 0, 1)
	}
}
