package peers

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"tandem/test/lab"
)

// linphone is one linphonec with one account. It takes commands on its terminal and answers there.
type linphone struct {
	seat
	transcript
	t       testing.TB
	process *lab.Process
	dir     string
	ringing string // id of the call that came in last
}

// linphoneConf takes any free ports, speaks G.711 and what else is put before it, keeps RTCP apart and opens no sound card.
// It believes every certificate. %[1]s is its port for TLS, %[2]s how it encrypts its audio, %[3]s the codec before the
// others, %[4]d and %[5]d are the numbers of G.711.
const linphoneConf = `[sip]
sip_port=-1
sip_tcp_port=-1
%[1]s
media_encryption=%[2]s
verify_server_certs=0
verify_server_cn=0
register_only_when_network_is_up=0
[rtp]
audio_rtp_port=-1
rtcp_mux=0
[sound]
echocancellation=0
%[3]s[audio_codec_%[4]d]
mime=PCMU
rate=8000
channels=1
enabled=1
[audio_codec_%[5]d]
mime=PCMA
rate=8000
channels=1
enabled=1
`

func startLinphone(t testing.TB, m *lab.Member, s seat) phone {
	t.Helper()
	program := lab.Tool(t, "linphone-cli", "linphonec")
	l := &linphone{seat: s, t: t, dir: t.TempDir()}
	conf := filepath.Join(l.dir, "linphonerc")
	text := l.conf()
	if s.contact != "" {
		text += l.watches(m)
	}
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{".local/share/linphone", ".linphone-usr-crt"} {
		if err := os.MkdirAll(filepath.Join(l.dir, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	l.process = lab.Go(t, lab.Command{Path: program, Args: []string{"-c", conf}, Dir: l.dir,
		Env: []string{"HOME=" + l.dir}, Talk: true})
	l.transcript = transcript{who: "linphone " + s.number, said: l.process.Output}
	l.setUp(m)
	return l
}

// conf is the configuration for its transport and its audio.
func (l *linphone) conf() string {
	tls, media := "sip_tls_port=0", "none"
	if l.transport == "tls" {
		tls = "sip_tls_port=-1"
	}
	if l.keys != "" {
		media = l.keys + "\nmedia_encryption_mandatory=1"
	}
	if l.opus {
		return fmt.Sprintf(linphoneConf, tls, media, "[audio_codec_0]\nmime=opus\nrate=48000\nchannels=2\nenabled=1\n", 1, 2)
	}
	return fmt.Sprintf(linphoneConf, tls, media, "", 0, 1)
}

// setUp chooses files for the sound, and registers where that is not done already.
func (l *linphone) setUp(m *lab.Member) {
	l.t.Helper()
	l.await(l.t, `linphonec> `)
	l.do("soundcard use files")
	l.await(l.t, `Using wav files`)
	l.do("play %s", tone(l.t, l.dir, l.hz))
	l.do("record %s", l.recording())
	if l.contact != "" {
		return // its account is in its file
	}
	l.do("register sip:%s@127.0.0.1 sip:127.0.0.1:%d;transport=%s %s", l.number, l.port(m), l.transport, lab.Password)
	lab.Wait(l.t, patience, l.who+" does not register", func() bool {
		l.do("status register")
		return l.await(l.t, `registered(, identity=|=-1|=0)`)[1] == ", identity="
	})
}

// do types a command.
func (l *linphone) do(format string, args ...any) {
	l.t.Helper()
	l.process.Say(fmt.Sprintf(format, args...))
}

// rate is that of its recording, whose header says nothing while it grows.
func (l *linphone) rate() int {
	if l.opus {
		return 48000
	}
	return rate
}

func (l *linphone) recording() string { return filepath.Join(l.dir, "heard.wav") }

func (l *linphone) Number() string { return l.number }
func (l *linphone) Tone() float64  { return l.hz }
func (l *linphone) Last() string   { return l.last() }

func (l *linphone) Call(number string) { l.t.Helper(); l.do("call %s", number) }

func (l *linphone) AwaitRing() {
	l.t.Helper()
	l.ringing = l.await(l.t, `Receiving new incoming call from .* assigned id (\d+)`)[1]
}

func (l *linphone) Answer()                { l.t.Helper(); l.do("answer %s", l.ringing) }
func (l *linphone) AwaitTalk()             { l.t.Helper(); l.await(l.t, `Media streams established with .*`) }
func (l *linphone) Transfer(number string) { l.t.Helper(); l.do("transfer %s", number) }
func (l *linphone) Hangup()                { l.t.Helper(); l.do("terminate") }
func (l *linphone) AwaitEnd()              { l.t.Helper(); l.await(l.t, `Call \d+ with .* (ended|error)`) }

// TransferTo connects the parties of two of its calls with each other.
func (l *linphone) TransferTo(call, other string) {
	l.t.Helper()
	l.do("transfer %s --to-call %s", call, other)
}

// Quit waits for the end of the process, which unregisters first.
func (l *linphone) Quit() {
	l.t.Helper()
	l.do("quit")
	l.process.Wait(l.t, patience)
}

func (l *linphone) Hold() { l.t.Helper(); l.do("pause"); l.await(l.t, `Call \d+ .* paused`) }

func (l *linphone) Resume() {
	l.t.Helper()
	l.do("resume")
	l.await(l.t, `Call \d+ .* resumed|Media streams established with .*`)
}

// Heard reads the recording, which all its calls share: each goes on where the last has ended.
func (l *linphone) Heard() (lab.Sound, bool) { return recorded(l.recording(), l.rate()) }
