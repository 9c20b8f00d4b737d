package dialog

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/signal"
)

const (
	// maxRefers bounds the transfers of one dialog that are open at once, each way.
	maxRefers = 8
	// referExpires is the life of the subscription that a REFER makes, in seconds: longer than
	// any call is left to ring (RFC 3515 section 2.4.4).
	referExpires = "180"
)

// refers are the transfers that are open. A transfer is named by the CSeq of its REFER, which is
// the id of its Event field too (RFC 3515 section 2.4.6).
type refers struct {
	theirs []*theirRefer
	ours   []*ourRefer
}

// theirRefer is a REFER that the peer sent: the peer is told by NOTIFY how the transfer goes. One
// NOTIFY is on its way at a time, so that none overtakes another.
type theirRefer struct {
	id       string
	request  *signal.Request
	silent   bool    // no NOTIFY wanted (RFC 4488)
	answered bool    // accepted
	notify   string  // ID of the NOTIFY that is on its way, "" when none is
	next     *report // what is to be told next
}

// report is one status of a transfer.
type report struct {
	status int
	reason string
}

// Why a Refer-To can not be served.
var (
	errReferTo     = errors.New("exactly one Refer-To is needed")
	errReferMethod = errors.New("only INVITE is referred to")
)

// referred takes a REFER: it is refused here when it can not be understood or can not be served
// now, and put to the leg else.
func (d *Dialog) referred(r *signal.Request) {
	if d.state != Established {
		d.respond(r, 491, "")
		return
	}
	if len(d.refers.theirs) >= maxRefers {
		d.busy(r)
		return
	}
	target, replaces, err := parseReferTo(r.Headers)
	switch {
	case errors.Is(err, signal.ErrScheme):
		d.respond(r, 416, "")
		return
	case errors.Is(err, errReferMethod):
		d.respond(r, 403, "Only INVITE Is Referred To")
		return
	case err != nil:
		d.respond(r, 400, "Bad Refer-To")
		return
	}
	f := &theirRefer{id: strconv.FormatUint(uint64(r.CSeq), 10), request: r,
		silent: strings.EqualFold(strings.TrimSpace(r.Headers.Get("Refer-Sub")), "false")}
	d.refers.theirs = append(d.refers.theirs, f)
	d.emit(Referred{ID: f.id, Target: target, Replaces: replaces,
		ReferredBy: r.Headers.Get("Referred-By"), Silent: f.silent})
}

// parseReferTo reads the Refer-To field. Of the headers inside its URI only Replaces is heeded:
// whatever else a peer would have us send is not its business.
func parseReferTo(h signal.Headers) (signal.URI, *Replaces, error) {
	fields := h.All("Refer-To")
	if len(fields) != 1 {
		return signal.URI{}, nil, errReferTo
	}
	p, err := signal.ParseParty(fields[0])
	if err != nil {
		return signal.URI{}, nil, err
	}
	target := p.URI
	if m, ok := target.Params.Get("method"); ok && m != string(signal.INVITE) {
		return signal.URI{}, nil, errReferMethod
	}
	target.Params = target.Params.Without("method")
	var replaces *Replaces
	for field := range strings.SplitSeq(target.Headers, "&") {
		name, value, _ := strings.Cut(field, "=")
		if !strings.EqualFold(name, "Replaces") {
			continue
		}
		if value, err = url.PathUnescape(value); err != nil {
			return signal.URI{}, nil, fmt.Errorf("%w: %w", ErrReplaces, err)
		}
		if replaces, err = parseReplaces(value); err != nil {
			return signal.URI{}, nil, err
		}
	}
	target.Headers = ""
	return target, replaces, nil
}

// theirRefer finds an open transfer of the peer by its id.
func (d *Dialog) theirRefer(id string) *theirRefer {
	for _, f := range d.refers.theirs {
		if f.id == id {
			return f
		}
	}
	return nil
}

// forget drops a transfer of the peer.
func (d *Dialog) forget(f *theirRefer) {
	d.refers.theirs = slices.DeleteFunc(d.refers.theirs, func(g *theirRefer) bool { return f == g })
}

// AcceptRefer answers Referred with 202 and sends the first NOTIFY (100 Trying), unless none is
// wanted.
func (d *Dialog) AcceptRefer(id string, now time.Time) ([]Effect, error) {
	f := d.theirRefer(id)
	if f == nil || f.answered {
		return nil, fmt.Errorf("%w: %q waits for no answer", ErrRefer, id)
	}
	d.now = now
	f.answered = true
	r := d.answer(f.request, 202, "", nil)
	if f.silent {
		r.Headers = r.Headers.With("Refer-Sub", "false")
		d.forget(f)
	}
	d.emit(Respond{r})
	if !f.silent {
		d.notify(f, report{status: 100})
	}
	return d.take(), nil
}

// RefuseRefer answers Referred with a refusal.
func (d *Dialog) RefuseRefer(id string, status int, reason string, now time.Time) ([]Effect, error) {
	if status < 300 || status > 699 {
		return nil, wrongStatus("RefuseRefer", status, 300, 699)
	}
	f := d.theirRefer(id)
	if f == nil || f.answered {
		return nil, fmt.Errorf("%w: %q waits for no answer", ErrRefer, id)
	}
	d.now = now
	d.respond(f.request, status, reason)
	d.forget(f)
	return d.take(), nil
}

// ReportRefer sends a NOTIFY with the transfer's status; a final one ends the subscription. While
// an earlier NOTIFY waits for its answer the report waits too, and a newer one replaces it.
func (d *Dialog) ReportRefer(id string, status int, reason string, now time.Time) ([]Effect, error) {
	if status < 100 || status > 699 {
		return nil, wrongStatus("ReportRefer", status, 100, 699)
	}
	f := d.theirRefer(id)
	if f == nil || !f.answered || f.next != nil && f.next.status >= 200 {
		return nil, fmt.Errorf("%w: %q has no subscription", ErrRefer, id)
	}
	d.now = now
	f.next = &report{status, reason}
	d.sendReport(f)
	return d.take(), nil
}

// sendReport sends the report that waits, if its turn has come.
func (d *Dialog) sendReport(f *theirRefer) {
	if f.next == nil || f.notify != "" {
		return
	}
	d.notify(f, *f.next)
	f.next = nil
}

// notify sends a NOTIFY about a transfer.
func (d *Dialog) notify(f *theirRefer, p report) {
	if p.reason == "" {
		p.reason = signal.ReasonPhrase(p.status)
	}
	state := "active;expires=" + referExpires
	if p.status >= 200 {
		state = "terminated;reason=noresource"
	}
	r := d.request(d.path, signal.NOTIFY)
	r.Headers = r.Headers.With("Event", "refer;id="+f.id).With("Subscription-State", state)
	r.ContentType = sipfragType + ";version=2.0"
	r.Body = fmt.Appendf(nil, "SIP/2.0 %d %s\r\n", p.status, p.reason)
	f.notify = r.ID
	d.send(r)
	if p.status >= 200 {
		d.forget(f)
	}
}

// notifyAnswered takes the answer to a NOTIFY. A refusal ends the subscription and nothing else:
// the call goes on (RFC 5057 section 4.2).
func (d *Dialog) notifyAnswered(r *signal.Response) {
	for _, f := range d.refers.theirs {
		if f.notify != r.Request {
			continue
		}
		f.notify = ""
		if r.Success() {
			d.sendReport(f)
		} else {
			d.forget(f)
		}
		return
	}
}
