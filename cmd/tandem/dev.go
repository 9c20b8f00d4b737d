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

	"github.com/spf13/cobra"

	"tandem/actors/cluster/trust"
	"tandem/conf"
)

// devFlags are the flags of dev, which it passes on to its members.
type devFlags struct {
	members int
	base    string
	fresh   bool
	bind    string
	portsTo string
	set     []string
}

func (a *app) devVerb() *cobra.Command {
	var f devFlags
	cmd := &cobra.Command{
		Use:   "dev",
		Short: "Run members with demo accounts on this machine alone",
		Long: "Run one member, or a cluster of several, on loopback with demo accounts and numbers to dial,\n" +
			"and start each again if it fails. The members are processes; they have the same ports, each\n" +
			"on an address of its own. The accounts and their password are public, so dev refuses any\n" +
			"other address. Data is kept from one start to the next; three members and more, who keep\n" +
			"the store together, have other data than one or two, of whom the first keeps it.",
		Args: cobra.NoArgs,
		RunE: verb(func(cmd *cobra.Command, _ []string) error { return a.dev(cmd, f) }),
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&f.fresh, "fresh", false, "forget the data of earlier starts")
	cmd.Flags().StringVar(&f.portsTo, "ports-file", "", "write the ports really bound into this file, JSON, when ready")
	return cmd
}

// add adds the flags that dev and its members share.
func (f *devFlags) add(cmd *cobra.Command) {
	cmd.Flags().IntVar(&f.members, "members", 1, "number of members, 1 to 9")
	cmd.Flags().StringVar(&f.base, "base", "", "loopback address of the first member; others follow (default 127.0.0.1)")
	cmd.Flags().StringVar(&f.bind, "bind", "", "loopback address to listen on, of a single member (default 127.0.0.1)")
	cmd.Flags().StringArrayVar(&f.set, "set", nil, "one setting of every member, section.key=value; may be repeated")
}

