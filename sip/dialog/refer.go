package dialog

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/signal"
)

// ourRefer is a REFER that we sent.
type ourRefer struct {
	id      string // by which the leg knows it
	cseq    string // of the REFER as it was sent last, by which the peer knows it
	request string // ID of the REFER
}

// errSipfrag says that a NOTIFY does not tell how the transfer goes.
var errSipfrag = errors.New("no status line in the sipfrag")

// Refer asks the peer to call target (blind), or to replace a dialog (attended, replaces not nil;
// its tags are meant as the target will see them). Its ID in ReferAnswered and ReferProgress is
// the CSeq of the REFER as it was sent first.
func (d *Dialog) Refer(target signal.URI, replaces *Replaces, referredBy string, now time.Time) ([]Effect, error) {
	if d.state != Established {
		return nil, d.wrongState("Refer")
	}
	if len(d.refers.ours) >= maxRefers {
		return nil, fmt.Errorf("%w: %d transfers are open", ErrLimit, maxRefers)
	}
	d.now = now
	target.Headers = ""
	if replaces != nil {
		target.Headers = "Replaces=" + escapeHeader(replaces.String())
	}
	r := d.request(d.path, signal.REFER)
	r.Headers = r.Headers.With("Refer-To", signal.Party{URI: target}.String())
	if referredBy != "" {
		r.Headers = r.Headers.With("Referred-By", referredBy)
	}
	id := strconv.FormatUint(uint64(r.CSeq), 10)
	d.refers.ours = append(d.refers.ours, &ourRefer{id: id, cseq: id, request: r.ID})
	d.send(r)
	return d.take(), nil
}

// referAnswered takes the answer to our REFER. 481 means that the peer knows nothing of this
// dialog; another refusal, or an answer that no NOTIFY will follow, closes the transfer.
func (d *Dialog) referAnswered(r *signal.Response) {
	i := slices.IndexFunc(d.refers.ours, func(f *ourRefer) bool { return f.request == r.Request })
	if i < 0 || d.state != Established {
		return
	}
	f := d.refers.ours[i]
	final := !r.Success() || strings.EqualFold(strings.TrimSpace(r.Headers.Get("Refer-Sub")), "false")
	if final {
		d.refers.ours = slices.Delete(d.refers.ours, i, i+1)
	}
	d.emit(ReferAnswered{ID: f.id, Status: r.Status, Reason: r.Reason, Final: final})
	if r.Status == 481 {
		d.lost(481, "REFER")
	}
}

// notified takes a NOTIFY about one of our REFERs. It may overtake the answer to the REFER.
func (d *Dialog) notified(r *signal.Request) {
	event, params, _ := strings.Cut(r.Headers.Get("Event"), ";")
	if !strings.EqualFold(strings.TrimSpace(event), "refer") {
		d.respondWith(r, 489, "Allow-Events", "refer")
		return
	}
	i := d.ourReferOf(params)
	if i < 0 {
		d.respond(r, 481, "")
		return
	}
	status, err := parseSipfrag(r.Body)
	if err != nil {
		d.respond(r, 400, "Bad Sipfrag")
		return
	}
	state, _, _ := strings.Cut(r.Headers.Get("Subscription-State"), ";")
	final := status >= 200 || strings.EqualFold(strings.TrimSpace(state), "terminated")
	d.respond(r, 200, "")
	d.emit(ReferProgress{ID: d.refers.ours[i].id, Status: status, Final: final})
	if final {
		d.refers.ours = slices.Delete(d.refers.ours, i, i+1)
	}
}

// ourReferOf finds our REFER by the parameters of an Event field; without an id the oldest is
// meant (RFC 3515 section 2.4.6). -1 if there is none.
func (d *Dialog) ourReferOf(params string) int {
	for param := range strings.SplitSeq(params, ";") {
		name, id, _ := strings.Cut(param, "=")
		if strings.EqualFold(strings.TrimSpace(name), "id") {
			id = strings.TrimSpace(id)
			return slices.IndexFunc(d.refers.ours, func(f *ourRefer) bool { return f.cseq == id })
		}
	}
	if len(d.refers.ours) == 0 {
		return -1
	}
	return 0
}

// parseSipfrag reads the status of a sipfrag body, which begins with a status line.
func parseSipfrag(body []byte) (int, error) {
	line, _, _ := strings.Cut(string(body), "\n")
	rest, ok := strings.CutPrefix(line, "SIP/2.0 ")
	if !ok || len(rest) < 3 {
		return 0, errSipfrag
	}
	status, err := strconv.Atoi(rest[:3])
	if err != nil || status < 100 || status > 699 {
		return 0, errSipfrag
	}
	return status, nil
}
