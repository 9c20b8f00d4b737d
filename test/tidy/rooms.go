package tidy

import (
	"go/ast"
	"strings"
)

// room says which of our packages a package may import. A star stands for every package below.
// Arrows point down: no row names a room above its own, and no room under actors names a sibling
// but msg, cluster, store, deck, junction, life, and guard, form, tally, vault, ledger and queuelog/line, which are there to be shared.
type room struct {
	name string
	may  string
}

const (
	actorRoom = "conf actors/msg actors/cluster "
	// actorOnly may be imported in addition by the shell of an actor room: see shell.
	actorOnly = "actors/store"
	// testOnly may be imported in addition by every test, and by nothing else.
	testOnly = "actors/acttest actors/acttest/company test/lab"
)

var rooms = []room{
	{"conf", ""},
	{"signal", ""},
	{"media", "conf media/*"},
	{"media/*", "conf media/*"},
	{"sip", "conf signal sip/*"},
	{"sip/*", "conf signal sip/*"},
	{"ximss", "conf ximss/*"},
	{"ximss/*", "conf ximss/*"},
	{"ximss/object", ""},
	{"ximss/cli", "conf ximss/object ximss/guess"},
	{"ximss/guess", ""},
	{"ximss/sasl", ""},
	{"web", "conf web/*"},
	{"web/*", "conf"},
	{"web/screen", "web/feed web/static"},
	{"web/user", "web/static"},

	{"actors/msg", "signal"},
	{"actors/store", "conf actors/msg"},
	{"actors/cluster", "conf actors/msg actors/store actors/guard actors/cluster/*"},
	{"actors/cluster/*", "conf actors/msg"},
	{"actors/cluster/slot", ""},
	{"actors/cluster/trust", "conf"},
	{"actors/acttest/company", "conf actors/cluster"},
	{"actors/acttest/dispatch", "actors/queue actors/agent actors/msg actors/store actors/queuelog/*"},
	{"actors/acttest/centre", "conf actors/msg actors/cluster actors/store actors/queue actors/agent"},
	{"actors/acttest", "conf signal actors/msg actors/cluster actors/store"},

	{"actors/life", "actors/msg actors/store"},
	{"actors/guard", ""},
	{"actors/form", "actors/msg signal ximss/object"},
	{"actors/tally", "actors/msg signal"},
	{"actors/vault", ""},
	// account has the directory that the ledger fills, and the records that it changes.
	{"actors/ledger", "conf actors/msg actors/store actors/account actors/form actors/tally actors/vault signal sip/auth ximss/cli ximss/object"},

	// account has the records whose rights count; the environment says what an application environment is.
	{"actors/console", "conf actors/store actors/account actors/form actors/guard actors/ledger actors/tally actors/pbx/environment signal ximss/cli ximss/object"},

	// account has the records whose rights count; task says what a service is, and what texts programs know.
	{"actors/service", "actors/msg conf actors/store actors/account actors/form actors/guard actors/ledger actors/tally actors/pbx/task actors/pbx/radius actors/pbx/enum signal sip/resolve/naptr ximss/cli ximss/object"},

	// account has the records that pages show; of the Task it has the texts that programs know.
	{"actors/desk", "conf actors/msg actors/cluster actors/cluster/view actors/cluster/slot actors/store actors/account actors/form actors/ledger actors/pbx/cgpl actors/pbx/task media signal sip/farm web ximss/cli ximss/object"},

	// web says how queues, agents and legs are asked for; the ledger whose rights count.
	{"actors/hatch", "conf actors/msg actors/account actors/desk actors/ledger signal web ximss/ami ximss/cli"},

	// The rooms of the Task say what its programs, its sounds and its files are.
	{"actors/files", "conf actors/store actors/pbx/cgpl actors/pbx/environment actors/pbx/stock actors/pbx/storage actors/pbx/task media/spool media/wav media/codec signal ximss/object"},

	// account and leg have the facts that are made good.
	{"actors/keeper", "conf actors/msg actors/store actors/account actors/leg actors/life signal sip/registrar"},

	{"actors/router", actorRoom + "signal sip/border sip/farm sip/dialog"},
	{"actors/account", actorRoom + "signal sip/registrar ximss/object"},
	{"actors/notify", actorRoom + "signal sip/subscription"},
	{"actors/lamp", actorRoom + "actors/notify signal sip/subscription"},
	{"actors/keylamp", actorRoom + "actors/notify signal sip/subscription sip/dialoginfo"},
	{"actors/presence", actorRoom + "actors/notify signal sip/subscription sip/pidf"},
	{"actors/setting", "conf actors/store web"}, // answers web.StoredSettings; no actor
	{"actors/deck", "conf actors/msg media media/*"},
	{"actors/junction", "actors/msg media media/*"},
	{"actors/leg", actorRoom + "signal sip sip/* media media/* actors/leg/* actors/deck actors/junction"},
	{"actors/mixer", actorRoom + "media media/* actors/deck actors/junction"},
	{"actors/leg/app", "signal"},
	{"actors/scribe", actorRoom + "signal sip sip/* media media/* actors/scribe/*"},
	{"actors/scribe/metadata", ""},
	{"actors/session", actorRoom + "signal actors/guard actors/session/phone sip/dialog ximss ximss/object"},
	{"actors/session/phone", "signal sip/dialog ximss ximss/object ximss/sdp"},
	{"actors/pbx", actorRoom + "signal actors/pbx/* ximss/cli ximss/object"},
	{"actors/pbx/cgpl", "ximss/object actors/pbx/cgpl/syntax"},
	{"actors/pbx/cgpl/syntax", ""},
	{"actors/pbx/cgpl/lib", "actors/pbx/cgpl ximss/object ximss/sdp"},
	{"actors/pbx/task", "actors/msg signal actors/pbx/cgpl actors/pbx/cgpl/lib ximss/object ximss/sdp"},
	{"actors/pbx/environment", "actors/pbx/cgpl actors/pbx/cgpl/lib ximss/object"},
	{"actors/pbx/storage", "actors/pbx/task ximss/object"},
	{"actors/pbx/stock", "actors/pbx/cgpl actors/pbx/environment actors/pbx/script actors/pbx/task media/wav ximss/object"},
	{"actors/pbx/meeting", actorRoom},
	{"actors/pbx/named", actorRoom},
	{"actors/pbx/radius", ""},
	{"actors/pbx/enum", "sip/resolve/naptr sip/resolve/zone"},
	{"actors/pbx/script", "actors/msg signal actors/pbx/task actors/pbx/meeting actors/pbx/cgpl ximss/object"},
	{"actors/queue", actorRoom + "actors/queuelog/line"},
	{"actors/agent", actorRoom + "actors/queuelog/line"},
	{"actors/stat", actorRoom + "actors/store actors/stat/*"}, // follows the journal; no actor
	{"actors/stat/reader", "actors/msg actors/life actors/store signal actors/stat/engine actors/stat/measure actors/stat/source"},
	{"actors/stat/intake", "conf actors/cluster actors/stat/source"}, // takes offers of lines; no actor
	{"actors/stat/source", "actors/stat/engine actors/stat/measure"},
	{"actors/stat/measure", "actors/stat/filter"},
	{"actors/stat/evaluate", "actors/stat/engine actors/stat/measure actors/stat/filter actors/stat/source"},
	{"actors/stat/engine", "actors/stat/measure actors/stat/filter"},
	{"actors/stat/filter", ""},
	{"actors/queuelog", actorRoom + "actors/queuelog/*"},
	{"actors/queuelog/table", "actors/queuelog/report actors/queuelog/line"},
	{"actors/queuelog/report", "actors/queuelog/line"},
	{"actors/queuelog/block", "actors/queuelog/report actors/queuelog/line actors/queuelog/sheet"},
	{"actors/queuelog/sheet", ""},
	{"actors/queuelog/answer", "web actors/queuelog/live actors/queuelog/report actors/queuelog/block actors/queuelog/sheet actors/queuelog/table"},
	{"actors/trunk", actorRoom + "signal sip/auth"},
	{"actors/exchange", actorRoom + "actors/queuelog/live ximss/ami"},
	{"actors/queuelog/live", "web actors/msg actors/queuelog/report actors/queuelog/block ximss/ami"}, // web says what a view is, ximss/ami what an event is
	{"actors/queuelog/line", ""},
	{"actors/queuelog/recording", ""},
	{"actors/queuelog/loader", ""},
	{"actors/queuelog/writer", "actors/msg actors/store actors/queuelog/line"}, // follows the journal; no actor

	{"actors", "conf signal media media/* sip sip/* ximss ximss/* web web/* actors/*"},
	{"cmd/tandem", "conf actors actors/cluster/trust media/tone media/codec actors/pbx/cgpl actors/pbx/task actors/pbx/script actors/pbx/stock actors/queuelog/report actors/queuelog/block actors/queuelog/sheet actors/queuelog/loader actors/queuelog/table actors/stat/measure actors/stat/filter actors/stat/engine actors/stat/evaluate"},
	{"test/load/queuelog", "actors/queuelog/*"}, // measures inside, beside the least that it could cost
	{"test/load/stat", "actors/stat/*"},
	{"test/*", "test/lab"},
}

