package script

import (
	"bytes"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tandem/actors/pbx/cgpl"
	"tandem/actors/pbx/task"
)

// TestRandomScripts lets three Tasks of the console do anything in any order, while their parties, the phones,
// other Tasks and the clock do anything as well. Whatever happens: nothing panics, no mode is left illegally, a
// Task that has ended wants nothing more, each request for a bridge is decided once or taken back, nobody waits
// for what can not come, and no leg and no mixer is left behind. See ledger for what is checked when.
func TestRandomScripts(t *testing.T) {
	program := console(t)
	rapid.Check(t, func(t *rapid.T) {
		w := newWitness(t, program)
		w.begin()
		w.player.lag = rapid.SampledFrom([]time.Duration{0, 100 * time.Millisecond, 2 * time.Second}).Draw(t, "lag")
		w.play(makeStep)
		w.finish()
	})
}

// TestRandomCallers lets the parties of the programs that come with the server, the phones, other Tasks and the
// clock do anything in any order. They must behave as the console does; what is left at the end is killed.
func TestRandomCallers(t *testing.T) {
	for _, name := range []string{"acd", "conference", "gatewaycaller", "gatewayincoming", "park", "pbx", "pickup", "voicemail"} {
		program := stockProgram(t, name)
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				w := newWitness(t, program)
				w.player.lag = rapid.SampledFrom([]time.Duration{0, 100 * time.Millisecond, 2 * time.Second}).Draw(t, "lag")
				for n := 1; n <= 3; n++ {
					w.do(n, "call param=room")
				}
				w.play(makeHappening)
				w.kill()
			})
		})
	}
}

func stockProgram(t testing.TB, name string) *cgpl.Module {
	program, err := compiled("../stock/files/" + name + ".sppr")
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// compiled is the program or module of a file.
func compiled(file string) (*cgpl.Module, error) {
	source, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	m, list := cgpl.Compile(filepath.Base(file), string(source), library)
	return m, list.Err()
}

var library = task.Library()

// modules are those of the programs that come with the server.
var modules = map[string]*cgpl.Module{}

func module(_, name string) (*cgpl.Module, error) {
	if m := modules[name]; m != nil {
		return m, nil
	}
	m, err := compiled("../stock/files/" + strings.ToLower(name) + ".sppi")
	modules[name] = m
	return m, err
}

// acts are the parts of a script: rapid makes lists of about five.
const acts = 12

// console is the program that does whatever an event names.
func console(t testing.TB) *cgpl.Module {
	program, err := compiled("testdata/console.sppr")
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// witness plays one random script and looks on.
type witness struct {
	*rapid.T
	player *Player
	ledger *ledger
	story  []string
	log    bytes.Buffer // warnings and worse
	askers []string     // Tasks that are not played and asked for a bridge
}

func newWitness(t *rapid.T, program *cgpl.Module) *witness {
	w := &witness{T: t}
	w.player = New(Stage{Program: program, Name: "console", Load: module, Account: "pbx@tandem.local",
		Now: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC),
		Log: slog.New(slog.NewTextHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelError}))})
	w.ledger = newLedger(w.player)
	return w
}

