package signal

import "time"

// Simple are the simplified rules that an account's own page has: where a call goes that the account's
// devices do not take. An empty address, or a false, means "do not".
type Simple struct {
	All            AOR           // at once, without ringing
	Busy           AOR           // all that could take it are busy or decline
	NoAnswer       AOR           // nobody answered for NoAnswerAfter
	NoAnswerAfter  time.Duration // 0: as long as a call may ring
	Failure        AOR           // no device, or none could be reached
	Voicemail      bool          // to voice mail when nobody answered for VoicemailAfter
	VoicemailAfter time.Duration // 0: as long as a call may ring
	VoicemailBusy  bool          // to voice mail when busy
	VoicemailError bool          // to voice mail when no device could be reached
}

// VoicemailProgram is the application that takes a message, in the name of the called account.
const VoicemailProgram = "#voicemail"

// Rules writes the simplified rules as rules, so that there is one way in which a call is forwarded. A
// forward goes before voice mail.
func (s Simple) Rules() []Rule {
	var out []Rule
	add := func(name, to string, priority int, stages ...Stage) {
		for _, stage := range stages {
			out = append(out, Rule{Number: NewNumber(stage, priority), Name: name,
				Actions: []Action{{RedirectTo, to}}})
		}
	}
	unanswered := func(after time.Duration) []Stage {
		if after > 0 { // and also where a call may not ring that long
			return []Stage{After(after), NoAnswer}
		}
		return []Stage{NoAnswer}
	}
	if s.All != "" {
		add("all calls", string(s.All), Usual, Immediate)
	}
	if s.Busy != "" {
		add("busy", string(s.Busy), Usual, Busy)
	}
	if s.NoAnswer != "" {
		add("no answer", string(s.NoAnswer), Usual, unanswered(s.NoAnswerAfter)...)
	}
	if s.Failure != "" {
		add("failure", string(s.Failure), Usual, Failure)
	}
	if s.Voicemail {
		add("voice mail", VoicemailProgram, Usual-1, unanswered(s.VoicemailAfter)...)
	}
	if s.VoicemailBusy {
		add("voice mail", VoicemailProgram, Usual-1, Busy)
	}
	if s.VoicemailError {
		add("voice mail", VoicemailProgram, Usual-1, Failure)
	}
	return out
}
