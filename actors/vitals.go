package actors

import (
	"runtime"
	"syscall"
	"time"

	"tandem/actors/desk"
	"tandem/actors/msg"
)

// vitalsEvery is how often a member measures what its heartbeats say of it.
const vitalsEvery = time.Second

// sayVitals keeps what this member says of itself current, until the house ends.
func (h *House) sayVitals() {
	tick := time.NewTicker(vitalsEvery)
	defer tick.Stop()
	m := meter{processors: runtime.GOMAXPROCS(0)}
	m.load(processorTime(), time.Now())
	for {
		select {
		case now := <-tick.C:
			load := m.load(processorTime(), now)
			h.member.Describe(h.vitals(load, now))
			h.chronicle.Look(h.member.Society(), now)
		case <-h.ending:
			return
		}
	}
}

// vitals are what there is on this member now.
func (h *House) vitals(load int, now time.Time) func(*msg.Member) {
	calls := map[string]bool{}
	for _, l := range h.legs.Live() {
		calls[l.Record.Call] = true
	}
	legs, tasks, signals := h.member.Alive("leg"), h.member.Alive("task"), h.member.Alive("signal")
	sessions := h.member.Alive("session")
	names, settings := h.member.Society().Owners.Mine(now), h.stored.Taken()
	var needed []*msg.Needed
	foreign := 0
	for member, n := range h.member.Foreigners("leg") {
		needed = append(needed, &msg.Needed{Member: member, Legs: uint32(n)})
		foreign += n
	}
	legs = max(legs, foreign) // counted one after the other
	return func(m *msg.Member) {
		m.Load, m.Legs, m.Tasks, m.Signals = uint32(load), uint32(legs), uint32(tasks), uint32(signals)
		m.Calls, m.ForeignLegs, m.Needed = uint32(len(calls)), uint32(foreign), needed
		m.Sessions, m.Names, m.Settings = uint32(sessions), uint32(names), settings
	}
}

// meter turns the time that a process has had of its processors into its load of them.
type meter struct {
	processors int
	used       time.Duration
	at         time.Time
}

// load is the use since the last time, per mille of all processors. The first time tells nothing.
func (m *meter) load(used time.Duration, now time.Time) int {
	spent, passed := used-m.used, now.Sub(m.at)
	first := m.at.IsZero()
	m.used, m.at = used, now
	if first || passed <= 0 || spent < 0 {
		return 0
	}
	return min(int(1000*spent/(passed*time.Duration(m.processors))), 1000)
}

// processorTime is what this process has had of all processors since its start.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// tell notes what happened to this member itself, for the pages of all.
func (h *House) tell(what, why string) {
	if h.identity != nil {
		h.chronicle.Note(what, why)
	}
}

// deskCluster is the cluster as pages show and change it.
func (h *House) deskCluster() desk.Cluster {
	return desk.Cluster{Member: h.member, Chronicle: h.chronicle, Stored: h.stored, Drained: h, Conf: h.live.Conf, Ready: h.store.Ready}
}
