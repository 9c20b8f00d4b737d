package leg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/acttest"
	"tandem/actors/cluster"
	"tandem/actors/deck"
	"tandem/actors/junction"
	"tandem/actors/msg"
	"tandem/actors/store"
	"tandem/conf"
	"tandem/media"
	"tandem/media/codec"
	"tandem/media/sdp"
	"tandem/media/shelf"
	"tandem/media/spool"
	"tandem/media/wav"
	"tandem/signal"
)

// lab is a member whose legs are real, with their media; probes stand for all others.
type lab struct {
	*testing.T
	member  *cluster.Member
	engine  *media.Engine
	table   *Table
	spool   string
	bind    netip.Addr
	talks   string // the codec of its phones
	floor   *Floor
	probes  map[string]*acttest.Probes
	edge    *acttest.Probe
	archive *archive
	calls   int
	stop    func()
}

func newLab(t *testing.T, change ...func(*conf.Media)) *lab {
	t.Helper()
	l := bareLab(t, "m1", netip.MustParseAddr("127.0.0.1"), change...)
	l.edge = l.probe("edge")
	return l
}

// bareLab is a member without an edge, which may join others yet.
func bareLab(t *testing.T, name string, bind netip.Addr, change ...func(*conf.Media)) *lab {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	c := conf.DefaultMedia()
	c.Bind, c.PortMin, c.PortMax, c.Quarantine = []string{bind.String()}, 30000, 39999, 0
	for _, f := range change {
		f(&c)
	}
	engine, err := media.New(c, log)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), t.TempDir(), conf.DefaultStore(), nil, log)
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{T: t, engine: engine, bind: bind, talks: "PCMU", table: NewTable(), spool: t.TempDir(), probes: map[string]*acttest.Probes{}}
	kinds := []cluster.Kind{{Name: "leg"}}
	for _, name := range []string{"edge", "signal", "task", "mixer"} {
		l.probes[name] = acttest.NewProbes()
		kinds = append(kinds, cluster.Kind{Name: name, Make: l.probes[name].Make})
	}
	l.member = cluster.New(cluster.Options{Name: name, Key: []byte("key"), Mailbox: 100, Log: log, Kinds: kinds})
	l.stop = sync.OnceFunc(l.member.Stop)
	t.Cleanup(func() {
		l.stop()
		if err := errors.Join(engine.Close(), s.Close(context.Background())); err != nil {
			t.Error(err)
		}
	})
	sounds := shelf.New(1<<20, func(_, path string) ([]byte, error) {
		if path != "beep.wav" {
			return nil, os.ErrNotExist
		}
		return tune(200 * time.Millisecond), nil
	})
	floor := &Floor{Member: l.member, Engine: engine, Journal: s.Journal(), Table: l.table, Log: log,
		Opened: func(string, uint64) {}, Closed: func(*msg.LegRecord) {},
		Edge:  func(signal.Flow, string) *actor.PID { return l.edge.PID },
		Birth: l.birth, Deck: deck.Floor{Engine: engine, Sounds: sounds, Spool: l.spool},
		Junction: junction.Floor{Engine: engine, Facing: func(netip.Addr) netip.Addr { return bind }, Wait: time.Second}}
	l.archive = &archive{dir: t.TempDir(), kept: make(chan spool.Note, 10)}
	floor.Archive = l.archive
	l.floor = floor
	l.member.Introduce("leg", floor.Make)
	return l
}

func (l *lab) birth(signal.Flow, string, *msg.LegStart) Birth {
	s := &stage{now: time.Now()}
	b := s.birth()
	b.Bind, b.Media.Address = l.bind, l.bind
	return b
}

// probe makes an actor of a kind that is a probe.
func (l *lab) probe(kind string) *acttest.Probe {
	l.Helper()
	if _, err := l.member.Spawn(kind, &msg.SignalCancel{}); err != nil {
		l.Fatal(err)
	}
	return l.probes[kind].Next(l)
}

// tune is a WAV file with a sound of some length.
func tune(length time.Duration) []byte {
	n := int(length.Seconds() * 8000)
	out := wav.AppendHeader(nil, wav.Format{Encoding: wav.PCM, Rate: 8000, Channels: 1}, 2*n)
	for i := range n {
		x := int16(8000 * math.Sin(2*math.Pi*440*float64(i)/8000))
		out = append(out, byte(x), byte(x>>8))
	}
	return out
}

