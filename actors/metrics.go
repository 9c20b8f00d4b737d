package actors

import (
	"context"
	"errors"
	"strconv"

	"tandem/actors/form"
	"tandem/actors/leg"
	"tandem/actors/msg"
	"tandem/sip/overload"
	"tandem/web"
)

// openMetrics shows what the libraries and the actors count. Labels are kinds, methods, classes and
// states: never callers. Whoever counts is asked when somebody looks, so it may be opened later.
func (h *House) openMetrics(context.Context) error {
	h.metrics = web.NewMetrics()
	for _, add := range []func(*web.Metrics) error{
		h.sipMetrics, h.callMetrics, h.mediaMetrics, h.actorMetrics, h.storeMetrics, h.clusterMetrics, h.ximssMetrics, h.queueMetrics, h.statMetrics, h.recorderMetrics,
	} {
		if err := add(h.metrics); err != nil {
			return err
		}
	}
	return nil
}

func gauge(name, help string, labels ...string) web.Family {
	return web.Family{Name: name, Help: help, Kind: web.Gauge, Labels: labels}
}

func counter(name, help string, labels ...string) web.Family {
	return web.Family{Name: name, Help: help, Kind: web.Counter, Labels: labels}
}

func (h *House) sipMetrics(m *web.Metrics) error {
	way := map[bool]string{false: "in", true: "out"}
	return m.Add(func(emit web.Emit) {
		s := h.sip.Snapshot()
		for _, r := range s.Requests {
			emit("sip_requests_total", float64(r.Count), way[r.Sent], string(r.Method), r.Transport)
		}
		for _, r := range s.Responses {
			emit("sip_responses_total", float64(r.Count), way[r.Sent], strconv.Itoa(r.Status/100)+"xx", strconv.Itoa(r.Status))
		}
		for reason, n := range s.Faults {
			emit("sip_parse_errors_total", float64(n), reason)
		}
		for reason, n := range s.AuthFailures {
			emit("sip_auth_failures_total", float64(n), reason)
		}
		emit("sip_transactions", float64(s.Transactions.Servers), "server")
		emit("sip_transactions", float64(s.Transactions.Clients), "client")
		emit("sip_retransmissions_total", float64(s.Transactions.RepeatsIn), "in")
		emit("sip_retransmissions_total", float64(s.Transactions.RepeatsOut), "out")
		emit("sip_connections", float64(s.Transport.Connections))
		emit("sip_late_seconds", s.Governor.Late.Seconds())
		emit("sip_let_in_per_second", s.Governor.Rate)
		for class, n := range s.Governor.Refused {
			emit("sip_refused_late_total", float64(n), overload.Class(class).String())
		}
		for what, by := range map[string]map[string]uint64{"relayed": s.Relayed, "refused": s.RelayRefused, "taken": s.Taken} {
			for member, n := range by {
				emit("sip_farm_packets_total", float64(n), what, member)
			}
		}
		emit("sip_foreign_datagrams_total", float64(s.Transport.Foreign))
		emit("shed_total", float64(s.Transport.Limited), "rate")
		emit("shed_total", float64(s.Transport.Refused), "connections")
		emit("shed_total", float64(s.Transactions.Full), "transactions")
	},
		counter("sip_requests_total", "SIP requests.", "dir", "method", "transport"),
		counter("sip_responses_total", "SIP responses.", "dir", "class", "code"),
		counter("sip_parse_errors_total", "SIP messages refused before any transaction.", "reason"),
		counter("sip_auth_failures_total", "Credentials that did not prove anything.", "reason"),
		gauge("sip_transactions", "SIP transactions that live.", "side"),
		counter("sip_retransmissions_total", "SIP messages that came or went again.", "dir"),
		gauge("sip_connections", "Stream and WebSocket connections that carry SIP."),
		gauge("sip_late_seconds", "How long work of this member waits before it is begun."),
		gauge("sip_let_in_per_second", "New requests that are let in each second because the member is late; 0: all are."),
		counter("sip_refused_late_total", "New requests refused because the member was late.", "class"),
		counter("sip_farm_packets_total", "SIP packets passed on to another member, refused by it, or taken from it.", "what", "member"),
		counter("sip_foreign_datagrams_total", "Datagrams at the SIP ports that are no SIP."),
		counter("shed_total", "Work refused because of a limit.", "reason"),
	)
}

func (h *House) callMetrics(m *web.Metrics) error {
	if err := h.recordMetrics(m); err != nil {
		return err
	}
	if err := h.trunkMetrics(m); err != nil {
		return err
	}
	return m.Add(func(emit web.Emit) {
		states := map[string]int{}
		for _, l := range h.legs.Live() {
			states[l.State]++
		}
		for _, s := range leg.States() {
			emit("calls", float64(states[s]), s)
		}
		for _, c := range h.legs.Outcomes() {
			emit("call_attempts_total", float64(c.Count), c.Direction, strconv.Itoa(c.Status))
		}
		emit("registrations", float64(len(h.directory.Registered())))
		emit("accounts", float64(h.directory.Count()))
	},
		gauge("calls", "Call legs that live.", "state"),
		counter("call_attempts_total", "Legs that ended and have their record.", "dir", "result"),
		gauge("registrations", "Accounts with a registration."),
		gauge("accounts", "Accounts."),
	)
}

// Buckets of the histograms over records.
var (
	setupBuckets    = []float64{0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 20, 30, 60, 120}
	durationBuckets = []float64{1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 4 * 3600}
	mosBuckets      = []float64{1, 2, 2.5, 3, 3.5, 3.8, 4, 4.2, 4.4}
	jitterBuckets   = []float64{0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1}
)

