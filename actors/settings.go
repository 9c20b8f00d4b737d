package actors

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/actors/desk"
	"tandem/actors/leg/app"
	"tandem/actors/queuelog/recording"
	"tandem/actors/setting"
	"tandem/actors/store"
	"tandem/conf"
	"tandem/media"
	"tandem/web"
)

// openSettings demands of the settings what only the house can judge.
func (h *House) openSettings(context.Context) error {
	cancel, err := h.live.Require(Demand)
	if err != nil {
		return err
	}
	h.closes(func(context.Context) error { cancel(); return nil })
	return nil
}

// openStored lays the settings that the cluster keeps over those of this member's file.
func (h *House) openStored(context.Context) (err error) {
	if h.stored, err = setting.Open(h.live, h.store.Bucket(store.Settings), h.log); err != nil {
		return err
	}
	h.closes(h.stored.Close)
	return nil
}

// statusAnswer is the application that is none: routing answers it with the status that the number
// names.
const statusAnswer = "status"

// Demand is what the house demands of settings beyond what conf can check: that each number runs an
// application that there is, and that rules of recordings can be read. A caller would find out, much later.
func Demand(c *conf.Conf, wrong func(key, wrong, right string)) {
	known := slices.Sorted(maps.Keys(app.Programs))
	known = append(known, statusAnswer)
	demandStatistics(&c.Stat, wrong)
	if _, err := recording.New(c.Reports.Rules(), time.UTC); err != nil {
		wrong("reports.recordings", "can not be read: "+err.Error(), "PARTITION=TEMPLATE, such as A=/srv/a/%Y/%m/%d/*{callid}*.wav")
	}
	for i, n := range c.Routing.Numbers {
		if strings.Contains(n.App, "#") { // a program, whose form conf has checked; it is read when it is called
			continue
		}
		if !slices.Contains(known, n.App) {
			wrong(fmt.Sprintf("routing.numbers[%d].app", i), strconv.Quote(n.App)+" is no application",
				"one of "+strings.Join(known, ", "))
		}
	}
}

// subscribe has told called with changed settings of a section until the house is closed.
func (h *House) subscribe(section string, told func(*conf.Conf)) error {
	cancel, err := h.live.Subscribe(section, told)
	if err != nil {
		return err
	}
	h.closes(func(context.Context) error { cancel(); return nil })
	return nil
}

// sockets answers web.SIPSockets.
type sockets struct{ *House }

// ServeSocket lets the SIP edge read a WebSocket until it ends.
func (s sockets) ServeSocket(w *web.Socket) {
	if err := s.sip.ServeWebSocket(w); err != nil {
		s.log.Debug("SIP over WebSocket ended", "remote", w.RemoteAddr().String(), "err", err)
	}
}

// services are what the listener's handlers call.
func (h *House) services() web.Services {
	s := web.Services{
		Accounts: desk.Accounts{Ledger: h.ledger}, Registrations: desk.Registrations{Ledger: h.ledger},
		Authenticator: desk.Administrators{Ledger: h.ledger}, Logins: desk.Logins{Ledger: h.ledger},
		Calls: h.calls(), Tasks: h.deskTasks(), Sessions: h.deskSessions(), Recordings: recordings{h},
		Queues: h.deskQueues(), Agents: h.deskAgents(),
		QueueLogs: queueLogs{h}, LiveLogs: liveLogs{h}, Reports: h.reports(), LogRecordings: logRecordings{h, &recordingRules{}},
		Statistics: statistics{h.hall, &solutions{h}}, StatFiles: statistics{h.hall, nil}, Sources: sources{h.intake, h.live}, Trunks: trunks{h},
		Health: h, Settings: web.LiveSettings(h.live), Stored: h.stored, Sockets: sockets{h}, XIMSS: clients{h.ximss},
	}
	if h.entrance != nil {
		s.Tickets, s.Joiner, s.Cluster = h.entrance, h.entrance, h.deskCluster()
	}
	return s
}

// demoHint tells at the login what everybody knows of a member with demo accounts, and nothing of another one.
func (h *House) demoHint() string {
	for _, d := range h.live.Conf().Accounts.Demo {
		if d.Administrator {
			return "Demo: " + d.Name + " is an administrator, password " + string(d.Password)
		}
	}
	return ""
}

func (h *House) calls() desk.Calls {
	return desk.Calls{Living: h.living, Ended: h.legs.Ended, CatchUp: h.keeper.CatchUp, Streams: h.measures, Member: h.member}
}

// measures is what the stream of a leg measures.
func (h *House) measures(leg string) (media.Stats, bool) {
	s, ok := h.engine.Find(leg)
	if !ok {
		return media.Stats{}, false
	}
	return s.Stats(), true
}

func (h *House) deskTasks() desk.Tasks {
	return desk.Tasks{Rows: h.taskRows, Running: h, Directory: h.directory, Member: h.member}
}

// portsLeft is an error when no stream can be opened.
func (h *House) portsLeft() error {
	if h.engine.Snapshot().PortsFree == 0 {
		return errors.New("no RTP port is free")
	}
	return nil
}