// call is a phone's call that the lab's Signal has taken in and given to a Task.
type call struct {
	lab     *lab
	leg     *actor.PID
	owner   *acttest.Probe
	task    *acttest.Probe
	phone   net.PacketConn
	id      string
	tag     string // ours, of the dialog
	cseq    uint32
	packets int
	params  sdp.Params
	side    *sdp.Session
}

// incoming makes a call and a Task that it serves.
func (l *lab) incoming() *call {
	l.Helper()
	c := l.unserved()
	c.serve()
	return c
}

func (c *call) serve() { c.tell(&msg.LegServe{Task: c.task.PID, Program: "menu", By: c.owner.PID}) }

// unserved makes a call whose Task the leg does not know yet.
func (l *lab) unserved() *call {
	l.Helper()
	return l.ringing(&msg.LegStart{})
}

// ringing makes a call with that work, less what this fills in.
func (l *lab) ringing(start *msg.LegStart) *call {
	l.Helper()
	l.calls++
	phone, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		l.Fatal(err)
	}
	l.Cleanup(func() { _ = phone.Close() })
	c := &call{lab: l, owner: l.probe("signal"), task: l.probe("task"), phone: phone, id: fmt.Sprint("call", l.calls)}
	c.side = sdp.New(sdp.Capability{Address: netip.MustParseAddr("127.0.0.1"), Name: "phone",
		Port: phone.LocalAddr().(*net.UDPAddr).Port, Codecs: prefer(l.talks)})
	offer, err := c.side.Offer(sdp.SendRecv, nil)
	if err != nil {
		l.Fatal(err)
	}
	start.Owner, start.Call = c.owner.PID, c.id
	start.Incoming = &msg.SignalRequest{Edge: l.edge.PID, Request: msg.FromRequest(c.request(signal.INVITE, offer))}
	if c.leg, err = l.member.Spawn("leg", start); err != nil {
		l.Fatal(err)
	}
	if ready := acttest.Await[*msg.LegReady](l, c.owner); !ready.Leg.Equal(c.leg) {
		l.Fatal("another leg is ready")
	}
	c.tag = l.member.Handler(c.leg)
	return c
}

func (c *call) request(m signal.Method, body []byte) *signal.Request {
	c.cseq++
	r := &signal.Request{ID: fmt.Sprint(c.id, ".", c.cseq), Method: m, CallID: c.id, CSeq: c.cseq,
		URI:  signal.URI{Scheme: "sip", User: "x", Host: "127.0.0.1"},
		From: somebody("1000", c.id), To: somebody("200", c.tag),
		Contacts: []signal.Party{somebody("phone", "")}, Body: body, Origin: signal.Origin{Flow: flow}}
	if m == signal.ACK {
		r.CSeq--
		c.cseq--
	}
	return r
}

func (c *call) tell(m any) { c.lab.member.Send(c.leg, m) }

func (c *call) send(m signal.Method) {
	c.tell(&msg.SignalRequest{Edge: c.lab.edge.PID, Request: msg.FromRequest(c.request(m, nil))})
}

// answered has the Task answer, and the phone agree.
func (c *call) answered() *call {
	c.lab.Helper()
	c.tell(&msg.LegAnswer{})
	if m := acttest.Await[*msg.LegAnswered](c.lab, c.task); m.Codec != c.lab.talks || !m.Leg.Equal(c.leg) {
		c.lab.Fatalf("answered so: %v", m)
	}
	acttest.Await[*msg.LegAnswered](c.lab, c.owner)
	c.agrees(200)
	c.send(signal.ACK)
	return c
}

// agrees waits for the SDP answer that the phone gets with a status.
func (c *call) agrees(status int32) {
	c.lab.Helper()
	for {
		r := acttest.Await[*msg.SignalRespond](c.lab, c.lab.edge).Response
		if r.Method != string(signal.INVITE) || r.Status != status || !strings.HasPrefix(r.Request, c.id+".") {
			continue
		}
		var err error
		if c.params, err = c.side.Accept(r.Body); err != nil {
			c.lab.Fatal(err)
		}
		return
	}
}

// speak sends so much of a tone to the leg, at the pace of a phone.
func (c *call) speak(length time.Duration) { c.sing(440, length) }

