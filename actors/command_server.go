package actors

import (
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"time"

	"tandem/actors/form"
	"tandem/conf"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// serverWorks are the commands about the member and the cluster.
var serverWorks = map[string]work{
	"NOOP": func(commands, *request) (object.Value, *cli.Failure) { return object.Null, nil },
	"ECHO": func(_ commands, r *request) (object.Value, *cli.Failure) { return found(r.Value("object")) },
	"LISTCLICOMMANDS": func(commands, *request) (object.Value, *cli.Failure) {
		return found(form.List(cli.Names()))
	},
	"GETVERSION": func(c commands, _ *request) (object.Value, *cli.Failure) {
		return found(object.String(c.version))
	},
	"GETCURRENTTIME": func(commands, *request) (object.Value, *cli.Failure) {
		return found(object.Date(time.Now().Unix()))
	},
	"GETCURRENTCONTROLLER": func(c commands, _ *request) (object.Value, *cli.Failure) {
		return found(object.String(c.address()))
	},
	"RECONNECTCLUSTERADMIN": func(commands, *request) (object.Value, *cli.Failure) { // alone, it has nobody to connect to
		return object.Null, nil
	},
	"GETSYSTEMINFO":      commands.getSystemInfo,
	"WRITELOG":           commands.writeLog,
	"SHUTDOWN":           commands.shutDown,
	"GETCLUSTERSETTINGS": commands.getClusterSettings,
	"SETCLUSTERSETTINGS": commands.setClusterSettings,

	"GETLOGSETTINGS":         section("log"),
	"UPDATELOGSETTINGS":      fixed("log"),
	"GETSIGNALSETTINGS":      section("routing", "sip"),
	"SETSIGNALSETTINGS":      fixed("routing", "sip"),
	"GETMEDIASERVERSETTINGS": section("media"),
	"SETMEDIASERVERSETTINGS": fixed("media"),
	"GETSESSIONSETTINGS":     section("cli", "http"),
	"SETSESSIONSETTINGS":     fixed("cli", "http"),
	"LISTMODULES": func(commands, *request) (object.Value, *cli.Failure) {
		return found(form.List(moduleNames))
	},
	"GETMODULE":             commands.getModule,
	"SETMODULE":             commands.setModule,
	"UPDATEMODULE":          commands.setModule,
	"GETROUTERTABLE":        commands.getRouterTable,
	"SETROUTERTABLE":        fixed("routing"),
	"GETCLUSTERROUTERTABLE": commands.getRouterTable,
	"SETCLUSTERROUTERTABLE": fixed("routing"),
}

// address is where this member is reached by others.
func (c commands) address() string {
	settings := c.live.Conf()
	for _, text := range append([]string{settings.SIP.Public, settings.Media.Public}, settings.SIP.Bind...) {
		if a, err := netip.ParseAddr(text); err == nil && !a.IsUnspecified() {
			return a.String()
		}
	}
	return "127.0.0.1"
}

// getSystemInfo is GETSYSTEMINFO. What there is not is refused.
func (c commands) getSystemInfo(r *request) (object.Value, *cli.Failure) {
	v := c.systemInfo(r.Text("what"))
	if v.IsNull() {
		return fail("no such system information")
	}
	return found(v)
}

// Levels of WRITELOG, from failures to all.
var logLevels = []slog.Level{slog.LevelError, slog.LevelError, slog.LevelWarn, slog.LevelInfo, slog.LevelDebug, slog.LevelDebug}

func (c commands) writeLog(r *request) (object.Value, *cli.Failure) {
	level := r.Number("level")
	if level < 0 || level >= int64(len(logLevels)) {
		return object.Null, cli.ErrIllegal
	}
	c.log.Log(r.ctx, logLevels[level], "written by command", "account", string(r.who.AOR), "text", r.Text("text"))
	return object.Null, nil
}

// shutDown stops the member as its service manager would.
func (c commands) shutDown(r *request) (object.Value, *cli.Failure) {
	c.log.Warn("the member is told to stop", "account", string(r.who.AOR))
	if err := c.end(); err != nil {
		return fail("%v", err)
	}
	return object.Null, nil
}

// endProcess asks this process to end in order.
func endProcess() error { return syscall.Kill(os.Getpid(), syscall.SIGTERM) }

func (c commands) getClusterSettings(*request) (object.Value, *cli.Failure) {
	return found(c.ledger.ClusterSettings().Value())
}

func (c commands) setClusterSettings(r *request) (object.Value, *cli.Failure) {
	return c.done(c.ledger.SetClusterSettings(r.ctx, r.Dictionary("settings"), r.write()))
}

// section shows sections of the member's settings, secrets masked. Where there are several, the keys have
// their section before them.
func section(names ...string) work {
	return func(c commands, _ *request) (object.Value, *cli.Failure) {
		d := object.NewFolded()
		settings := c.live.Conf()
		for _, f := range conf.Fields() {
			for _, name := range names {
				if f.Section() != name {
					continue
				}
				e, err := settings.Explain(f.Key)
				if err != nil {
					continue
				}
				key := f.Key
				if len(names) == 1 {
					key = strings.TrimPrefix(f.Key, name+".")
				}
				d.Set(key, object.String(e.Value))
			}
		}
		return found(d.Value())
	}
}

// fixed refuses to change what the member's file says.
func fixed(names ...string) work {
	return func(commands, *request) (object.Value, *cli.Failure) {
		return fail("these settings are in the member's file, in its %s: change them there and reload",
			strings.Join(names, " and "))
	}
}

// moduleNames are the parts of a member that have settings of their own, as LISTMODULES calls them.
var moduleNames = []string{"SIP", "HTTP", "PWD", "Media", "Signal"}

// modules are their sections.
var modules = map[string]string{"sip": "sip", "http": "http", "pwd": "cli", "media": "media", "signal": "routing"}

func (c commands) getModule(r *request) (object.Value, *cli.Failure) {
	name, ok := modules[strings.ToLower(r.Text("module"))]
	if !ok {
		return fail("unknown module")
	}
	return section(name)(c, r)
}

func (c commands) setModule(r *request) (object.Value, *cli.Failure) {
	name, ok := modules[strings.ToLower(r.Text("module"))]
	if !ok {
		return fail("unknown module")
	}
	return fixed(name)(c, r)
}

// getRouterTable shows the numbers of the settings in the manner of the ancestor's table: one record a
// line.
func (c commands) getRouterTable(*request) (object.Value, *cli.Failure) {
	var b strings.Builder
	settings := c.live.Conf().Routing
	for _, n := range settings.Numbers {
		b.WriteString("<" + n.Match + "@" + settings.Domain + "> = " + n.App + "\n")
	}
	return found(object.String(b.String()))
}
