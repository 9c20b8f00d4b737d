package dialog

import (
	"fmt"
	"testing"
	"time"

	"tandem/signal"
	"tandem/sip/parts"
)

// What goes beside the SDP is made anew for each INVITE of ours, also where one is sent again: after 422, and after 491.
func TestDress(t *testing.T) {
	now, made := time.Now(), 0
	d := NewClient(Call{Target: signal.URI{Scheme: "sip", Host: "a"}, CallID: "c"}, Local{Tag: "t", After: 1000,
		Timing: SessionTimer{Interval: 90 * time.Second, Min: 90 * time.Second},
		Dress: func(sdp []byte) (string, []byte) {
			made++
			return parts.Mixed(parts.Part{Type: sdpType, Body: sdp}, parts.Part{Type: "text/plain", Body: fmt.Append(nil, "document ", made)})
		}}, now)
	sent := func(effects []Effect, err error) *signal.Request {
		t.Helper()
		for _, e := range effects {
			if s, ok := e.(Send); ok && s.Request.Method == signal.INVITE {
				list, err := parts.Read(s.Request.ContentType, s.Request.Body)
				if err != nil || len(list) != 2 || string(list[0].Body) != "v=0" || string(list[1].Body) != fmt.Sprint("document ", made) {
					t.Fatalf("document %d: %+v, %v", made, list, err)
				}
				return s.Request
			}
		}
		t.Fatalf("no INVITE in %+v, %v", effects, err)
		return nil
	}
	answer := func(r *signal.Request, status int, h signal.Headers) []Effect {
		return d.Answered(&signal.Response{Request: r.ID, Method: r.Method, Status: status, To: r.To.WithTag("peer"), Headers: h,
			ContentType: sdpType, Body: []byte("v=0")}, now)
	}
	first := sent(d.Invite([]byte("v=0"), now))
	if first.ID != "t.1001" {
		t.Errorf("the first request is %s", first.ID)
	}
	second := sent(answer(first, 422, signal.Headers{{Name: "Min-SE", Value: "1800"}}), nil)
	answer(second, 200, nil)
	again := sent(d.Reinvite([]byte("v=0"), now))
	for _, e := range answer(again, 491, nil) {
		if timer, ok := e.(StartTimer); ok {
			sent(d.TimerFired(timer.ID, now), nil)
		}
	}
	if made != 4 {
		t.Errorf("%d documents were made", made)
	}
}
