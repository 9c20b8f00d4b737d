package task

import (
	"time"

	"tandem/actors/msg"
	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
)

// sound is what is played or recorded, and what became of the last one.
type sound struct {
	play     uint64 // number of what is played; 0 is nothing
	record   uint64 // number of what is recorded
	recorder string // who records
	position int64  // ms of the last one
	complete bool
	skip     int64 // SetPlayPosition: for the next one only
}

// canPlay tells whether there is somebody to hear: a party, or the parties of a mixer.
func (t *Task) canPlay() bool { return t.hasParty() && t.party.leg != "" || t.mixing != nil }

// begin plays a sound and waits for its end. What waits to be read keeps it from beginning.
func (t *Task) begin(name string, s *msg.Sound, limit int64) (object.Value, error) {
	skip := t.sound.skip
	t.sound.skip, t.sound.position, t.sound.complete = 0, 0, false
	if !t.canPlay() || t.input.suppresses() || t.bridge.active() && t.mixing == nil {
		return object.Null, nil
	}
	t.sound.play = t.number()
	t.toVoice(&msg.LegPlay{Play: t.sound.play, Sound: s, LimitMs: limit, FromMs: skip})
	return t.block(wait{name: name,
		input:  t.silence,
		ended:  func(string) { t.sound.play = 0; t.resume(object.Null) },
		played: func() { t.resume(object.Null) },
	})
}

// toVoice tells the one who plays: the mixer where there is one, so that all hear it, else the party's leg.
func (t *Task) toVoice(m message) {
	if t.mixing != nil {
		t.do(ToMixer{t.mixing.handler, m})
		return
	}
	t.toLeg(m)
}

// silence stops what is played; LegPlayed tells how far it came.
func (t *Task) silence() {
	if t.sound.play != 0 {
		t.toVoice(&msg.LegStop{Play: t.sound.play})
	}
}

// LegPlayed: a sound is over.
func (t *Task) LegPlayed(m *msg.LegPlayed, now time.Time) {
	t.now = now
	if t.mode == over || t.musicPlayed(m) || m.Play != t.sound.play {
		return
	}
	if m.Error != "" {
		t.log.Warn("sound is not played", "err", m.Error)
	}
	t.sound.play, t.sound.position, t.sound.complete = 0, m.PositionMs, m.Completed
	t.soundGone()
	t.playOn()
}

// soundGone lets the program go on that waits for the end of a sound which nobody will tell.
func (t *Task) soundGone() {
	if t.sound.play == 0 && t.wait.played != nil {
		t.wait.played()
	}
}

func fnPlayFile(t *Task, c *cgpl.Call) (object.Value, error) {
	limit, ok := milliseconds(c.Arg(1))
	name := c.Arg(0).Text()
	if !ok || name == "" {
		return object.Null, nil
	}
	path, found := t.world.Sound(t.home(), t.who.language, name)
	if !found {
		t.log.Warn("sound file is not found", "file", name, "domain", t.home(), "language", t.who.language)
		t.sound.position, t.sound.complete = 0, false
		return object.Null, nil
	}
	return t.begin("PlayFile", &msg.Sound{File: &msg.SoundFile{Domain: t.home(), Path: path}}, limit)
}

func fnPlay(t *Task, c *cgpl.Call) (object.Value, error) {
	data, isData := c.Arg(0).Bytes()
	limit, ok := milliseconds(c.Arg(1))
	if !ok || !isData {
		return object.Null, nil
	}
	return t.begin("Play", &msg.Sound{Data: data}, limit)
}

// Bounds of PlayTone.
const (
	highestTone  = 4000
	longestTone  = 24 * 3600 * 1000
	highestRatio = 10000
)

