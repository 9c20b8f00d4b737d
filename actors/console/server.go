package console

import (
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"tandem/actors/form"
	"tandem/conf"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// serverWorks are the commands about the member and the cluster.
var serverWorks = map[string]work{
	"NOOP": func(*Console, *request) (object.Value, *cli.Failure) { return object.Null, nil },
	"ECHO": func(_ *Console, r *request) (object.Value, *cli.Failure) { return found(r.Value("object")) },
	"LISTCLICOMMANDS": func(*Console, *request) (object.Value, *cli.Failure) {
		return found(form.List(cli.Names()))
	},
	"GETVERSION": func(c *Console, _ *request) (object.Value, *cli.Failure) {
		return found(object.String(c.Version))
	},
	"GETCURRENTTIME": func(*Console, *request) (object.Value, *cli.Failure) {
		return found(object.Date(time.Now().Unix()))
	},
	"GETCURRENTCONTROLLER": (*Console).getCurrentController,
	// Members find each other again by themselves, so that there is nothing to connect anew.
	"RECONNECTCLUSTERADMIN": func(*Console, *request) (object.Value, *cli.Failure) { return object.Null, nil },
	"GETSYSTEMINFO":         (*Console).getSystemInfo,
	"WRITELOG":              (*Console).writeLog,
	"SHUTDOWN":              (*Console).shutDown,
	"GETCLUSTERSETTINGS":    (*Console).getClusterSettings,
	"SETCLUSTERSETTINGS":    (*Console).setClusterSettings,

	"GETLOGSETTINGS":         section("log"),
	"UPDATELOGSETTINGS":      fixed("log"),
	"GETSIGNALSETTINGS":      section("routing", "sip"),
	"SETSIGNALSETTINGS":      fixed("routing", "sip"),
	"GETMEDIASERVERSETTINGS": section("media"),
	"SETMEDIASERVERSETTINGS": fixed("media"),
	"GETSESSIONSETTINGS":     section("cli", "http"),
	"SETSESSIONSETTINGS":     fixed("cli", "http"),
	"LISTMODULES": func(*Console, *request) (object.Value, *cli.Failure) {
		return found(form.List(moduleNames))
	},
	"GETMODULE":             (*Console).getModule,
	"SETMODULE":             (*Console).setModule,
	"UPDATEMODULE":          (*Console).setModule,
	"GETROUTERTABLE":        (*Console).getRouterTable,
	"SETROUTERTABLE":        fixed("routing"),
	"GETCLUSTERROUTERTABLE": (*Console).getRouterTable,
	"SETCLUSTERROUTERTABLE": fixed("routing"),
}

// address is where this member is reached by others.
func (c *Console) address() string {
	settings := c.Ledger.Conf()
	for _, text := range append([]string{settings.SIP.Public, settings.Media.Public}, settings.SIP.Bind...) {
		if a, err := netip.ParseAddr(text); err == nil && !a.IsUnspecified() {
			return a.String()
		}
	}
	return "127.0.0.1"
}

func (c *Console) getCurrentController(*request) (object.Value, *cli.Failure) {
	if c.Controller == nil {
		return found(object.String(c.address()))
	}
	if at := c.Controller(); at != "" {
		return found(object.String(at))
	}
	return fail("the cluster has no controller at the moment")
}

// getSystemInfo is GETSYSTEMINFO. What there is not is refused.
func (c *Console) getSystemInfo(r *request) (object.Value, *cli.Failure) {
	v := c.System(r.Text("what"))
	if v.IsNull() {
		return fail("no such system information")
	}
	return found(v)
}

// Levels of WRITELOG, from failures to all.
var logLevels = []slog.Level{slog.LevelError, slog.LevelError, slog.LevelWarn, slog.LevelInfo, slog.LevelDebug, slog.LevelDebug}

func (c *Console) writeLog(r *request) (object.Value, *cli.Failure) {
	level := r.Number("level")
	if level < 0 || level >= int64(len(logLevels)) {
		return object.Null, cli.ErrIllegal
	}
	c.Log.Log(r.ctx, logLevels[level], "written by command", "account", string(r.who.AOR), "text", r.Text("text"))
	return object.Null, nil
}

// shutDown stops the member as its service manager would.
func (c *Console) shutDown(r *request) (object.Value, *cli.Failure) {
	c.Log.Warn("the member is told to stop", "account", string(r.who.AOR))
	if err := c.End(); err != nil {
		return fail("%v", err)
	}
	return object.Null, nil
}

func (c *Console) getClusterSettings(*request) (object.Value, *cli.Failure) {
	return found(c.Ledger.ClusterSettings().Value())
}

func (c *Console) setClusterSettings(r *request) (object.Value, *cli.Failure) {
	return c.done(c.Ledger.SetClusterSettings(r.ctx, r.Dictionary("settings"), r.write()))
}

// section shows sections of the member's settings, secrets masked. Where there are several, the keys have
// their section before them.
func section(names ...string) work {
	return func(c *Console, _ *request) (object.Value, *cli.Failure) {
		d := object.NewFolded()
		settings := c.Ledger.Conf()
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
	return func(*Console, *request) (object.Value, *cli.Failure) {
		return fail("these settings are in the member's file, in its %s: change them there and reload",
			strings.Join(names, " and "))
	}
}

// moduleNames are the parts of a member that have settings of their own, as LISTMODULES calls them.
var moduleNames = []string{"SIP", "HTTP", "PWD", "Media", "Signal"}

// modules are their sections.
var modules = map[string]string{"sip": "sip", "http": "http", "pwd": "cli", "media": "media", "signal": "routing"}

func (c *Console) getModule(r *request) (object.Value, *cli.Failure) {
	name, ok := modules[strings.ToLower(r.Text("module"))]
	if !ok {
		return fail("unknown module")
	}
	return section(name)(c, r)
}

func (c *Console) setModule(r *request) (object.Value, *cli.Failure) {
	name, ok := modules[strings.ToLower(r.Text("module"))]
	if !ok {
		return fail("unknown module")
	}
	return fixed(name)(c, r)
}

// getRouterTable shows the numbers of the settings in the manner of the ancestor's table: one record a
// line.
func (c *Console) getRouterTable(*request) (object.Value, *cli.Failure) {
	var b strings.Builder
	settings := c.Ledger.Conf().Routing
	for _, n := range settings.Numbers {
		b.WriteString("<" + n.Match + "@" + settings.Domain + "> = " + n.App + "\n")
	}
	return found(object.String(b.String()))
}
