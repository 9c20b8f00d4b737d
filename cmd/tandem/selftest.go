package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"
)

// selftestTime bounds the whole test, stepTime one step of it.
const (
	selftestTime = 20 * time.Second
	stepTime     = 6 * time.Second
)

// selftestFlags say whom to test, as whom.
type selftestFlags struct {
	sip, account, password, domain string
	tone, echo, program            string
}

func (a *app) selftestVerb() *cobra.Command {
	var f selftestFlags
	cmd := &cobra.Command{
		Use:   "selftest",
		Short: "Be a phone: register, call a tone and the echo, listen, and look for the records",
		Long: "Test a running member from outside, with a phone of its own that shares no code with the\n" +
			"member: registers, calls the tone, the echo and a program, recognises what it hears, and finds\n" +
			"the records of its calls. The defaults are those of tandem dev.",
		Args: cobra.NoArgs,
		RunE: verb(func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), selftestTime)
			defer cancel()
			return a.selftest(ctx, f)
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&f.sip, "sip", "", "SIP address of the member over UDP (default the local member's)")
	flags.StringVar(&f.account, "account", "1000", "account of the phone")
	flags.StringVar(&f.password, "password", "1234", "its password")
	flags.StringVar(&f.domain, "domain", "tandem.local", "domain of account and numbers")
	flags.StringVar(&f.tone, "tone", "9197", "number that sends 1004 Hz")
	flags.StringVar(&f.echo, "echo", "9196", "number that sends back what it hears")
	flags.StringVar(&f.program, "program", "200", "number that runs a program which speaks; empty for none")
	return cmd
}

// step is one step of the test, done.
type step struct {
	Name    string  `json:"name"`
	OK      bool    `json:"ok"`
	Detail  string  `json:"detail"`
	Seconds float64 `json:"seconds"`
}

// trial is one run of the test.
type trial struct {
	app   *app
	flags selftestFlags
	rest  *client
	phone *phone
	steps []step
	calls []string // SIP Call-IDs
}

// selftest runs the steps in order and stops at the first that fails.
func (a *app) selftest(ctx context.Context, f selftestFlags) error {
	rest, err := a.client()
	if err != nil {
		return err
	}
	t := &trial{app: a, flags: f, rest: rest}
	err = t.run(ctx)
	if t.phone != nil {
		t.phone.close()
	}
	if a.output == "json" {
		if shown := a.showValue(map[string]any{"ok": err == nil, "steps": t.steps}); shown != nil {
			return shown
		}
	} else if err == nil {
		_, _ = fmt.Fprintln(a.out, "passed")
	}
	return err
}

func (t *trial) run(ctx context.Context) error {
	for _, s := range []struct {
		name string
		do   func(context.Context) (string, error)
	}{
		{"member answers", t.ready},
		{"phone registers", t.register},
		{"registration is listed", t.listed},
		{"tone is heard", t.hearTone},
		{"echo is heard", t.hearEcho},
		{"program is heard", t.hearProgram},
		{"calls are recorded", t.recorded},
		{"phone leaves", t.leave},
	} {
		if err := t.step(ctx, s.name, s.do); err != nil {
			return err
		}
	}
	return nil
}

// step does one step, measures and prints it.
func (t *trial) step(ctx context.Context, name string, do func(context.Context) (string, error)) error {
	limited, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	began := time.Now()
	detail, err := do(limited)
	s := step{Name: name, OK: err == nil, Detail: detail, Seconds: time.Since(began).Seconds()}
	if err != nil {
		s.Detail = err.Error()
	}
	t.steps = append(t.steps, s)
	if t.app.output == "table" {
		word := "ok  "
		if !s.OK {
			word = "FAIL"
		}
		_, _ = fmt.Fprintf(t.app.out, "%s  %-24s %6.0f ms  %s\n", word, name, s.Seconds*1000, printable(s.Detail))
	}
	var unreachable *failure
	if errors.As(err, &unreachable) {
		return err
	}
	if err != nil {
		return fmt.Errorf("selftest: %s: %w", name, err)
	}
	return nil
}

func (t *trial) ready(ctx context.Context) (string, error) {
	answer, err := t.rest.get(ctx, path("health"), nil)
	if err != nil {
		return "", err
	}
	var c condition
	if err := json.Unmarshal(answer, &c); err != nil {
		return "", fmt.Errorf("the health of the member is not understood: %w", err)
	}
	if !c.Ready {
		return "", errors.New("the member is not ready: `tandem health` says why")
	}
	return c.Member + " " + c.Version, nil
}