// sing is to speak at a frequency.
func (c *call) sing(hz float64, length time.Duration) {
	c.lab.Helper()
	pcmu, _ := codec.ByName("PCMU")
	encoder := pcmu.NewEncoder()
	to := net.UDPAddrFromAddrPort(c.params.Remote)
	beat := time.NewTicker(20 * time.Millisecond)
	defer beat.Stop()
	for i := range int(length / (20 * time.Millisecond)) {
		pcm := make([]int16, 160)
		for j := range pcm {
			pcm[j] = int16(8000 * math.Sin(2*math.Pi*hz*float64(i*160+j)/8000))
		}
		n := c.packets // of its stream, which goes on
		c.packets++
		header := []byte{0x80, c.params.Payload, byte(n >> 8), byte(n), 0, 0, byte((n * 160) >> 8), byte(n * 160), 1, 2, 3, 4}
		if _, err := c.phone.WriteTo(encoder.Encode(header, pcm), to); err != nil {
			c.lab.Fatal(err)
		}
		<-beat.C
	}
}

func (l *lab) legsGone() {
	l.Helper()
	acttest.Until(l, "the legs are gone", func() bool { return l.member.Alive("leg") == 0 })
}

// A Task may be quicker than the Signal's word that it is to be served.
func TestTaskSpeaksBeforeItIsServed(t *testing.T) {
	l := newLab(t)
	c := l.unserved()
	c.tell(&msg.LegAnswer{})
	c.tell(&msg.LegPlay{Play: 1, Sound: &msg.Sound{Data: tune(200 * time.Millisecond)}})
	for range maxEarly { // what comes beyond the limit is lost
		c.tell(&msg.LegPress{Digits: "1"})
	}
	c.serve()
	acttest.Await[*msg.LegAnswered](t, c.task)
	c.send(signal.ACK)
	c.send(signal.BYE)
	if m := acttest.Await[*msg.LegPlayed](t, c.task); m.Play != 1 {
		t.Errorf("played so: %v", m)
	}
	acttest.Await[*msg.LegEnded](t, c.task)
	l.legsGone()
}

func TestTaskPlays(t *testing.T) {
	l := newLab(t)
	c := l.incoming().answered()
	for i, s := range []*msg.Sound{
		{Data: tune(200 * time.Millisecond)},
		{File: &msg.SoundFile{Domain: "t.local", Path: "beep.wav"}},
		{Data: tune(200 * time.Millisecond)}, // from the shelf
	} {
		c.tell(&msg.LegPlay{Play: uint64(i + 1), Sound: s})
		m := acttest.Await[*msg.LegPlayed](t, c.task)
		if m.Play != uint64(i+1) || !m.Completed || m.PositionMs != 200 || m.Error != "" || !m.Leg.Equal(c.leg) {
			t.Errorf("played so: %v", m)
		}
	}
	tone := &msg.Sound{Tone: &msg.SoundTone{Frequency: 440}}
	c.tell(&msg.LegPlay{Play: 4, Sound: tone, LimitMs: -1})
	c.tell(&msg.LegStop{Play: 3})
	c.tell(&msg.LegPlay{Play: 5, Sound: tone, LimitMs: -1}) // takes its place
	if m := acttest.Await[*msg.LegPlayed](t, c.task); m.Play != 4 || m.Completed {
		t.Errorf("replaced so: %v", m)
	}
	c.tell(&msg.LegStop{Play: 5})
	if m := acttest.Await[*msg.LegPlayed](t, c.task); m.Play != 5 || m.Completed {
		t.Errorf("stopped so: %v", m)
	}
	for i, s := range []*msg.Sound{{Data: []byte("no sound")}, {File: &msg.SoundFile{Path: "none.wav"}}, {}} {
		c.tell(&msg.LegPlay{Play: uint64(i + 6), Sound: s})
		if m := acttest.Await[*msg.LegPlayed](t, c.task); m.Play != uint64(i+6) || m.Error == "" {
			t.Errorf("what is no sound was played: %v", m)
		}
	}
	// The party hangs up in the middle.
	c.tell(&msg.LegPlay{Play: 9, Sound: tone, LimitMs: -1})
	c.send(signal.BYE)
	if m := acttest.Await[*msg.LegPlayed](t, c.task); m.Play != 9 || m.Completed {
		t.Errorf("interrupted so: %v", m)
	}
	if m := acttest.Await[*msg.LegEnded](t, c.task); m.Status != 200 || !m.Leg.Equal(c.leg) {
		t.Errorf("ended so: %v", m)
	}
	l.legsGone()
	rows := l.table.Ended(1, func(*msg.LegRecord) bool { return true })
	acttest.Until(t, "the record is durable", func() bool {
		rows = l.table.Ended(1, func(*msg.LegRecord) bool { return true })
		return len(rows) == 1
	})
	if rows[0].Application != "menu" {
		t.Errorf("the record names %q", rows[0].Application)
	}
}

