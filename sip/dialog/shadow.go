package dialog

import (
	"strings"

	"tandem/signal"
)

// Shadow is what a bystander keeps of a dialog whose owner is somewhere else: enough to end it when the owner is lost.
// Not safe for concurrent use.
type Shadow struct {
	us     signal.Party
	callID string
	path   path
}

// shadowLeap lies between the highest CSeq that a bystander has seen and that of its BYE: the owner may have sent
// requests by another way. A peer takes any number that is higher than the last (RFC 3261 section 12.2.2).
const shadowLeap = 1 << 12

// ServerShadow is the shadow of a dialog whose peer sent the INVITE, or a later one in it, and of the 2xx to that.
func ServerShadow(invite *signal.Request, answer *signal.Response) *Shadow {
	s := &Shadow{us: answer.To, callID: invite.CallID,
		path: path{peer: invite.From, target: invite.From.URI, routes: routeSet(invite.Routes)}}
	s.path.refresh(invite.Contacts)
	return s
}

// ClientShadow is the shadow of a dialog whose owner sent the INVITE, and of a 2xx to it.
func ClientShadow(invite *signal.Request, answer *signal.Response) *Shadow {
	s := &Shadow{us: invite.From, callID: invite.CallID,
		path: path{peer: answer.To, target: invite.URI, routes: reversed(routeSet(answer.Routes)), sent: invite.CSeq}}
	s.path.refresh(answer.Contacts)
	return s
}

// Holds reports whether a request that the owner sends belongs to the dialog: another fork has another tag.
func (s *Shadow) Holds(r *signal.Request) bool {
	return r.CallID == s.callID && r.To.Tag() == s.path.peer.Tag()
}

// Sent notes a request of the owner's.
func (s *Shadow) Sent(r *signal.Request) { s.path.sent = max(s.path.sent, r.CSeq) }

// Refresh takes the peer's new target, if one is named (RFC 3261 section 12.2).
func (s *Shadow) Refresh(contacts []signal.Party) { s.path.refresh(contacts) }

// ACK acknowledges the 2xx to invite, with its CSeq and credentials (RFC 3261 section 13.2.2.4).
func (s *Shadow) ACK(id string, invite *signal.Request) *signal.Request {
	r := s.compose(id, signal.ACK, invite.CSeq)
	for _, h := range invite.Headers {
		if strings.EqualFold(h.Name, "Authorization") || strings.EqualFold(h.Name, "Proxy-Authorization") {
			r.Headers = append(r.Headers, h)
		}
	}
	return r
}

// BYE ends the dialog in the owner's name. Its CSeq is above all that the owner has used. reason is the value of the
// Reason field (RFC 3326).
func (s *Shadow) BYE(id, reason string) *signal.Request {
	s.path.sent += shadowLeap
	r := s.compose(id, signal.BYE, s.path.sent)
	r.Headers = withReason(nil, reason)
	return r
}

func (s *Shadow) compose(id string, m signal.Method, cseq uint32) *signal.Request {
	uri, routes := s.path.hop()
	return &signal.Request{ID: id, Method: m, URI: uri, Routes: routes, From: s.us, To: s.path.peer,
		CallID: s.callID, CSeq: cseq}
}
