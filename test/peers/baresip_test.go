package peers

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/test/lab"
)

// baresip is one process of baresip with one account. It takes commands and tells events on a TCP
// connection, each a netstring (length, colon, JSON, comma).
type baresip struct {
	seat
	transcript
	t       testing.TB
	process *lab.Process
	dir     string
	control net.Conn

	mu       sync.Mutex
	heard    []byte // events and responses, one line each
	commands int
}

// baresipConf has no sound hardware: a file is played, the bridge swallows what would be heard, and
// the sndfile filter keeps it. %[1]s is the directory, %[2]d the control port, %[4]s and %[5]s further modules.
const baresipConf = `poll_method epoll
sip_listen 127.0.0.1:0
call_local_timeout 120
call_max_calls 4
audio_source aufile,%[1]s/tone.wav
audio_player aubridge,ear
audio_alert aubridge,bell
ausrc_srate 8000
auplay_srate 8000
rtp_ports 40000-49999
jitter_buffer_delay 5-10
module_path %[3]s
%[5]smodule g711.so
module aufile.so
module aubridge.so
module sndfile.so
module srtp.so
module dtls_srtp.so
rtcp_mux yes
module_app account.so
module_app contact.so
module_app menu.so
module_app ctrl_tcp.so
%[4]s
ctrl_tcp_listen 127.0.0.1:%[2]d
snd_path %[1]s
`

func startBaresip(t testing.TB, m *lab.Member, s seat) phone {
	t.Helper()
	program := lab.Tool(t, "baresip-core", "baresip")
	b := &baresip{seat: s, t: t, dir: t.TempDir()}
	b.transcript = transcript{who: "baresip " + s.number, said: b.lines}
	tone(t, b.dir, s.hz)
	port := lab.Port(t)
	opus := ""
	if s.opus {
		opus = "opus_stereo no\nopus_sprop_stereo no\nmodule opus.so\n"
	}
	b.write("config", fmt.Sprintf(baresipConf, b.dir, port, "/usr/lib/baresip/modules", "", opus))
	b.write("accounts", "")
	b.write("contacts", "")
	if s.contact != "" {
		b.watches(m, port)
	}
	b.process = lab.Go(t, lab.Command{Path: program, Args: []string{"-f", b.dir}, Dir: b.dir,
		Env: []string{"HOME=" + b.dir}})
	b.process.WaitLine(t, patience, "baresip is ready")
	b.dial(port)
	if s.contact == "" {
		b.register(m)
	}
	return b
}

func (b *baresip) write(name, text string) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// dial opens the control connection and follows it.
func (b *baresip) dial(port int) {
	b.t.Helper()
	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		b.t.Fatal(err)
	}
	b.control = conn
	b.t.Cleanup(func() { _ = conn.Close() })
	go b.follow(bufio.NewReader(conn))
}

// follow keeps every netstring as a line until the connection ends.
func (b *baresip) follow(r *bufio.Reader) {
	for {
		length, err := r.ReadString(':')
		if err != nil {
			return
		}
		n, err := strconv.Atoi(strings.TrimSuffix(length, ":"))
		if err != nil {
			return
		}
		text := make([]byte, n+1) // with the comma
		if _, err := io.ReadFull(r, text); err != nil {
			return
		}
		text[n] = '\n'
		b.mu.Lock()
		b.heard = append(b.heard, text...)
		b.mu.Unlock()
	}
}

func (b *baresip) lines() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.heard)
}

// do gives a command in the words of baresip's menu and waits for its response.
func (b *baresip) do(command string, params ...string) (data string) {
	b.t.Helper()
	b.commands++
	token := "command-" + strconv.Itoa(b.commands)
	order, err := json.Marshal(map[string]string{
		"command": command, "params": strings.Join(params, " "), "token": token})
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := fmt.Fprintf(b.control, "%d:%s,", len(order), order); err != nil {
		b.t.Fatal(err)
	}
	response := transcript{who: b.who, said: b.lines}
	line := response.await(b.t, `^.*"token":"`+token+`".*$`)[0]
	var answer struct {
		OK   bool   `json:"ok"`
		Data string `json:"data"`
	}
	if err := json.Unmarshal([]byte(line), &answer); err != nil || !answer.OK {
		b.t.Fatalf("baresip %s refused %s %v: %s", b.number, command, params, line)
	}
	return answer.Data
}

