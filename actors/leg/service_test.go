package leg

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/msg"
	"tandem/media"
	"tandem/signal"
)

// finder is a Signal that looks for somebody for our leg.
var finder = actor.NewPID("m1", "signal/b/2")

var task = actor.NewPID("m1", "task/b/1")

// by is who a word comes from: a Signal, or nobody that says its name.
func by(a map[string]string) *actor.PID {
	if a["by"] == "finder" {
		return finder
	}
	return nil
}

func reasonOf(a map[string]string) []*msg.Header {
	if a["reason"] == "" {
		return nil
	}
	return []*msg.Header{{Name: "Reason", Value: a["reason"]}}
}

// taskActs are what a Task can want, and what else happens to a leg that serves one.
var taskActs = map[string]func(*stage, map[string]string){
	"serve": func(s *stage, a map[string]string) {
		m := &msg.LegServe{Task: task, Program: a["program"], By: by(a)}
		if a["task"] == "none" {
			m.Task = nil
		}
		s.leg.Serve(m, s.now)
	},
	"task-gone": func(s *stage, _ map[string]string) { s.leg.TaskGone(s.now) },
	"answer":    func(s *stage, _ map[string]string) { s.leg.Answer(s.now) },
	"play": func(s *stage, a map[string]string) {
		s.leg.Play(&msg.LegPlay{Play: uint64(number(a["number"])), LimitMs: int64(number(a["limit"])),
			Sound: &msg.Sound{File: &msg.SoundFile{Domain: "t.local", Path: a["file"]}}}, s.now)
	},
	"tape": func(s *stage, a map[string]string) {
		s.leg.Tape(&msg.LegTape{Record: uint64(number(a["number"]))}, s.now)
	},
	"press": func(s *stage, a map[string]string) { s.leg.Press(&msg.LegPress{Digits: a["digits"]}, s.now) },
	"part":  func(s *stage, _ map[string]string) { s.leg.Part(s.now) },
	"parted": func(s *stage, _ map[string]string) {
		s.leg.PartnerEnded(&msg.LegEnded{Status: 200, Reason: "left"}, s.now)
	},
	"room": func(s *stage, _ map[string]string) { s.leg.MakeRoom(s.now) },
	"mix": func(s *stage, a map[string]string) {
		s.leg.Mix(&msg.LegMix{Room: a["room"], Rate: 16000, Role: &msg.MixRole{Muted: a["muted"] == "yes"}}, s.now)
	},
	"record-call": func(s *stage, a map[string]string) {
		m := &msg.LegRecordCall{Operation: uint64(number(cmp.Or(a["operation"], "7"))), Action: a["action"], Meta: map[string]string{}}
		for i := range number(a["meta"]) {
			m.Meta[fmt.Sprint("key", i)] = "value"
		}
		s.leg.RecordCall(m, s.now)
	},
	"attend": func(s *stage, a map[string]string) {
		m := &msg.LegAttend{Operation: uint64(number(cmp.Or(a["operation"], "8"))), Part: a["part"], Leg: task}
		if a["leg"] == "none" {
			m.Leg = nil
		}
		s.leg.Attend(m, s.now)
	},
	"attended-gone": func(s *stage, _ map[string]string) { s.leg.AttendedGone(200, "The call is over", s.now) },
	"tape-failed":   func(s *stage, _ map[string]string) { s.leg.TapeFailed(s.now) },
	"record-failed": func(s *stage, _ map[string]string) { s.leg.RecordFailed(s.now) },
	"mixer-gone":    func(s *stage, _ map[string]string) { s.leg.MixerGone(500, "The mixer has ended", s.now) },
	"key":           func(s *stage, a map[string]string) { s.leg.Media(digit(a), s.now) },
	"find": func(s *stage, a map[string]string) {
		m := &msg.LegFind{Fork: a["fork"] == "yes", Account: "pbx@t.local"}
		for user := range strings.SplitSeq(a["targets"], ",") {
			if user != "" {
				m.Targets = append(m.Targets, msg.FromURI(somebody(user, "").URI))
			}
		}
		s.leg.Find(m, s.now)
	},
	"hold": func(s *stage, a map[string]string) {
		s.leg.HoldParty(&msg.LegHoldParty{Operation: uint64(number(a["operation"])), Held: a["held"] != "no"}, s.now)
	},
	"inform": func(s *stage, a map[string]string) {
		s.leg.Inform(&msg.LegInform{Operation: uint64(number(a["operation"])), ContentType: "text/plain",
			Body: []byte("hello")}, s.now)
	},
	"contact": func(s *stage, a map[string]string) {
		s.leg.ShowContact(&msg.LegContact{Name: a["name"], Remove: a["remove"] == "yes"}, s.now)
	},
	"probe": func(s *stage, a map[string]string) {
		s.leg.ProbeParty(&msg.LegProbe{Operation: uint64(number(a["operation"]))}, s.now)
	},
	"send-refer": func(s *stage, a map[string]string) {
		s.leg.ReferParty(&msg.LegRefer{Operation: uint64(number(a["operation"])),
			Target: msg.FromURI(somebody(a["target"], "").URI), ReferredBy: msg.FromParty(somebody("pbx", ""))}, s.now)
	},
	"notify": func(s *stage, a map[string]string) {
		r := s.request(signal.NOTIFY, []byte("SIP/2.0 "+a["status"]+" x\r\n"))
		state := "active"
		if a["last"] == "yes" {
			state = "terminated"
		}
		r.ContentType = "message/sipfrag"
		r.Headers = signal.Headers{{Name: "Event", Value: "refer"}, {Name: "Subscription-State", Value: state}}
		s.leg.Request(r, s.now)
	},
	"inform-us": func(s *stage, _ map[string]string) {
		r := s.request(signal.INFO, []byte("hello"))
		r.ContentType = "text/plain"
		s.leg.Request(r, s.now)
	},
}

// tellService is an effect for a Task in a line.
func (s *stage) tellService(e effect) string {
	switch e := e.(type) {
	case serveTask:
		if e.m.Task == nil {
			return "serve nobody"
		}
		return "serve the Task"
	case tellTask:
		if r, ok := e.message.(*msg.LegReferred); ok {
			s.referred = r.Refer
		}
		return "task " + tellMessage(e.message)
	case startSound:
		return "play " + tellMessage(e.m)
	case startTape:
		return "tape " + tellMessage(e.m)
	case keepCall:
		return "keep the call with " + fmt.Sprintf("%q", e.partner) + when(e.m == nil, ", going on")
	case turnKept:
		return "recording " + e.m.Action
	case attend:
		return "attend: " + e.m.Part
	case mix:
		return "media mix " + tellMessage(e.m)
	}
	return fmt.Sprintf("%T", e)
}

func digit(a map[string]string) media.Digit { return media.Digit{Key: a["key"][0]} }

func when(b bool, text string) string {
	if b {
		return text
	}
	return ""
}
