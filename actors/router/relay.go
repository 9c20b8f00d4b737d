package router

import (
	"cmp"
	"strconv"

	"tandem/signal"
)

// Relay is the pure machine of a request that makes no dialog (MESSAGE): a copy goes to each
// device of the account, the best answer goes back (RFC 3428 section 7).
type Relay struct {
	request *signal.Request
	pending int
	best    int
	reason  string
	ok      bool
}

// copyTo is one copy to send.
type copyTo struct {
	request *signal.Request
	flow    signal.Flow
}

// oldPeer is the tag in a copy of a request that had none, as in RFC 2543: every request needs one.
const oldPeer = "none"

// newRelay makes the copies, at most limit of them. None: nobody is there.
func newRelay(r *signal.Request, from signal.Party, contacts []signal.Contact, limit int) (*Relay, []copyTo) {
	if len(contacts) > limit {
		contacts = contacts[:limit]
	}
	copies := make([]copyTo, len(contacts))
	for i, c := range contacts {
		copies[i] = copyTo{flow: c.Flow, request: &signal.Request{
			ID: r.ID + "." + strconv.Itoa(i), Method: r.Method, URI: c.URI,
			From: from.WithTag(cmp.Or(r.From.Tag(), oldPeer)), To: signal.Party{URI: r.To.URI},
			CallID: r.CallID + "." + strconv.Itoa(i), CSeq: 1, MaxForwards: r.MaxForwards - 1,
			Routes: c.Routes, ContentType: r.ContentType, Body: r.Body,
		}}
	}
	return &Relay{request: r, pending: len(contacts)}, copies
}

// Answered takes an answer to a copy; done tells that all have answered and the response is final.
func (y *Relay) Answered(r *signal.Response) (response *signal.Response, done bool) {
	if r.Provisional() {
		return nil, false
	}
	y.pending--
	status, reason := r.Status, r.Reason
	if notForCallers(status) || r.Local { // a device out of reach says nothing of the account
		status, reason = 480, ""
	}
	switch {
	case r.Success():
		y.ok = true
	case y.best == 0 || status < y.best:
		y.best, y.reason = status, reason
	}
	if y.pending > 0 {
		return nil, false
	}
	if y.ok {
		return answer(y.request, 200, ""), true
	}
	return answer(y.request, y.best, y.reason), true
}

// Late: what has no answer yet will have none, as when the member that sent it is gone. A device that does not answer is
// one out of reach. nil: there was nothing open.
func (y *Relay) Late() (response *signal.Response) {
	for y.pending > 0 {
		response, _ = y.Answered(&signal.Response{Status: 408, Local: true})
	}
	return response
}

// answer is a response to r without more than its status.
func answer(r *signal.Request, status int, reason string) *signal.Response {
	return &signal.Response{Request: r.ID, Method: r.Method, Status: status, Reason: reason, To: r.To}
}
