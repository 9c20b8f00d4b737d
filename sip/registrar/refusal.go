package registrar

import (
	"hash/fnv"
	"strconv"

	"tandem/signal"
)

// refusal is why a REGISTER is not taken: a status, a phrase that says what was wrong, and at most
// one more header field.
type refusal struct {
	status int
	phrase string
	field  signal.Header
}

func (f *refusal) Error() string { return strconv.Itoa(f.status) + " " + f.phrase }

func refuse(status int, phrase string) *refusal { return &refusal{status: status, phrase: phrase} }

// response makes an answer to a REGISTER.
func response(r *signal.Request, status int, phrase string) *signal.Response {
	to := r.To
	if to.Tag() == "" {
		to = to.WithTag(tagFor(r))
	}
	return &signal.Response{Request: r.ID, Method: r.Method, Status: status, Reason: phrase, To: to}
}

// tagFor makes the To tag of an answer: no dialog follows, so the same request may get the same.
func tagFor(r *signal.Request) string {
	h := fnv.New64a()
	h.Write([]byte(r.CallID + "\n" + r.From.Tag() + "\n" + strconv.FormatUint(uint64(r.CSeq), 10)))
	return strconv.FormatUint(h.Sum64(), 36)
}

// response is the refusal on the wire.
func (f *refusal) response(r *signal.Request) *signal.Response {
	p := response(r, f.status, f.phrase)
	if f.field.Name != "" {
		p.Headers = signal.Headers{f.field}
	}
	return p
}