// Imports checks our own imports against the table of rooms.
func Imports(files []*File) (faults []Fault) {
	homeless := map[string]bool{}
	for _, f := range files {
		r, ok := roomOf(f.Room)
		if !ok {
			if !homeless[f.Room] {
				faults = append(faults, Fault{f.Room, 0, "has no row in the table of rooms (test/tidy/rooms.go)"})
			}
			homeless[f.Room] = true
			continue
		}
		f.imports(func(spec *ast.ImportSpec, path string) {
			ours, isOurs := strings.CutPrefix(path, module)
			if isOurs && !mayImport(f, r, ours) {
				faults = append(faults, f.fault(spec, "%s may not import %s; it may import: %s",
					f.Room, ours, orNothing(r.may)))
			}
		})
	}
	return faults
}

// roomOf finds the row of a package: its own, else that with a star.
func roomOf(name string) (room, bool) {
	for _, r := range rooms {
		if r.name == name {
			return r, true
		}
	}
	for _, r := range rooms {
		if strings.HasSuffix(r.name, "/*") && among(name, r.name) {
			return r, true
		}
	}
	return room{}, false
}

func mayImport(f *File, r room, path string) bool {
	switch {
	case f.Test && (path == f.Room || among(path, testOnly)):
		return true
	case among(path, testOnly) && !strings.HasPrefix(f.Room, "test/"):
		return false
	case among(path, actorOnly) && strings.HasPrefix(r.may, actorRoom) && shell(f.Path):
		return true
	}
	return among(path, r.may)
}

// among says whether a package is in a list of names, of which some may end in a star.
func among(name, list string) bool {
	for _, x := range strings.Fields(list) {
		if below, star := strings.CutSuffix(x, "*"); name == x || star && strings.HasPrefix(name, below) {
			return true
		}
	}
	return false
}

func orNothing(list string) string {
	if list = strings.TrimSpace(list); list != "" {
		return list
	}
	return "nothing of ours"
}
