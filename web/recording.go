package web

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Recordings are those of calls, in the files of accounts, and calls that can be listened to while they last. A refusal
// is an *Error.
type Recordings interface {
	// Recordings returns those that somebody may hear, the newest first. It does not wait.
	Recordings(by Asker, q RecordingQuery) []Recording
	// Sound returns a part of the file of a recording, whose size is in its Recording; NotFound where there is none that
	// somebody may hear.
	Sound(ctx context.Context, by Asker, account, file string, offset, limit int64) (r Recording, part []byte, err error)
	// Listen calls somebody's own devices, and lets him hear the call that an agent or an account has now: part is listen,
	// whisper or barge. It returns the Task that does so.
	Listen(ctx context.Context, by Asker, whom, part string) (task string, err error)
	// Hears tells whether somebody may listen to the call of an agent. It does not wait.
	Hears(by Asker, whom string) bool
	// Turn pauses the recording of the call that an agent has now, or takes it up, for himself or who leads him: turn is
	// pause or resume; "" only looks. It returns how the call is recorded then.
	Turn(ctx context.Context, by Asker, agent, turn string) (state string, err error)
}

// How a call may be recorded.
const (
	RecordingNone   = "none"
	RecordingOn     = "on"
	RecordingPaused = "paused" // what is said now is cut out
)

// RecordingQuery selects recordings; what is empty selects all.
type RecordingQuery struct {
	Call, Queue, Agent string
	Limit              int
}

// Recording is the file of one recording: WAV, the caller left and whom he talked to right.
type Recording struct {
	Account string    `json:"account"` // whose files it is in
	File    string    `json:"file"`    // its name there
	Call    string    `json:"call"`
	Queue   string    `json:"queue"`
	Agent   string    `json:"agent"`
	From    string    `json:"from"`
	Begin   time.Time `json:"begin"`
	Length  Seconds   `json:"length"`
	Part    string    `json:"part,omitempty"` // "1/2" where one file can not hold it
	Cuts    string    `json:"cuts,omitempty"` // "AT+LONG ...", in milliseconds: where pauses were cut out
	Size    int64     `json:"size"`           // bytes
}

// Address is where it is heard.
func (r Recording) Address() string {
	steps := strings.Split(r.File, "/")
	for i, step := range steps {
		steps[i] = url.PathEscape(step)
	}
	return "/api/v1/recordings/" + url.PathEscape(r.Account) + "/" + strings.Join(steps, "/")
}

// recordingRoutes are the answers about recordings, and about listening.
func (s *Server) recordingRoutes() map[string]answer {
	return map[string]answer{
		"GET /api/v1/recordings":               s.recordingList,
		"POST /api/v1/agents/{name}/listen":    s.agentListen,
		"GET /api/v1/agents/{name}/recording":  s.agentRecording,
		"POST /api/v1/agents/{name}/recording": s.agentRecording,
	}
}

func (s *Server) recordingList(r *http.Request) (any, error) {
	q := r.URL.Query()
	limit, err := limitOf(q)
	if err != nil {
		return nil, err
	}
	found := s.services.Recordings.Recordings(asker(r), RecordingQuery{Call: q.Get("call"), Queue: q.Get("queue"), Agent: q.Get("agent"),
		Limit: limit + 1})
	list, more := page(found, limit)
	return struct {
		Recordings []Recording `json:"recordings"`
		More       bool        `json:"more"`
	}{list, more}, nil
}

// recordingSound sends the file of a recording.
func (s *Server) recordingSound(w http.ResponseWriter, r *http.Request) {
	read := func(offset, limit int64) (Recording, []byte, error) {
		return s.services.Recordings.Sound(r.Context(), asker(r), r.PathValue("account"), r.PathValue("file"), offset, limit)
	}
	one, part, err := read(0, soundPart)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	whole := &parted{size: one.Size, part: part, read: func(offset, limit int64) ([]byte, error) {
		_, part, err := read(offset, limit)
		return part, err
	}}
	sound(w, r, "audio/wav", io.NewSectionReader(whole, 0, whole.size))
}

// listenBody is what a client sends to listen to an agent's call.
type listenBody struct {
	Part string `json:"part"` // listen, whisper or barge; "" is listen
}

func (s *Server) agentListen(r *http.Request) (any, error) {
	var body listenBody
	if err := s.readJSON(r, &body); err != nil {
		return nil, err
	}
	switch body.Part {
	case "":
		body.Part = "listen"
	case "listen", "whisper", "barge":
	default:
		return nil, Invalid("part %q is not listen, whisper or barge", clip(body.Part, 80))
	}
	task, err := s.services.Recordings.Listen(r.Context(), asker(r), r.PathValue("name"), body.Part)
	if err != nil {
		return nil, err
	}
	return struct {
		Task string `json:"task"`
	}{task}, nil
}

// agentRecording tells how an agent's call is recorded, and turns that.
func (s *Server) agentRecording(r *http.Request) (any, error) {
	var body struct {
		Turn string `json:"turn"`
	}
	if r.Method == http.MethodPost {
		if err := s.readJSON(r, &body); err != nil {
			return nil, err
		}
		if body.Turn != "pause" && body.Turn != "resume" {
			return nil, Invalid(`turn %q is not "pause" or "resume"`, clip(body.Turn, 80))
		}
	}
	state, err := s.services.Recordings.Turn(r.Context(), asker(r), r.PathValue("name"), body.Turn)
	if err != nil {
		return nil, err
	}
	return struct {
		Recording string `json:"recording"`
	}{state}, nil
}
