package leg

import (
	"time"

	"tandem/actors/leg/app"
	"tandem/actors/msg"
)

// program is the application that a leg runs by itself.
type program struct {
	steps    []app.Step
	at       int
	argument string // what the program was made with
	wants    bool   // the present step waits for a source to end
	answers  bool   // the present step waits until the 200 is sent
}

func (p *program) running() bool { return len(p.steps) > 0 }

// stop gives the application up.
func (p *program) stop() { *p = program{} }

// Run starts an application.
func (l *Leg) Run(m *msg.LegRun, now time.Time) {
	l.now = now
	if l.state >= ending {
		return
	}
	build, ok := app.Programs[m.Application]
	if !ok {
		l.log.Error("no such application", "application", m.Application)
		if l.transfers.searching() {
			l.transfers.failed(404, "")
		} else if l.state < answered {
			l.reject(404, "", nil)
		} else {
			l.hangup(500, "", "no such application")
		}
		return
	}
	l.wasTaken()
	l.loseTask()
	if l.transfers.searching() || l.state == answered {
		l.transfers.found()
		l.do(forgetPartner{})
	}
	l.hearing = hearing{} // early media of a device is over too
	l.becomeAlone()
	l.record.Application, l.record.Number = m.Application, m.Number
	l.program = program{steps: build(m.Argument), at: -1, argument: m.Argument}
	l.do(publish{})
	l.program.next(l)
}

// next performs steps until one that waits.
func (p *program) next(l *Leg) {
	for p.running() && l.state < ending {
		p.at++
		if p.at >= len(p.steps) || !p.step(l, p.steps[p.at]) {
			return
		}
	}
}

// step performs one step; true: the next one follows at once. Steps of ringing mean nothing to a
// leg that is up already, as after a transfer.
func (p *program) step(l *Leg, s app.Step) bool {
	p.wants = false
	switch s := s.(type) {
	case app.Ring:
		return p.ring(l, 180, "")
	case app.Progress:
		return p.ring(l, 183, s.Source)
	case app.Wait:
		l.startTimer(programWait, s.For)
		return false
	case app.Answer:
		if l.state < answered {
			p.answers = l.accept("") && l.state < answered
		}
		return l.state == answered
	case app.Play:
		p.wants = true
		l.do(play{s.Source})
		return false
	case app.Say:
		p.wants = true
		l.do(say{s.Words(l.facts)})
		return false
	case app.Echo:
		l.do(echo{s.Delay})
	case app.Mute:
		l.do(mute{})
	case app.Conference:
		l.do(conference{s.Room, s.Rate})
	case app.Hangup:
		l.hangup(0, "", "application has ended")
		return false
	case app.Forever:
		return false
	}
	return true
}

// ring shows progress, with early media where there is a source.
func (p *program) ring(l *Leg, status int, source string) bool {
	if l.state >= answered {
		return true
	}
	body := l.earlySDP(source != "", "")
	if l.state == waiting {
		l.rang()
	}
	l.try(l.dialog.Progress(status, "", body, nil, l.now))
	if body != nil {
		l.do(play{source})
	}
	return true
}

// wasAnswered: the call is up.
func (p *program) wasAnswered(l *Leg) {
	if p.answers {
		p.answers = false
		p.next(l)
	}
}

// finished: a source has come to its end.
func (p *program) finished(l *Leg) {
	if p.running() && p.wants {
		p.next(l)
	}
}