// event waits for an event of a type.
func (b *baresip) event(kind string) {
	b.t.Helper()
	b.await(b.t, `^.*"type":"`+kind+`".*$`)
}

func (b *baresip) register(m *lab.Member) {
	b.t.Helper()
	b.do("uanew", b.account(m))
	b.event("REGISTER_OK")
}

func (b *baresip) account(m *lab.Member) string {
	account := fmt.Sprintf("<sip:%[1]s@127.0.0.1:%[2]d;transport=%[3]s>;auth_user=%[1]s;auth_pass=%[4]s;regint=3600",
		b.number, b.port(m), b.transport, lab.Password)
	if b.keys != "" {
		account += ";mediaenc=" + b.keys
	}
	return account
}

func (b *baresip) Number() string { return b.number }
func (b *baresip) Tone() float64  { return b.hz }
func (b *baresip) Last() string   { return b.last() }

func (b *baresip) Call(number string)     { b.t.Helper(); b.do("dial", number) }
func (b *baresip) AwaitRing()             { b.t.Helper(); b.event("CALL_INCOMING") }
func (b *baresip) Answer()                { b.t.Helper(); b.do("accept") }
func (b *baresip) AwaitTalk()             { b.t.Helper(); b.event("CALL_ESTABLISHED") }
func (b *baresip) Transfer(number string) { b.t.Helper(); b.do("transfer", number) }
func (b *baresip) Hangup()                { b.t.Helper(); b.do("hangup") }
func (b *baresip) AwaitEnd()              { b.t.Helper(); b.event("CALL_CLOSED") }

// Quit waits for the end of the process, which unregisters first.
func (b *baresip) Quit() {
	b.t.Helper()
	b.do("quit")
	b.process.Wait(b.t, patience)
}

// Press presses keys, in the RTP stream, one after the other.
func (b *baresip) Press(keys string) {
	b.t.Helper()
	for _, key := range keys {
		b.do("sndcode", string(key))
	}
}

// AwaitSpoken waits until the phone has been talking for so long from now on: it hears as long as it speaks.
func (b *baresip) AwaitSpoken(length time.Duration) {
	b.t.Helper()
	before, _ := b.Heard()
	lab.Wait(b.t, patience, b.number+" speaks", func() bool {
		s, ok := b.Heard()
		return ok && s.Length() >= before.Length()+length
	})
}

// Hold waits for the answer to the re-INVITE, which baresip tells as new remote SDP.
func (b *baresip) Hold() { b.t.Helper(); b.do("hold"); b.event("CALL_REMOTE_SDP") }

// Resume likewise.
func (b *baresip) Resume() { b.t.Helper(); b.do("resume"); b.event("CALL_REMOTE_SDP") }

// Heard reads the newest recording of what baresip decoded; see kind.records.
func (b *baresip) Heard() (lab.Sound, bool) {
	names, err := filepath.Glob(filepath.Join(b.dir, "dump-*-dec.wav"))
	if err != nil || len(names) == 0 {
		return lab.Sound{}, false
	}
	name := slices.Max(names) // they begin with the time
	return recorded(name, rateOf(name))
}

// rateOf is the sample rate that the header of a WAV file says; that of G.711 while it is not written.
func rateOf(path string) int {
	var head [header]byte
	f, err := os.Open(path)
	if err != nil {
		return rate
	}
	defer f.Close()
	if _, err := io.ReadFull(f, head[:]); err != nil {
		return rate
	}
	if hz := int(binary.LittleEndian.Uint32(head[24:])); hz >= rate && hz%rate == 0 {
		return hz
	}
	return rate
}