// Words of a script, for one of the Tasks: functions of the console, and what happens to it. %T is the name of a
// Task, %F asks newly for a bridge, %A has asked for one; those that stand twice are likelier.
var (
	functions = []string{"AcceptCall", "AcceptCall", "ProvisionCall", "ProvisionCall yes", "RejectCall #486", "RedirectCall bob",
		"ForkCall (bob,carol)", "IncomingRequestURI", "StartCall carol", "StartCall {\"\"=carol;Expires=5;}", "CancelCall", "Disconnect",
		"Disconnect (#1016,busy)", "SendDTMF 5", "SendCallInfo {Content-Type=text;\"\"=hi;}", "SendCallOptions",
		"SetLocalContactParameter (isfocus,yes)", "SignalOption (refer,peer)", "SignalOption (refer,disabled)",
		"SignalOption (transferReport,YES)", "SignalOption (bridgeBreak,disconnect)", "SignalOption (bridgeBreak,keep)",
		"SignalOption callInfo", "TransferSupported", "TransferCall dave", "PlayFile hello", "PlayFile (hello,#-1)",
		"PlayFileInLoop (hello,#5000)", "PlayTone (#440,#300)", "Play [UklGRg==]", "GetPlayPosition", "Record #5", "Record #5", "SetLocalHold yes",
		"ReleaseMediaChannel", "MediaOption (mixerDelay,#100)", "MediaOption (mixerRate,#8000)", "ClearDTMF", "SetInterruptOnDTMF",
		"StartBridge %T", "StartBridge %T", "StartBridge sender", "AcceptBridge", "AcceptBridge", "RejectBridge 486-Busy", "BreakBridge",
		"BreakBridge", "StartBridgedCall carol", "StartBridgedCall carol", "AttachMixer", "AttachMixer", "AttachMixer", "DetachMixer",
		"DetachMixer %T", "MixerAttached", "MuteMixer (%T,yes)", "MuteMixer (#null#,special)", "StartTransfer %T",
		"StartTransfer sender", "AcceptTransfer", "AcceptTransfer", "RejectTransfer no", "SendEvent (%T,hello)", "spawn %S", "SetTaskTimer #3", "LinkTask %T",
		"StartHTTPCall http://a.test/", "HTTPCall (http://a.test/,#null#)", "ExecuteCLI HELP", "Enqueue (line,#null#,#null#)",
		"Dequeue line", "ReadQueue line", "SetApplicationStatus busy", "RemoteURI"}
	happenings = []string{"digit 1", "digit 1000#", "digit #", "digit *", "digit 5", "hangup", "hangup 503 Gone", "info text/plain hi", "refer sip:dave@tandem.local",
		"refer sip:dave@tandem.local", "rings", "early", "answers", "answers", "answers", "refuses 486", "taken", "bridge %F", "bridge %F",
		"bridge %F", "bridge %F transfer", "bridged %A", "rejects %A 603-Decline", "parts %A", "gone %A", "gone signal", "gone leg%L",
		"wait 100ms", "wait 100ms", "wait 100ms", "wait 100ms", "wait 2s", "wait 2s", "wait 7s", "fails info 488", "fails refer 403", "parted", "parted", "call",
		"given RouteLocalURI 1000@tandem.local", "given ReadStorageFile [UklGRg==]", "next GetAccountPreferences \"1234\""}
	endings = []string{"kill", "event quit", "event crash"}
	names   = []string{"1", "2", "3", "self", "mean", "mixes", "calls", "plain"}
	spawned = []string{"mean", "mixes", "calls", "dies", "plain"}
)

// begin has two Tasks with a caller and one without, which know each other by name, and some that decide by
// themselves.
func (w *witness) begin() {
	w.do(1, "call")
	w.do(2, "call")
	w.do(3, "start")
	for n := 1; n <= 3; n++ {
		w.do(n, fmt.Sprintf("event CreateMeeting (tasks,\"%d\",#null#)", n))
		w.do(n, fmt.Sprintf("event ActivateMeeting (tasks,\"%d\",#null#)", n))
	}
	for _, kind := range spawned {
		w.do(3, "event spawn "+kind)
	}
}

// step is a line that is made up, for a Task; asker counts from the one who asked last.
type step struct {
	task  int
	line  string
	asker int
}

// dice make steps: rapid prefers small numbers, which are the first words, and what it draws is shaken here.
type dice struct{ *rand.Rand }

func pick(d dice, list []string) string { return list[d.IntN(len(list))] }

// makeStep is a step of the console, or what happens to it; makeHappening that alone.
func makeStep(d dice) step {
	if d.IntN(10) < 6 {
		return dressed(d, "event "+pick(d, functions))
	}
	return makeHappening(d)
}

func makeHappening(d dice) step {
	if d.IntN(25) == 0 {
		return dressed(d, pick(d, endings))
	}
	return dressed(d, pick(d, happenings))
}

// dressed gives a line its names.
func dressed(d dice, line string) step {
	line = strings.Replace(line, "%T", pick(d, names), 1)
	line = strings.Replace(line, "%S", pick(d, spawned), 1)
	line = strings.Replace(line, "%L", strconv.Itoa(1+d.IntN(4)), 1)
	return step{1 + min(d.IntN(8), d.IntN(8)), line, min(d.IntN(4), d.IntN(4))}
}

// play draws a script and plays it.
func (w *witness) play(make func(dice) step) {
	salt := rapid.Uint64().Draw(w.T, "salt")
	for range acts {
		for _, n := range rapid.SliceOfN(rapid.Uint64(), 0, 20).Draw(w.T, "steps") {
			w.step(make(dice{rand.New(rand.NewPCG(n, salt))}))
		}
	}
}