func fnPlayTone(t *Task, c *cgpl.Call) (object.Value, error) {
	frequency, _ := c.Arg(0).Int()
	limit, ok := milliseconds(c.Arg(1))
	second, _ := c.Arg(2).Int()
	ratio := int64(100)
	if n, given := c.Arg(3).Int(); given {
		ratio = n
	}
	if !ok || limit == 0 || limit > longestTone || frequency < 0 || frequency > highestTone || second < 0 ||
		second > highestTone || ratio < 1 || ratio > highestRatio {
		return object.Null, nil
	}
	return t.begin("PlayTone", &msg.Sound{Tone: &msg.SoundTone{Frequency: int32(frequency),
		Second: int32(second), Ratio: int32(ratio)}}, limit)
}

// milliseconds is a limit of Play*: none given is 0, to the end; negative is until interrupted.
func milliseconds(v object.Value) (int64, bool) {
	if v.IsNull() {
		return 0, true
	}
	return decimal(v)
}

func fnGetPlayPosition(t *Task, _ *cgpl.Call) (object.Value, error) {
	return object.Number(t.sound.position), nil
}

func fnSetPlayPosition(t *Task, c *cgpl.Call) (object.Value, error) {
	if n, ok := decimal(c.Arg(0)); ok && n >= 0 {
		t.sound.skip = n
	}
	return object.Null, nil
}

func fnIsPlayCompleted(t *Task, _ *cgpl.Call) (object.Value, error) {
	return object.Bool(t.sound.complete), nil
}

// longestRecord bounds Record, in seconds.
const longestRecord = 3600

// fnRecord records what the party says, and what all say where there is a mixer; null when it was suppressed
// or nothing was said. The party's hanging up ends it, and what was said until then is its result.
func fnRecord(t *Task, c *cgpl.Call) (object.Value, error) {
	secs, ok := decimal(c.Arg(0))
	if !ok || secs <= 0 || !t.canPlay() || t.input.suppresses() || t.bridge.active() && t.mixing == nil {
		return object.Null, nil
	}
	t.sound.record = t.number()
	skip, _ := t.optionValue("skipsilence").Int()
	level, _ := t.optionValue("inputsilencelevel").Int()
	t.toVoice(&msg.LegTape{Record: t.sound.record, LimitMs: min(secs, longestRecord) * 1000, SkipMs: skip,
		SilenceLevel: int32(level), Account: t.start.account, From: t.party.remote().String(), Program: t.start.program})
	t.sound.recorder = t.party.leg
	if t.mixing != nil {
		t.sound.recorder = t.mixing.handler
	}
	t.within(time.Duration(min(secs, longestRecord))*time.Second + recordPatience)
	return t.block(wait{name: "Record",
		input:   func() { t.toRecorder(&msg.LegStop{Record: t.sound.record}) },
		taped:   func(v object.Value) { t.resume(v) },
		timeout: func() { t.sound.record = 0; t.resume(object.Null) },
	})
}

// recordPatience is how long after its limit a recording is waited for: the disk may be slow.
const recordPatience = time.Minute

// toRecorder tells the one who records, the party's leg though the party may be gone.
func (t *Task) toRecorder(m message) {
	if t.mixing != nil && t.sound.recorder == t.mixing.handler {
		t.do(ToMixer{t.sound.recorder, m})
		return
	}
	t.do(ToLeg{Leg: t.sound.recorder, Message: m})
}

// recorderGone: who recorded is no more, and with it what was recorded; what lies on the disk is delivered after
// the next start.
func (t *Task) recorderGone(handler string) {
	if t.sound.record != 0 && t.sound.recorder == handler && t.wait.taped != nil {
		t.sound.record = 0
		t.wait.taped(object.Null)
	}
}

// LegRecorded brings what was recorded. From here on it is the program's: what lies on the disk for the case of
// a crash goes when the Task ends.
func (t *Task) LegRecorded(m *msg.LegRecorded, leg string, now time.Time) {
	t.now = now
	if m.Record != t.sound.record || t.mode == over {
		return
	}
	t.sound.record = 0
	if m.Error != "" {
		t.log.Warn("recording failed", "err", m.Error)
	}
	t.spooled(leg, m.Spool)
	v := object.Null
	if len(m.Data) > 0 {
		v = object.Data(m.Data)
	}
	if w := t.wait; w.taped != nil {
		w.taped(v)
	}
}
