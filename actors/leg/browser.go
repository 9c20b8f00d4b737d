package leg

import (
	"strings"

	"tandem/actors/msg"
	"tandem/media/sdp"
	"tandem/signal"
)

// wantsWebRTC reports a leg whose party is a browser, which hears and speaks by ICE and DTLS-SRTP alone. A caller's SDP
// offer says so. Of a party that is to get ours it is known by how it is reached: by SIP over WebSocket (RFC 7118), or
// by a contact that says so itself, as those of XIMSS sessions do. What a leg is it stays.
func wantsWebRTC(work *msg.LegStart, flow signal.Flow) bool {
	if in := work.Incoming; in != nil {
		if body := in.Request.GetBody(); len(body) > 0 {
			return sdp.IsSecure(body)
		}
		return overWeb(flow.Transport)
	}
	params := work.Outgoing.Contact.Signal().Params
	transport, _ := params.Get("transport")
	kind, _ := params.Get("media")
	return overWeb(flow.Transport) || overWeb(transport) || strings.EqualFold(kind, "webrtc")
}

// overWeb reports a transport that only browsers use.
func overWeb(transport string) bool {
	return strings.EqualFold(transport, "ws") || strings.EqualFold(transport, "wss")
}
