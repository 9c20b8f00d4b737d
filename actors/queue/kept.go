package queue

import (
	"errors"
	"net/url"
	"strings"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
)

// KeptPrefix begins the keys of callbacks in the bucket of what is kept; behind it come the queue's name and the
// caller's, each escaped.
const KeptPrefix = "callback/"

func keptKey(queue string, caller CallerID) string {
	return KeptPrefix + url.PathEscape(queue) + "/" + url.PathEscape(string(caller))
}

// ParseKept reads the key of a callback.
func ParseKept(key string) (queue, caller string, ok bool) {
	rest, ok := strings.CutPrefix(key, KeptPrefix)
	if !ok {
		return "", "", false
	}
	q, c, ok := strings.Cut(rest, "/")
	if !ok {
		return "", "", false
	}
	queue, err1 := url.PathUnescape(q)
	caller, err2 := url.PathUnescape(c)
	return queue, caller, err1 == nil && err2 == nil && queue != "" && caller != ""
}

var errKept = errors.New("queue: a callback that was kept is not readable")

// encodeKept writes a callback down: in the form of the word by which it is dialled. decodeKept reads it, and the epoch of
// who wrote it.
func encodeKept(a Arrival, queue string, by uint64) ([]byte, error) {
	return proto.Marshal(&msg.QueueDial{Queue: queue, By: by, Caller: arrivalWord(a)})
}

func decodeKept(b []byte) (a Arrival, by uint64, err error) {
	var m msg.QueueDial
	if err := proto.Unmarshal(b, &m); err != nil {
		return a, 0, errors.Join(errKept, err)
	}
	if m.Caller == nil || m.Caller.Join.GetCaller() == "" || m.Caller.Callback == nil {
		return a, 0, errKept
	}
	return arrivalOf(m.Caller), m.By, nil
}

// callback is what is to be kept of a caller that wants to be called back; false: it does not, or has been served.
func (q *Queue) callback(id CallerID) (Arrival, bool) {
	c := q.callers[id]
	if c == nil || c.callback == nil || !c.state.inLine() {
		return Arrival{}, false
	}
	return c.record(), true
}