// recordMetrics are those that each record adds to when its leg has ended.
func (h *House) recordMetrics(m *web.Metrics) error {
	var errs []error
	histogram := func(name, help string, buckets []float64, labels ...string) func(float64, ...string) {
		observe, err := m.Histogram(name, help, buckets, labels...)
		errs = append(errs, err)
		return observe
	}
	setup := histogram("call_setup_seconds", "From the first request to the answer.", setupBuckets, "dir")
	duration := histogram("call_duration_seconds", "From the answer to the end.", durationBuckets, "dir")
	mos := histogram("call_mos", "Estimated quality of a leg's audio.", mosBuckets)
	jitter := histogram("rtp_jitter_seconds", "Jitter of what a leg received.", jitterBuckets)
	h.observe = func(r *msg.LegRecord) {
		if r.Answered == 0 {
			return
		}
		setup(form.Time(r.Answered).Sub(form.Time(r.Started)).Seconds(), form.Direction(r))
		duration(form.Time(r.Ended).Sub(form.Time(r.Answered)).Seconds(), form.Direction(r))
		if r.Media.GetReceived() > 0 {
			mos(r.Media.GetMos())
			jitter(float64(r.Media.GetJitterUs()) / 1e6)
		}
	}
	return errors.Join(errs...)
}

func (h *House) mediaMetrics(m *web.Metrics) error {
	return m.Add(func(emit web.Emit) {
		s := h.engine.Snapshot()
		emit("rtp_packets_total", float64(s.Received), "in")
		emit("rtp_packets_total", float64(s.Sent), "out")
		emit("rtp_relayed_total", float64(s.Relayed))
		emit("rtp_lost_total", float64(s.Lost))
		emit("rtp_discarded_total", float64(s.Discarded))
		emit("rtp_late_ticks_total", float64(s.LateTicks))
		emit("t38_packets_total", float64(s.Fax.Received), "in")
		emit("t38_packets_total", float64(s.Fax.Sent), "out")
		emit("t38_lost_total", float64(s.Fax.Lost))
		emit("t38_discarded_total", float64(s.Fax.Discarded))
		emit("rtp_streams", float64(s.Streams))
		emit("conferences", float64(s.Mixers))
		emit("recordings", float64(s.Recordings))
		emit("rtp_ports", float64(s.PortsFree), "free")
		emit("rtp_ports", float64(s.PortsInUse), "used")
		emit("rtp_ports", float64(s.PortsQuarantined), "quarantined")
	},
		counter("rtp_packets_total", "RTP packets.", "dir"),
		counter("rtp_relayed_total", "RTP packets passed on without decoding."),
		counter("rtp_lost_total", "RTP packets expected and not received."),
		counter("rtp_discarded_total", "RTP packets from elsewhere, malformed or too late."),
		counter("rtp_late_ticks_total", "Ticks of the packet loops that came late."),
		counter("t38_packets_total", "Datagrams of faxes (T.38).", "dir"),
		counter("t38_lost_total", "Datagrams of faxes that are missing."),
		counter("t38_discarded_total", "Datagrams for faxes from elsewhere, malformed or for nobody."),
		gauge("rtp_streams", "RTP streams open."),
		gauge("conferences", "Conferences."),
		gauge("recordings", "Recordings."),
		gauge("rtp_ports", "RTP ports.", "state"),
	)
}

func (h *House) actorMetrics(m *web.Metrics) error {
	return m.Add(func(emit web.Emit) {
		for _, k := range h.member.Snapshot() {
			emit("actor_count", float64(k.Alive), k.Kind)
			emit("actors_made_total", float64(k.Made), k.Kind)
			emit("actor_crashes_total", float64(k.Crashed), k.Kind)
			emit("actors_refused_total", float64(k.Refused), k.Kind)
			emit("actor_mailbox_full_total", float64(k.Overflow), k.Kind)
		}
	},
		gauge("actor_count", "Actors that live.", "kind"),
		counter("actors_made_total", "Actors made.", "kind"),
		counter("actor_crashes_total", "Actors ended by a panic.", "kind"),
		counter("actors_refused_total", "Actors not made because of a limit or a drain.", "kind"),
		counter("actor_mailbox_full_total", "Messages refused because a mailbox was full.", "kind"),
	)
}

func (h *House) storeMetrics(m *web.Metrics) error {
	return m.Add(func(emit web.Emit) {
		s := h.store.Snapshot()
		emit("store_pending_facts", float64(s.Pending))
		emit("store_facts_total", float64(s.Facts))
		emit("store_frames_total", float64(s.Frames))
		emit("store_retries_total", float64(s.Retries))
		emit("store_refused_total", float64(s.Refused))
		emit("store_damaged_total", float64(s.Damaged))
		emit("store_later", float64(s.Later))
		emit("store_file_bytes", float64(s.FileBytes))
		emit("store_commit_seconds", s.Commit.Last.Seconds())
	},
		gauge("store_pending_facts", "Facts not yet acknowledged."),
		counter("store_facts_total", "Facts acknowledged."),
		counter("store_frames_total", "Frames acknowledged."),
		counter("store_retries_total", "Attempts to write a frame that failed."),
		counter("store_refused_total", "Facts refused because too much was pending."),
		counter("store_damaged_total", "Frames and entries that could not be read."),
		gauge("store_later", "Snapshots not yet written."),
		gauge("store_file_bytes", "Size of all files."),
		gauge("store_commit_seconds", "Time that the last frame took to be acknowledged."),
	)
}
