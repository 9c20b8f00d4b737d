package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"tandem/conf"
)

// firstMember is the name of the first member of dev, and of its directory.
const firstMember = "tandem1"

// devFlags are the flags of dev, which it passes on to its member.
type devFlags struct {
	members int
	fresh   bool
	bind    string
	portsTo string
	set     []string
}

func (a *app) devVerb() *cobra.Command {
	var f devFlags
	cmd := &cobra.Command{
		Use:   "dev",
		Short: "Run a member with demo accounts on this machine alone",
		Long: "Run a member on loopback with demo accounts and numbers to dial, and start it again if it\n" +
			"fails. The accounts and their password are public, so dev refuses any other address. Data\n" +
			"is kept from one start to the next.",
		Args: cobra.NoArgs,
		RunE: verb(func(cmd *cobra.Command, _ []string) error { return a.dev(cmd, f) }),
	}
	cmd.Flags().IntVar(&f.members, "members", 1, "number of members")
	cmd.Flags().BoolVar(&f.fresh, "fresh", false, "forget the data of earlier starts")
	cmd.Flags().StringVar(&f.bind, "bind", "", "loopback address to listen on (default 127.0.0.1)")
	cmd.Flags().StringVar(&f.portsTo, "ports-file", "", "write the ports really bound into this file, JSON, when ready")
	cmd.Flags().StringArrayVar(&f.set, "set", nil, "one setting, section.key=value; may be repeated")
	return cmd
}

// devData is where dev keeps its data if it is not told: in the user's state directory.
func devData() string {
	state := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) { // as the XDG base directory specification demands
		home, err := os.UserHomeDir()
		if err != nil {
			home = os.TempDir()
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "tandem", "dev")
}

// dev supervises one member in a process of its own.
func (a *app) dev(cmd *cobra.Command, f devFlags) error {
	if os.Getenv(memberMark) != "" {
		return errors.New("dev was started by dev, which would never end")
	}
	if f.members != 1 {
		return usage("--members %d: dev runs exactly one member; several are not built yet", f.members)
	}
	if f.bind != "" && !isLoopback(f.bind) {
		return usage("--bind %s: dev listens on loopback alone, because its passwords are public; "+
			"for other addresses use `tandem serve`", f.bind)
	}
	dir := a.data
	if dir == "" {
		dir = devData()
	}
	live, err := devConf(dir, f)
	if err != nil {
		return err
	}
	release, err := prepareData(dir, f.fresh)
	if err != nil {
		return err
	}
	defer release()

	// The kernel ties the death signals of parent and child to the thread that asked for them.
	runtime.LockOSThread()
	dieWithGoRun()
	s := &supervisor{
		name: firstMember, command: a.memberCommand(dir, f), err: a.err,
		restarts: live.Conf().Member.Restarts,
		ready: func(p ports) {
			_, _ = fmt.Fprint(a.out, banner(live.Conf(), p[firstMember], dir), "ready\n")
		},
	}
	return s.run(cmd.Context())
}

// prepareData takes the data directory, and clears it if asked.
func prepareData(dir string, fresh bool) (release func(), err error) {
	release, err = lockData(dir)
	if err != nil || !fresh {
		return release, err
	}
	if err := clearData(dir); err != nil {
		release()
		return nil, fmt.Errorf("--fresh: %w", err)
	}
	return release, nil
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// devConf is the configuration of dev's member: the preset, the environment, the flags.
func devConf(dir string, f devFlags) (*conf.Live, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	base := conf.Dev(1, absolute)
	sources := conf.Sources{Base: &base, Environ: os.Environ(), Set: f.set}
	if f.bind != "" {
		for _, key := range []string{"sip.bind", "http.bind", "cli.bind", "media.bind"} {
			sources.Flags = append(sources.Flags, conf.Flag{Name: "--bind", Key: key, Value: f.bind})
		}
	}
	live, err := conf.NewLive(sources)
	if err != nil {
		return nil, err
	}
	c := live.Conf()
	for _, host := range append(append([]string{}, c.SIP.Bind...), c.HTTP.Bind...) {
		if !isLoopback(host) {
			return nil, fmt.Errorf("dev listens on loopback alone, because its passwords are public, "+
				"but the settings say %s; for other addresses use `tandem serve`", host)
		}
	}
	return live, nil
}

// memberVerb is the hidden verb that dev starts in a process of its own.
func (a *app) memberVerb() *cobra.Command {
	var f devFlags
	cmd := &cobra.Command{
		Use:    "dev-member",
		Short:  "Run the member of dev",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: verb(func(cmd *cobra.Command, _ []string) error {
			if os.Getenv(memberMark) == "" {
				return usage("dev-member is started by dev alone")
			}
			live, err := devConf(a.data, f)
			if err != nil {
				return err
			}
			release, err := lockData(live.Conf().Member.Data)
			if err != nil {
				return err
			}
			defer release()
			m := a.newMember(live, tellSupervisor, filepath.Join(a.data, portsFile), f.portsTo)
			return m.run(cmd.Context(), a.start)
		}),
	}
	cmd.Flags().StringVar(&f.bind, "bind", "", "")
	cmd.Flags().StringVar(&f.portsTo, "ports-file", "", "")
	cmd.Flags().StringArrayVar(&f.set, "set", nil, "")
	return cmd
}

// memberArgs is the command line of dev's member.
func memberArgs(dir string, f devFlags) []string {
	args := []string{"dev-member", "--data", dir, "--bind", f.bind, "--ports-file", f.portsTo}
	for _, pair := range f.set {
		args = append(args, "--set", pair)
	}
	return args
}

// tellSupervisor writes the ports to the pipe that dev has left open for its member.
func tellSupervisor(p ports) {
	pipe := os.NewFile(memberPipe, "supervisor")
	_ = json.NewEncoder(pipe).Encode(p) // a supervisor that is gone takes this process with it
	_ = pipe.Close()
}

// banner says how to use what runs now, in at most 19 lines; the line "ready" follows it.
func banner(c *conf.Conf, bound map[string]int, dir string) string {
	web := hostPort(c.HTTP.Bind, bound["http"])
	var b strings.Builder
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(&b, format+"\n", args...) }
	line("Tandem runs on this machine alone, with accounts that everybody knows.")
	line("")
	line("  web       http://%s  (/api/v1/, /metrics, /readyz)", web)
	line("  SIP       %s over UDP, %s over TCP, ws://%s/sip",
		hostPort(c.SIP.Bind, bound["sip_udp"]), hostPort(c.SIP.Bind, bound["sip_tcp"]), web)
	line("  accounts  1000 to 1019 in %s, password 1234; admin is administrator", c.Routing.Domain)
	line("  data      %s  (--fresh forgets it)", dir)
	line("")
	line("  dial      9196  an echo: hear yourself")
	line("            9197  a tone of 1004 Hz")
	line("            200   the auto-attendant: listen, and press a key")
	line("            *98   voice mail, of whoever calls from a registered phone")
	line("            9664  music on hold")
	line("            3001  a conference room, like every 30nn and 33nn")
	line("")
	line("  try       tandem selftest, tandem call list --ended")
	line("  stop      Ctrl-C")
	line("  for real  tandem serve --config FILE; tandem config show prints every setting")
	line("")
	return b.String()
}

// hostPort is where a listener can be reached.
func hostPort(bind []string, port int) string {
	host := "127.0.0.1"
	if len(bind) > 0 {
		host = bind[0]
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + strconv.Itoa(port)
}
