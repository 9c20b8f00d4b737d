package actors

import (
	"context"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"

	"tandem/actors/console"
	"tandem/actors/form"
	"tandem/actors/tally"
	"tandem/conf"
	"tandem/signal"
	"tandem/web"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// openCommands prepares what commands need, before anybody can give one.
func (h *House) openCommands(context.Context) error {
	h.elements, h.tally = tally.NewElements(h.ownElements, h.log), tally.New(time.Now)
	if h.end == nil {
		h.end = endProcess
	}
	return nil
}

// endProcess asks this process to end in order.
func endProcess() error { return syscall.Kill(os.Getpid(), syscall.SIGTERM) }

// openConsole makes what commands are done by; it does them when all is open.
func (h *House) openConsole(context.Context) error {
	var controller func() string
	if h.identity != nil {
		controller = h.controllerAt
	}
	h.console = console.New(console.Options{Controller: controller, Ledger: h.ledger, Elements: h.elements, Tasks: h, Sessions: consoleSessions{h}, Files: h.environment, Legs: h.legsOfAll, Presence: h.presenceOf,
		System: h.systemInfo, Version: h.version, End: func() error { return h.end() }, Log: h.log})
	return nil
}

// controllerAt is the IP address at which other members reach the Controller; "": there is none.
func (h *House) controllerAt() string {
	s := h.member.Society()
	r, ok := s.Rows.ByBoot(s.Controller.Boot)
	if !ok {
		return ""
	}
	host, _, _ := net.SplitHostPort(r.Member.Address) // one that could not be split would not be a member
	return host
}

// living are the call legs that live.
func (h *House) living() []form.Leg {
	rows := h.legs.Live()
	out := make([]form.Leg, len(rows))
	for i, row := range rows {
		out[i] = form.Leg(*row)
	}
	return out
}

// ExecuteLine runs one command line in the name of an account: ExecuteCLI of programs, cliExecute of XIMSS. output
// tells whether the command has a result at all.
func (h *House) ExecuteLine(ctx context.Context, aor signal.AOR, line string) (v object.Value, output bool, f *cli.Failure) {
	return h.console.ExecuteLine(ctx, aor, line)
}

// ownElements are the member's own numbers.
func (h *House) ownElements() ([]tally.Element, error) {
	all, err := h.metrics.Elements()
	out := make([]tally.Element, len(all))
	for i, e := range all {
		out[i] = tally.Element(e)
	}
	return out, err
}

// openCLI opens the listener of the admin command line.
func (h *House) openCLI(context.Context) error {
	c := h.live.Conf()
	h.cli = cli.New(cli.Options{CLI: c.CLI, Host: c.Routing.Domain, Version: h.version,
		Executor: h.console, Authenticator: h.console, Log: h.log})
	h.closes(h.cli.Close)
	if err := h.commandLineMetrics(h.metrics); err != nil {
		return err
	}
	if err := h.subscribe("cli", func(c *conf.Conf) { h.cli.Apply(c.CLI) }); err != nil {
		return err
	}
	return h.cli.Listen()
}

func (h *House) commandLineMetrics(m *web.Metrics) error {
	return m.Add(func(emit web.Emit) {
		s := h.cli.Snapshot()
		emit("cli_connections", float64(s.Connections))
		emit("cli_refused_total", float64(s.Refused))
		emit("cli_auth_failures_total", float64(s.Failed))
		for code, n := range s.Answers {
			emit("cli_answers_total", float64(n), strconv.Itoa(code))
		}
	},
		gauge("cli_connections", "Connections of the admin command line."),
		counter("cli_refused_total", "Connections of the admin command line beyond the limit."),
		counter("cli_auth_failures_total", "Logins on the admin command line that were refused."),
		counter("cli_answers_total", "Answers on the admin command line.", "code"),
	)
}