// sipAddress is where the member takes SIP: --sip, else the port that it wrote down, on the host where
// it is asked over HTTP.
func (t *trial) sipAddress() (netip.AddrPort, error) {
	text := t.flags.sip
	if text == "" {
		port, home := 5060, t.app.memberHome()
		if p, err := readPorts(filepath.Join(home, portsFile)); err == nil {
			for _, member := range p {
				if member["sip_udp"] != 0 {
					port = member["sip_udp"]
				}
			}
		}
		host := "127.0.0.1"
		if u, err := url.Parse(cmp.Or(t.app.server, memberURL(home))); err == nil && u.Hostname() != "" {
			host = u.Hostname()
		}
		text = net.JoinHostPort(host, strconv.Itoa(port))
	}
	udp, err := net.ResolveUDPAddr("udp", text)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("--sip %q: %w", text, err)
	}
	at := udp.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port()), nil
}

func (t *trial) register(ctx context.Context) (string, error) {
	at, err := t.sipAddress()
	if err != nil {
		return "", err
	}
	t.phone, err = newPhone(at, t.flags.account, t.flags.password, t.flags.domain)
	if err != nil {
		return "", err
	}
	algorithm, err := t.phone.register(ctx, 120)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s@%s at %v, digest %s", t.flags.account, t.flags.domain, at, algorithm), nil
}

func (t *trial) listed(ctx context.Context) (string, error) {
	query := url.Values{"account": {t.flags.account + "@" + t.flags.domain}, "limit": {"1000"}}
	return t.poll(ctx, "registrations", query, func(answer []byte) string {
		var v struct {
			Registrations []struct{ Contact, Source string }
		}
		if json.Unmarshal(answer, &v) != nil {
			return ""
		}
		for _, r := range v.Registrations {
			if r.Source == t.phone.local.String() {
				return r.Contact
			}
		}
		return ""
	})
}

// poll asks until found sees what it looks for; what it says is the detail of the step.
func (t *trial) poll(ctx context.Context, what string, query url.Values, found func([]byte) string) (string, error) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		answer, err := t.rest.get(ctx, path(what), query)
		if err == nil {
			if detail := found(answer); detail != "" {
				return detail, nil
			}
		} else if ctx.Err() == nil {
			return "", err
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("it is not among the %s of the member", what)
		case <-tick.C:
		}
	}
}

func (t *trial) hearTone(ctx context.Context) (string, error) {
	return t.call(ctx, t.flags.tone, 0, 1004)
}

func (t *trial) hearEcho(ctx context.Context) (string, error) {
	return t.call(ctx, t.flags.echo, 440, 440)
}

// hearProgram calls a number that runs a program, and waits until that says something.
func (t *trial) hearProgram(ctx context.Context) (string, error) {
	if t.flags.program == "" {
		return "none was named", nil
	}
	return t.call(ctx, t.flags.program, 0, speech)
}

// call dials, sends a tone of send Hz (0 sends silence), listens for one of hear Hz and hangs up.
func (t *trial) call(ctx context.Context, number string, send, hear float64) (string, error) {
	ear, err := newEar(t.phone.local.Addr(), send)
	if err != nil {
		return "", err
	}
	defer ear.close()
	d, err := t.phone.invite(ctx, number, ear.offer())
	if err != nil {
		return "", err
	}
	t.calls = append(t.calls, d.callID)
	heard, err := ear.listen(ctx, d.answer, hear)
	if ended := d.bye(ctx); err == nil {
		err = ended
	}
	return heard, err
}

// recorded looks for the record of every call that was made.
func (t *trial) recorded(ctx context.Context) (string, error) {
	detail := ""
	for _, id := range t.calls {
		found, err := t.poll(ctx, "records", url.Values{"sip_call_id": {id}}, func(answer []byte) string {
			var v legList
			if json.Unmarshal(answer, &v) != nil {
				return ""
			}
			for _, r := range v.Records {
				if r.Status != 401 { // a program asks who calls; the call that answers it is meant
					return fmt.Sprintf("%s %s by %s", r.To, r.Cause, r.By)
				}
			}
			return ""
		})
		if err != nil {
			return "", err
		}
		if detail != "" {
			detail += "; "
		}
		detail += found
	}
	return detail, nil
}

func (t *trial) leave(ctx context.Context) (string, error) {
	_, err := t.phone.register(ctx, 0)
	return "", err
}