// step plays it, where there are those whom it is about.
func (w *witness) step(s step) {
	if s.task > len(w.player.tasks) {
		return
	}
	if strings.Contains(s.line, "%F") {
		w.askers = append(w.askers, "other"+strconv.Itoa(len(w.askers)+1))
		s.line = strings.Replace(s.line, "%F", w.askers[len(w.askers)-1], 1)
	}
	if strings.Contains(s.line, "%A") {
		if s.asker >= len(w.askers) || w.ledger.dead[w.askers[len(w.askers)-1-s.asker]] {
			return
		}
		s.line = strings.Replace(s.line, "%A", w.askers[len(w.askers)-1-s.asker], 1)
	}
	w.do(s.task, s.line)
}

// do plays a line for a Task, even for one that has ended where it is told by others, and checks.
func (w *witness) do(n int, line string) {
	word, rest, _ := strings.Cut(line, " ")
	w.note(n, word, rest)
	w.story = append(w.story, fmt.Sprintf("@%d %s", n, line))
	var out []string
	if late, ok := taskEvents[word]; ok && n <= len(w.player.tasks) && w.player.tasks[n-1].over {
		w.player.out, w.player.steps = nil, 0
		_ = late(w.player.tasks[n-1], rest)
		w.player.settle()
		out = w.player.out
	} else {
		out = w.player.Do(fmt.Sprintf("@%d %s", n, line))
	}
	if word == "call" {
		w.ledger.given(w.player.tasks[len(w.player.tasks)-1], "leg"+strconv.Itoa(w.player.serial))
	}
	for _, s := range out {
		w.story = append(w.story, "\t"+s)
		if strings.Contains(s, "%!") || strings.Contains(s, "*msg.") {
			w.ledger.fail("the stage does not know %q", s)
		}
	}
	w.check()
}

// note tells the ledger beforehand what is about to happen.
func (w *witness) note(n int, word, rest string) {
	name := "task" + strconv.Itoa(n)
	switch word {
	case "call":
		w.ledger.given(nil, "leg"+strconv.Itoa(w.player.serial+1)) // whose it is is known afterwards
	case "answers":
		w.ledger.given(w.player.tasks[n-1], "leg"+strconv.Itoa(w.player.serial+1))
	case "bridge":
		from, _, _ := strings.Cut(rest, " ")
		w.ledger.asked(from, name, 1)
	case "bridged", "rejects":
		from, _, _ := strings.Cut(rest, " ")
		if t := w.player.tasks[n-1]; t.askedOf == from {
			if h := w.ledger.tickets[ticketName(name, t.asked)]; h != nil {
				h.decided++
			}
		}
	case "parts":
		if h := w.ledger.tickets[ticketName(rest, 1)]; h != nil && h.to == name {
			h.withdrawn = true
		}
	case "gone":
		w.ledger.dead[rest] = rest != "signal"
		w.ledger.legOver(rest)
	case "hangup", "taken":
		w.ledger.legOver(w.player.tasks[n-1].leg)
	}
}

// check is done after each line.
func (w *witness) check() {
	if w.log.Len() > 0 {
		w.ledger.fail("%s", w.log.String())
	}
	w.ledger.quiet()
	if w.ledger.fault != "" {
		w.Fatalf("%s\nafter\n%s", w.ledger.fault, strings.Join(w.story, "\n"))
	}
}

// kill lets the clock go on, and ends what does not end by that.
func (w *witness) kill() {
	w.do(1, "wait 20m")
	for n := 1; n <= len(w.player.tasks); n++ {
		w.do(n, "hangup")
	}
	w.do(1, "wait 20m")
	for n := 1; n <= len(w.player.tasks); n++ {
		w.do(n, "kill")
	}
	w.ledger.closed()
	w.check()
}

// finish lets the clock go on until nobody waits for it, then ends everything from outside; all Tasks end by
// that, since the console ends when nothing comes for long.
func (w *witness) finish() {
	w.do(1, "wait 24h")
	w.ledger.idle()
	w.check()
	for range 3 {
		for _, a := range w.askers {
			w.do(1, "gone "+a)
		}
		for n := 1; n <= len(w.player.tasks); n++ {
			w.do(n, "hangup")
			w.do(n, "event quit")
		}
		w.do(1, "wait 24h")
	}
	w.ledger.closed()
	w.check()
}
