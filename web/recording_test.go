package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// houseRecordings has one recording of the queue sales, which 1010 may hear, who may listen to 1002 too.
type houseRecordings struct{}

var soundOfCall = strings.Repeat("RIFF", 3<<18) // three parts

func exampleRecording() Recording {
	return Recording{Account: "recordings@tandem.local", File: "calls/2030/01/02/150405.000-sales-1002-c1.wav", Call: "c1", Queue: "sales",
		Agent: "1002", From: "1000@tandem.local", Begin: moment, Length: 12.5, Cuts: "2000+3000", Size: int64(len(soundOfCall))}
}

func (houseRecordings) Recordings(by Asker, q RecordingQuery) []Recording {
	if !may(by) || q.Call != "" && q.Call != "c1" || q.Agent != "" && q.Agent != "1002" || q.Queue != "" && q.Queue != "sales" {
		return nil
	}
	return []Recording{exampleRecording()}
}

func (houseRecordings) Sound(_ context.Context, by Asker, account, file string, offset, limit int64) (Recording, []byte, error) {
	r := exampleRecording()
	switch {
	case file == "calls/broken.wav" && offset > 0:
		return r, nil, errors.New("damaged")
	case file == "calls/broken.wav":
	case !may(by) || account != r.Account || file != r.File:
		return Recording{}, nil, NotFound("there is no such recording")
	}
	return r, []byte(soundOfCall[offset:min(offset+limit, r.Size)]), nil
}

func (houseRecordings) Listen(_ context.Context, by Asker, whom, part string) (string, error) {
	if whom != "1002" {
		return "", Refuse(403, "no_right", "this needs the right CanListen")
	}
	return "task." + part, nil
}

func TestRecordings(t *testing.T) {
	s := newServer(t, newHouse(), settings())
	list := ask(s, "GET", "/api/v1/recordings?call=c1&queue=sales&agent=1002", "")
	if body := list.Body.String(); list.Code != 200 || !strings.Contains(body, `"cuts":"2000+3000"`) || !strings.Contains(body, `"more":false`) {
		t.Errorf("%d %s", list.Code, body)
	}
	if none := ask(s, "GET", "/api/v1/recordings?call=c2", ""); none.Code != 200 || !strings.Contains(none.Body.String(), `"recordings":[]`) {
		t.Errorf("%d %s", none.Code, none.Body)
	}
	if wrong := ask(s, "GET", "/api/v1/recordings?limit=x", ""); wrong.Code != 400 {
		t.Errorf("%d %s", wrong.Code, wrong.Body)
	}
	r := exampleRecording()
	sound := ask(s, "GET", "/api/v1/recordings/"+r.Account+"/"+r.File, "")
	if sound.Code != 200 || sound.Body.String() != soundOfCall || sound.Header().Get("Content-Type") != "audio/wav" {
		t.Errorf("%d, %d bytes of %s", sound.Code, sound.Body.Len(), sound.Header().Get("Content-Type"))
	}
	from := int64(soundPart - 6)
	some := ask(s, "GET", "/api/v1/recordings/"+r.Account+"/"+r.File, "", func(r *http.Request) {
		r.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", from, from+9))
	})
	if some.Code != http.StatusPartialContent || some.Body.String() != soundOfCall[from:from+10] {
		t.Errorf("a part of a sound: %d %q", some.Code, some.Body)
	}
	if none := ask(s, "GET", "/api/v1/recordings/"+r.Account+"/other.wav", ""); none.Code != 404 {
		t.Errorf("%d %s", none.Code, none.Body)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("a sound that is cut off passes for the whole")
			}
		}()
		ask(s, "GET", "/api/v1/recordings/"+r.Account+"/calls/broken.wav", "")
	}()
}

func (houseRecordings) Hears(by Asker, whom string) bool { return may(by) && whom == "1002" }

func (houseRecordings) Turn(_ context.Context, by Asker, agent, turn string) (string, error) {
	switch {
	case agent != "1002":
		return "", NotFound("there is no agent %q", agent)
	case turn == "pause":
		return RecordingPaused, nil
	}
	return RecordingOn, nil
}

// The recording of an agent's call is looked at, paused and taken up.
func TestTurnRecording(t *testing.T) {
	s := newServer(t, newHouse(), settings())
	for _, c := range []struct {
		method, whom, body string
		code               int
		want               string
	}{
		{"GET", "1002", "", 200, `{"recording":"on"}`},
		{"POST", "1002", `{"turn":"pause"}`, 200, `{"recording":"paused"}`},
		{"POST", "1002", `{"turn":"resume"}`, 200, `{"recording":"on"}`},
		{"POST", "1002", `{"turn":"stop"}`, 400, "pause"},
		{"POST", "1002", `{}`, 400, "pause"},
		{"POST", "1003", `{"turn":"pause"}`, 404, "no agent"},
	} {
		got := ask(s, c.method, "/api/v1/agents/"+c.whom+"/recording", c.body)
		if got.Code != c.code || !strings.Contains(got.Body.String(), c.want) {
			t.Errorf("%v: %d %s", c, got.Code, got.Body)
		}
	}
}

func TestListen(t *testing.T) {
	s := newServer(t, newHouse(), settings())
	for _, c := range []struct {
		whom, body string
		code       int
		text       string
	}{
		{"1002", `{}`, 200, "task.listen"}, {"1002", `{"part":"barge"}`, 200, "task.barge"},
		{"1002", `{"part":"shout"}`, 400, "shout"}, {"1003", `{}`, 403, "CanListen"}, {"1002", `[]`, 400, ""},
	} {
		if a := ask(s, "POST", "/api/v1/agents/"+c.whom+"/listen", c.body); a.Code != c.code || !strings.Contains(a.Body.String(), c.text) {
			t.Errorf("%v: %d %s", c, a.Code, a.Body)
		}
	}
}