// files are what lies in the spool.
func (l *lab) files() []string {
	l.Helper()
	entries, err := os.ReadDir(l.spool)
	if err != nil {
		l.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// heard is how long the sound of a WAV file is.
func heard(t *testing.T, octets []byte) time.Duration {
	t.Helper()
	clip, err := wav.ReadClip("recorded", bytes.NewReader(octets))
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(len(clip.Samples())) * time.Second / time.Duration(clip.Rate())
}

// A recording that the party ends by hanging up is whole, and lies on the disk until it is taken.
func TestRecordingOutlivesItsCall(t *testing.T) {
	l := newLab(t)
	c := l.incoming().answered()
	began := time.Now()
	c.tell(&msg.LegTape{Record: 1, Account: "vm@t.local", From: "1000@t.local", Program: "voicemail"})
	c.tell(&msg.LegTape{Record: 2})
	if m := acttest.Await[*msg.LegRecorded](t, c.task); m.Record != 2 || m.Error == "" {
		t.Errorf("two at once: %v", m)
	}
	acttest.Until(t, "the files are there", func() bool { return len(l.files()) == 2 })
	c.speak(600 * time.Millisecond)
	c.send(signal.BYE)
	acttest.Await[*msg.LegEnded](t, c.task)
	m := acttest.Await[*msg.LegRecorded](t, c.task)
	if got := heard(t, m.Data); m.Record != 1 || m.Error != "" || got < 200*time.Millisecond || got > time.Since(began)+2*codec.Frame {
		t.Errorf("recorded %v of record %d, error %q", got, m.Record, m.Error) // whole frames, at either end
	}
	if files := l.files(); len(files) != 2 || l.member.Alive("leg") != 1 || len(l.table.Live()) != 0 {
		t.Errorf("before it is taken: %v, %d legs", files, l.member.Alive("leg"))
	}
	c.tell(&msg.LegKept{Spool: "../" + m.Spool}) // not one of its own
	c.tell(&msg.LegKept{Spool: m.Spool})
	l.legsGone()
	acttest.Until(t, "the files are gone", func() bool { return len(l.files()) == 0 })
}

// The limit ends a recording, and nothing heard leaves nothing behind.
func TestRecordingEnds(t *testing.T) {
	l := newLab(t)
	c := l.incoming().answered()
	c.tell(&msg.LegTape{Record: 1, LimitMs: 1})
	if m := acttest.Await[*msg.LegRecorded](t, c.task); m.Record != 1 || m.Error != "" {
		t.Errorf("at its limit: %v", m)
	}
	c.tell(&msg.LegTape{Record: 2})
	c.tell(&msg.LegStop{Record: 2}) // before the file is open
	if m := acttest.Await[*msg.LegRecorded](t, c.task); m.Record != 2 || len(m.Data) != 0 || m.Spool != "" {
		t.Errorf("nothing was heard: %v", m)
	}
	c.tell(&msg.LegKept{})
	acttest.Until(t, "nothing lies there", func() bool { return len(l.files()) == 0 })
}

// A Task that dies leaves its recording to the next start, and its call ends.
func TestTaskDiesRecording(t *testing.T) {
	l := newLab(t)
	c := l.incoming().answered()
	c.tell(&msg.LegTape{Record: 1, Account: "vm@t.local", From: "1000@t.local", Program: "voicemail"})
	acttest.Until(t, "the files are there", func() bool { return len(l.files()) == 2 })
	c.speak(400 * time.Millisecond)
	c.task.Stop(t)
	bye := acttest.Await[*msg.SignalSend](t, l.edge)
	if bye.Request.Method != string(signal.BYE) {
		t.Fatalf("the phone got %s", bye.Request.Method)
	}
	c.tell(&msg.SignalResponse{Response: &msg.Response{Request: bye.Request.Id, Method: bye.Request.Method,
		Status: 200, To: bye.Request.To}})
	l.legsGone()
	orphans, err := spool.Orphans(l.spool)
	if err != nil || len(orphans) != 1 {
		t.Fatalf("orphans %v, %v", orphans, err)
	}
	o := orphans[0]
	octets, err := spool.Read(l.spool, o.Name)
	if err != nil || heard(t, octets) == 0 || o.Account != "vm@t.local" || o.From != "1000@t.local" ||
		o.Program != "voicemail" || o.Call != c.id || o.Started.IsZero() {
		t.Errorf("orphan %+v of %d bytes, %v", o, len(octets), err)
	}
}

// A disk that takes no recording is told of; the call goes on.
func TestNoSpool(t *testing.T) {
	l := newLab(t)
	if err := os.Remove(l.spool); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(l.spool, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := l.incoming().answered()
	c.tell(&msg.LegTape{Record: 1})
	if m := acttest.Await[*msg.LegRecorded](t, c.task); m.Error == "" || m.Spool != "" {
		t.Errorf("recorded nowhere: %v", m)
	}
	c.tell(&msg.LegProbe{Operation: 1})
	acttest.Await[*msg.SignalSend](t, l.edge)
}

// Two Tasks join their parties; one parts them, then one party hangs up.
func TestBridge(t *testing.T) {
	l := newLab(t)
	a, b := l.incoming().answered(), l.incoming().answered()
	join := func() {
		a.tell(&msg.LegAccept{Partner: b.leg, Stream: l.member.Handler(b.leg), Codec: "PCMU"})
		b.tell(&msg.LegAccept{Partner: a.leg, Stream: l.member.Handler(a.leg), Codec: "PCMU"})
		for _, c := range []*call{a, b} { // a sound that is refused tells that they are joined
			c.tell(&msg.LegPlay{Play: 1})
			if m := acttest.Await[*msg.LegPlayed](t, c.task); m.Error == "" {
				t.Errorf("played over a partner: %v", m)
			}
		}
	}
	join()
	a.tell(&msg.LegPart{})
	if m := acttest.Await[*msg.LegParted](t, b.task); !m.Leg.Equal(b.leg) || !m.Partner.Equal(a.leg) || m.Status != 200 {
		t.Errorf("parted so: %v", m)
	}
	join()
	a.send(signal.BYE)
	acttest.Await[*msg.LegEnded](t, a.task)
	if m := acttest.Await[*msg.LegParted](t, b.task); !m.Partner.Equal(a.leg) {
		t.Errorf("left so: %v", m)
	}
	// The party is its Task's again: it hears what that plays.
	b.tell(&msg.LegPlay{Play: 2, Sound: &msg.Sound{Data: tune(100 * time.Millisecond)}})
	if m := acttest.Await[*msg.LegPlayed](t, b.task); m.Play != 2 || !m.Completed {
		t.Errorf("after the bridge: %v", m)
	}
	// A partner that is gone already is missed at once.
	b.tell(&msg.LegAccept{Partner: a.leg, Stream: "gone"})
	if m := acttest.Await[*msg.LegParted](t, b.task); m.Status != 500 || !m.Partner.Equal(a.leg) {
		t.Errorf("a dead partner: %v", m)
	}
}

// What a search says that was given up is not heard: whoever took the call for it is sent home.
func TestSearchGivenUp(t *testing.T) {
	l := newLab(t)
	c := l.incoming()
	find := &msg.LegFind{Fork: true, Account: "pbx@t.local", Targets: []*msg.URI{msg.FromURI(somebody("1002", "").URI)}}
	c.tell(find)
	first := l.probes["signal"].Next(t)
	start := acttest.Await[*msg.SignalStart](t, first)
	if !start.Caller.Equal(c.leg) || len(start.Targets) != 1 || start.Call != c.id || start.Request.Account != "pbx@t.local" {
		t.Fatalf("the search is %v", start)
	}
	c.tell(find)
	if m := acttest.Await[*msg.LegEnded](t, first); m.Status != 487 {
		t.Errorf("given up so: %v", m)
	}
	second := l.probes["signal"].Next(t)
	winner := l.probe("task") // in place of a leg
	c.tell(&msg.LegAccept{Partner: winner.PID, Stream: "w", By: first.PID})
	if m := acttest.Await[*msg.LegEnded](t, winner); m.Status != 487 || !m.Leg.Equal(c.leg) {
		t.Errorf("sent home so: %v", m)
	}
	c.tell(&msg.LegServe{Task: winner.PID, By: first.PID})
	if m := acttest.Await[*msg.LegEnded](t, winner); m.Status != 487 {
		t.Errorf("a Task that nobody wants: %v", m)
	}
	c.tell(&msg.LegReject{Status: 486, By: first.PID})
	c.tell(&msg.LegReject{Status: 603, By: second.PID})
	if m := acttest.Await[*msg.LegFound](t, c.task); m.Status != 603 {
		t.Errorf("found so: %v", m)
	}
	c.tell(find)
	third := l.probes["signal"].Next(t)
	c.tell(&msg.LegAccept{Partner: winner.PID, Stream: "w", Codec: "PCMU", By: third.PID})
	acttest.Await[*msg.LegTaken](t, c.task)
	acttest.Await[*msg.LegAnswered](t, c.owner)
	c.task.Stop(t) // it serves nobody any more
	c.tell(&msg.LegHangup{})
	acttest.Await[*msg.LegEnded](t, winner)
}

// A member that makes no Signals any more finds nobody.
func TestNobodyToSearch(t *testing.T) {
	l := newLab(t)
	c := l.incoming()
	l.member.Drain()
	c.tell(&msg.LegFind{Fork: true, Targets: []*msg.URI{msg.FromURI(somebody("1002", "").URI)}})
	if m := acttest.Await[*msg.LegFound](t, c.task); m.Status != 503 {
		t.Errorf("found so: %v", m)
	}
}

// A mixer's parties know when it ends, and it knows who is in it.
func TestMixer(t *testing.T) {
	l := newLab(t, func(c *conf.Media) { c.MaxParties = 2 })
	m := l.probe("mixer")
	mix := &msg.LegMix{Mixer: m.PID, Room: "room", Rate: 8000, Role: &msg.MixRole{Muted: true}}
	var in []*call
	for range 2 {
		c := l.incoming().answered()
		in = append(in, c)
		c.tell(mix)
		if j := acttest.Await[*msg.MixerJoined](t, m); !j.Leg.Equal(c.leg) || j.Left {
			t.Errorf("joined so: %v", j)
		}
	}
	if n := l.engine.Mixer("room", 8000).Parties(); n != 2 {
		t.Errorf("%d parties", n)
	}
	third := l.incoming().answered()
	third.tell(mix)
	if p := acttest.Await[*msg.LegParted](t, third.task); p.Status != 486 || !p.Partner.Equal(m.PID) {
		t.Errorf("a full room: %v", p)
	}
	in[0].tell(&msg.LegPart{})
	for j := acttest.Await[*msg.MixerJoined](t, m); !j.Left || !j.Leg.Equal(in[0].leg); {
		j = acttest.Await[*msg.MixerJoined](t, m)
	}
	m.Stop(t)
	if p := acttest.Await[*msg.LegParted](t, in[1].task); p.Status != 500 || !p.Partner.Equal(m.PID) {
		t.Errorf("the end of a mixer: %v", p)
	}
	acttest.Until(t, "no mixer is left", func() bool { return l.engine.Snapshot().Mixers == 0 })
}

// A leg that ended before its Task was there says so, and one whose Task was dead already ends.
func TestServedTooLate(t *testing.T) {
	l := newLab(t)
	c := l.incoming().answered()
	c.tell(&msg.LegHangup{})
	acttest.Await[*msg.LegEnded](t, c.task)
	late := l.probe("task")
	c.tell(&msg.LegServe{Task: late.PID})
	if m := acttest.Await[*msg.LegEnded](t, late); !m.Leg.Equal(c.leg) {
		t.Errorf("too late: %v", m)
	}
	d := l.incoming()
	d.task.Stop(t)
	for {
		r := acttest.Await[*msg.SignalRespond](t, l.edge).Response
		if strings.HasPrefix(r.Request, d.id) && r.Status >= 300 {
			if r.Status != 500 {
				t.Errorf("refused by %d", r.Status)
			}
			break
		}
	}
	if m := acttest.Await[*msg.LegEnded](t, d.owner); m.Status != 500 {
		t.Errorf("the owner was told %v", m)
	}
}

// Keys reach the Task, by event and in the phone's own INFO.
func TestKeys(t *testing.T) {
	l := newLab(t)
	c := l.incoming().answered()
	r := c.request(signal.INFO, []byte("Signal=9\r\nDuration=100\r\n"))
	r.ContentType = "application/dtmf-relay"
	c.tell(&msg.SignalRequest{Edge: l.edge.PID, Request: msg.FromRequest(r)})
	if m := acttest.Await[*msg.LegDigit](t, c.task); m.Key != "9" || !m.Leg.Equal(c.leg) {
		t.Errorf("the key is %v", m)
	}
	if c.params.Event == 0 {
		t.Fatal("no telephone-events were agreed on")
	}
	to := net.UDPAddrFromAddrPort(c.params.Remote)
	for i := range 4 { // a key of 100 ms; the last packet says that it is let go
		end := byte(10)
		if i == 3 {
			end |= 0x80
		}
		packet := []byte{0x80, c.params.Event, 0, byte(i), 0, 0, 0, 160, 1, 2, 3, 4, 5, end, byte(800 >> 8), byte(800 & 0xff)}
		if i == 0 {
			packet[1] |= 0x80
		}
		if _, err := c.phone.WriteTo(packet, to); err != nil {
			t.Fatal(err)
		}
	}
	if m := acttest.Await[*msg.LegDigit](t, c.task); m.Key != "5" {
		t.Errorf("the key is %v", m)
	}
	// What the Task presses reaches the phone as events.
	c.tell(&msg.LegPress{Digits: "7"})
	buffer := make([]byte, 1500)
	for {
		if err := c.phone.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
			t.Fatal(err)
		}
		n, _, err := c.phone.ReadFrom(buffer)
		if err != nil {
			t.Fatal("no event came: ", err)
		}
		if n >= 16 && buffer[1]&0x7f == c.params.RecvEvent && buffer[12] == 7 {
			return
		}
	}
}

// The party's flow is held by a member that is gone before the leg has said anything over it: the leg does not wait for
// an answer that can not come.
func TestFrontIsLost(t *testing.T) {
	l := newLab(t)
	front := actor.NewPID("192.0.2.1:7010", "edge/00000001/1") // out of reach, so that who watches is told at once
	l.floor.Edge = func(signal.Flow, string) *actor.PID { return front }
	owner := l.probe("signal")
	_, err := l.member.Spawn("leg", &msg.LegStart{Owner: owner.PID, Branch: 1, Outgoing: &msg.LegCall{
		Contact: msg.FromURI(somebody("phone", "").URI), Flow: msg.FromFlow(flow), From: msg.FromParty(somebody("1000", "")),
		To: msg.FromParty(somebody("1001", ""))}})
	if err != nil {
		t.Fatal(err)
	}
	if m := acttest.Await[*msg.LegEnded](t, owner); m.Status != 503 || m.Reason != "Member lost" {
		t.Errorf("ended with %v", m)
	}
	acttest.Until(t, "the leg is gone", func() bool { return l.member.Alive("leg") == 0 })
}

// What a leg sends goes by the edge that holds the flow, whatever way the party's last request came by; where there is
// none any more, it hears so.
func TestRequestsGoByTheirFlow(t *testing.T) {
	l := newLab(t)
	c := l.incoming().answered()
	other := l.probe("edge")
	c.tell(&msg.SignalRequest{Edge: other.PID, Request: msg.FromRequest(c.request(signal.OPTIONS, nil))})
	acttest.Await[*msg.SignalRespond](t, other)
	c.tell(&msg.LegProbe{Operation: 1})
	if m := acttest.Await[*msg.SignalSend](t, l.edge); m.Request.Method != string(signal.OPTIONS) {
		t.Errorf("sent %v", m)
	}
	l.floor.Edge = func(signal.Flow, string) *actor.PID { return nil }
	c.tell(&msg.LegProbe{Operation: 2})
	if m := acttest.Await[*msg.LegDone](t, c.task); m.Operation != 2 || m.Status != 503 {
		t.Errorf("told %v", m)
	}
}