// plan is what the flags mean, with data below dir.
func (f devFlags) plan(dir string) (conf.DevPlan, error) {
	p := conf.DevPlan{Members: f.members}
	if f.bind != "" && !isLoopback(f.bind) {
		return p, usage("--bind %s: dev listens on loopback alone, because its passwords are public; "+
			"for other addresses use `tandem serve`", f.bind)
	}
	if f.bind != "" && (f.members > 1 || f.base != "") {
		return p, usage("--bind is for a single member: say --base, the address of the first one")
	}
	if f.base != "" {
		base, err := netip.ParseAddr(f.base)
		if err != nil {
			return p, usage("--base %q is no address", f.base)
		}
		p.Base = base
	}
	if err := p.Check(); err != nil {
		return p, usage("%v; for other addresses use `tandem serve`", err)
	}
	absolute, err := filepath.Abs(dir)
	p.Data = absolute
	return p, err
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

// dev supervises the members, each in a process of its own.
func (a *app) dev(cmd *cobra.Command, f devFlags) error {
	if os.Getenv(memberMark) != "" {
		return errors.New("dev was started by dev, which would never end")
	}
	p, err := f.plan(a.devDir())
	if err != nil {
		return err
	}
	lives := make([]*conf.Live, p.Members)
	for i := range lives {
		if lives[i], err = devConf(p, i+1, f); err != nil {
			return err
		}
	}
	release, err := prepareData(p.Data, f.fresh)
	if err != nil {
		return err
	}
	defer release()
	if err := devTrust(p); err != nil {
		return err
	}

	// The kernel ties the death signal to the thread that asked for it.
	runtime.LockOSThread()
	dieWithGoRun()
	l := &fleet{err: a.err, files: []string{filepath.Join(p.Data, portsFile)}, bound: ports{}}
	if f.portsTo != "" {
		l.files = append(l.files, f.portsTo)
	}
	l.ready = func(bound ports) { _, _ = fmt.Fprint(a.out, banner(p, lives, bound), "ready\n") }
	for i, live := range lives {
		l.add(live.Conf().Member, a.memberCommand(p, i+1, f))
	}
	return l.run(cmd.Context())
}

// devDir is where dev has its data.
func (a *app) devDir() string {
	if a.data == "" {
		return devData()
	}
	return a.data
}

// prepareData takes the data directory, and clears it if asked.
func prepareData(dir string, fresh bool) (release func(), err error) {
	release, err = lockData(dir)
	if err != nil {
		return nil, err
	}
	if fresh {
		err = clearData(dir)
	}
	if err != nil {
		release()
		return nil, fmt.Errorf("--fresh: %w", err)
	}
	for _, home := range memberHomes(dir) { // what members that were killed have left
		forgetPlace(home)
	}
	return release, nil
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// devConf is the configuration of one member: the plan's, the environment, the flags.
func devConf(p conf.DevPlan, number int, f devFlags) (*conf.Live, error) {
	base := p.Member(number)
	sources := conf.Sources{Base: &base, Environ: os.Environ(), Set: f.set}
	if f.bind != "" {
		for _, key := range []string{"sip.bind", "http.bind", "cli.bind", "ximss.bind", "media.bind", "ami.bind"} {
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

// devTrust gives every member of several its certificate: dev makes the cluster's authority itself. What can not be
// used any more is made anew.
func devTrust(p conf.DevPlan) error {
	if p.Members == 1 {
		return nil
	}
	first, err := trust.Open(p.Home(1))
	if err != nil || first.Member() != conf.DevName(1) || !first.MayIssue() {
		if err := os.RemoveAll(trust.Dir(p.Home(1))); err != nil {
			return err
		}
		if first, err = trust.Found(p.Home(1), "tandem dev", conf.DevName(1)); err != nil {
			return err
		}
	}
	for n := 2; n <= p.Members; n++ {
		own, err := trust.Open(p.Home(n))
		if err == nil && own.Member() == conf.DevName(n) && own.Cluster() == first.Cluster() && !own.Due() {
			continue
		}
		if err := os.RemoveAll(trust.Dir(p.Home(n))); err != nil {
			return err
		}
		if err := first.Issue(p.Home(n), conf.DevName(n), trust.Neighbours{}); err != nil {
			return err
		}
	}
	return nil
}

// memberVerb is the hidden verb that dev starts in a process of its own for each member. With --prepare it only
// puts the certificates of all members into their places, for tests that start each themselves.
func (a *app) memberVerb() *cobra.Command {
	var f devFlags
	var number int
	var prepare bool
	cmd := &cobra.Command{
		Use:    "dev-member",
		Short:  "Run a member of dev",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: verb(func(cmd *cobra.Command, _ []string) error {
			if os.Getenv(memberMark) == "" {
				return usage("dev-member is started by dev alone")
			}
			p, err := f.plan(a.devDir())
			if err != nil {
				return err
			}
			if prepare {
				return devTrust(p)
			}
			if number < 1 || number > p.Members {
				return usage("there is no member %d of %d", number, p.Members)
			}
			live, err := devConf(p, number, f)
			if err != nil {
				return err
			}
			release, err := lockData(live.Conf().Member.Data)
			if err != nil {
				return err
			}
			defer release()
			return a.newMember(live, tellSupervisor).run(cmd.Context(), a.start)
		}),
	}
	f.add(cmd)
	cmd.Flags().IntVar(&number, "number", 1, "")
	cmd.Flags().BoolVar(&prepare, "prepare", false, "")
	return cmd
}

// memberArgs is the command line of a member.
func memberArgs(p conf.DevPlan, number int, f devFlags) []string {
	args := []string{"dev-member", "--data", p.Data, "--number", strconv.Itoa(number),
		"--members", strconv.Itoa(p.Members), "--base", f.base, "--bind", f.bind}
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
