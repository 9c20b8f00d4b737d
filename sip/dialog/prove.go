package dialog

import (
	"slices"
	"strconv"
	"strings"

	"tandem/signal"
)

// Limits of answering challenges.
const (
	maxProofs   = 2  // a carrier that challenges each answer anew is given up
	maxUnproven = 32 // requests of ours that are kept until they are answered
)

// unproven is a request of ours that may yet be challenged.
type unproven struct {
	request *signal.Request
	path    *path
	first   string // ID of the first of its kind, by which the others of this package know it
	proofs  int
}

// keepUnproven keeps a request, if challenges are answered at all. The oldest one goes when there are too many.
func (d *Dialog) keepUnproven(p *path, r *signal.Request) {
	if d.local.Prove == nil || r.Method == signal.ACK {
		return
	}
	if len(d.unproven) >= maxUnproven {
		d.unproven = slices.Delete(d.unproven, 0, 1)
	}
	d.unproven = append(d.unproven, &unproven{request: r, path: p, first: r.ID})
}

// proved looks at a response before all others do. A challenge is answered by the same request again, with credentials
// and the next CSeq (RFC 3261 section 22.2): then nothing else is to be done, and r is nil. All others come back with the
// ID of the request as it was first sent; INVITEs have their new one.
func (d *Dialog) proved(r *signal.Response) *signal.Response {
	i := slices.IndexFunc(d.unproven, func(u *unproven) bool { return u.request.ID == r.Request })
	if i < 0 {
		return r
	}
	u := d.unproven[i]
	if (r.Status == 401 || r.Status == 407) && d.proveAgain(u, r) {
		return nil
	}
	if !r.Provisional() {
		d.unproven = slices.Delete(d.unproven, i, i+1)
	}
	if u.first != r.Request && u.request.Method != signal.INVITE {
		same := *r
		same.Request = u.first
		return &same
	}
	return r
}

// proveAgain sends a challenged request with credentials; false where that is no use.
func (d *Dialog) proveAgain(u *unproven, r *signal.Response) bool {
	invite := u.request.Method == signal.INVITE
	switch {
	case u.proofs >= maxProofs:
		return false
	case invite && u.request.ID == d.client.id && d.state != Calling && d.state != Proceeding:
		return false // it is not wanted any more
	}
	field, err := d.local.Prove(r, u.request)
	if err != nil || u.request.Headers.Get(field.Name) != "" && !stale(r) { // the secret is wrong, and will be the next time
		return false
	}
	again := *u.request
	d.lastID++
	u.path.sent++
	again.ID, again.CSeq = d.local.Tag+"."+strconv.FormatUint(d.lastID, 10), u.path.sent
	again.Headers = withField(again.Headers, field)
	switch u.request {
	case d.client.invite:
		d.renew(&again)
	case d.exchange.ours:
		d.exchange.ours = &again
	}
	for _, f := range d.refers.ours {
		if f.request == u.first { // NOTIFYs name the one that is accepted (RFC 3515 section 2.4.6)
			f.cseq = strconv.FormatUint(uint64(again.CSeq), 10)
		}
	}
	u.request, u.proofs = &again, u.proofs+1
	d.send(&again)
	return true
}

// stale says that the credentials were right but for the nonce.
func stale(r *signal.Response) bool {
	for _, name := range []string{"WWW-Authenticate", "Proxy-Authenticate"} {
		for _, v := range r.Headers.All(name) {
			if v = strings.ToLower(strings.ReplaceAll(v, `"`, "")); strings.Contains(v, "stale=true") {
				return true
			}
		}
	}
	return false
}

// withField puts credentials in place of earlier ones of the same kind. Those of another kind stay: a proxy and the
// server behind it may both ask.
func withField(h signal.Headers, field signal.Header) signal.Headers {
	return h.Without(field.Name).With(field.Name, field.Value)
}
