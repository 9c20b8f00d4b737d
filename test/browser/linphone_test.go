package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tandem/test/lab"
)

// linphone is one linphonec with one account, driven through its terminal.
type linphone struct {
	t       testing.TB
	number  string
	process *lab.Process
}

// linphoneConf takes any free ports and needs no sound card.
const linphoneConf = `[sip]
sip_port=-1
sip_tcp_port=-1
sip_tls_port=0
register_only_when_network_is_up=0
`

func startLinphone(t testing.TB, m *lab.Member, number, transport string) *linphone {
	t.Helper()
	program, dir := lab.Tool(t, "linphone-cli", "linphonec"), t.TempDir()
	conf := filepath.Join(dir, "linphonerc")
	if err := os.WriteFile(conf, []byte(linphoneConf), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, ".local/share/linphone"), 0o700); err != nil {
		t.Fatal(err)
	}
	l := &linphone{t: t, number: number}
	l.process = lab.Go(t, lab.Command{Path: program, Args: []string{"-c", conf}, Dir: dir,
		Env: []string{"HOME=" + dir}, Talk: true})
	l.process.WaitLine(t, patience, "linphonec> ")
	port := m.UDP
	if transport == "tcp" {
		port = m.TCP
	}
	// With an address for the domain it asks no name server, and sends everything where it registers.
	l.process.Say(fmt.Sprintf("register sip:%s@127.0.0.1 sip:127.0.0.1:%d;transport=%s %s",
		number, port, transport, lab.Password))
	lab.Wait(t, patience, "linphone does not register", func() bool {
		l.process.Say("status register")
		return strings.Contains(l.process.Output(), "registered, identity=")
	})
	return l
}

func (l *linphone) send(to, text string) {
	l.process.Say(fmt.Sprintf("chat sip:%s@127.0.0.1 %s", to, text))
}

// expect waits for a message.
func (l *linphone) expect(text string) {
	l.t.Helper()
	l.process.WaitLine(l.t, patience, text)
}
