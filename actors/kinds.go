package actors

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/account"
	"tandem/actors/cluster"
	"tandem/actors/junction"
	"tandem/actors/leg"
	"tandem/actors/mixer"
	"tandem/actors/msg"
	"tandem/actors/pbx/task"
	"tandem/actors/router"
	"tandem/actors/store"
	"tandem/conf"
	"tandem/media/codec"
	"tandem/media/sdp"
	"tandem/signal"
	"tandem/sip"
	"tandem/sip/auth"
	"tandem/sip/dialog"
	"tandem/sip/farm"
)

// What members pass on to each other.
var (
	_ sip.Relay      = (*router.Ingress)(nil)
	_ router.Packets = (*sip.Server)(nil)
)

// openActors makes the member and introduces its kinds to what they need.
func (h *House) openActors(ctx context.Context) error {
	c := h.live.Conf()
	secret, err := h.secret(ctx)
	if err != nil {
		return err
	}
	h.auth = auth.New(trunkLogins{h.directory, h.live}, derive(secret, "nonce"), c.SIP.NonceLife, time.Now)
	h.auth.MD5Only(c.SIP.MD5Agents)
	h.member = cluster.New(cluster.Options{
		Name: c.Member.Name, Key: derive(secret, "handler"), Mailbox: c.Member.Mailbox, Log: h.log,
		Kinds: []cluster.Kind{
			{Name: "edge", Keeps: true},
			{Name: "signal", Limit: c.Routing.MaxSignals},
			{Name: "leg", Limit: c.Member.MaxLegs, Roams: true,
				Dismiss: func() proto.Message { return &msg.LegHangup{Status: 503, Reason: "Not wanted"} }},
			{Name: "account", Limit: c.Accounts.MaxAccounts, Idle: 10 * time.Minute},
			{Name: "task", Limit: c.Tasks.MaxTasks, Roams: true,
				Dismiss: func() proto.Message { return &msg.TaskKill{} }},
			{Name: "mixer", Limit: c.Tasks.MaxMixers},
			{Name: "meeting", Announced: true, Idle: 5 * time.Minute},
			{Name: "named", Announced: true, Idle: 5 * time.Minute},
			{Name: "lamp", Limit: c.Accounts.MaxAccounts, Idle: 5 * time.Minute},
			{Name: "session", Limit: c.XIMSS.MaxSessions},
			{Name: "connection"},
			{Name: "presence", Limit: c.Accounts.MaxAccounts, Idle: 5 * time.Minute},
			{Name: "queue", Limit: 2 * c.Queues.MaxQueues, Announced: true, Idle: time.Minute}, // half of them for what is no queue
			{Name: "agent", Limit: 2 * c.Queues.MaxAgents, Announced: true, Idle: time.Minute},
			{Name: "partition", Limit: maxPartitions, Idle: 10 * time.Minute},
			{Name: "exchange"},
			{Name: "trunk"},
			{Name: "keylamp", Limit: c.Accounts.MaxAccounts, Idle: 5 * time.Minute},
			{Name: "scribe", Limit: c.Recorders.MaxSessions, Serves: true},
		},
	})
	h.closes(func(context.Context) error { h.member.Stop(); return nil })
	if err := h.keeper.Begin(ctx, h.member.Boot()); err != nil {
		return err
	}
	h.ingress = router.NewIngress(h.member, h.directory, h.ledger.Policy(), h.log)
	h.ingress.SetFronts(c.Member.MaxLegs)
	h.closes(stopper(h.ledger.Follow()))
	h.introducePresence()
	if err := h.obey(); err != nil {
		return err
	}
	h.openDecks()
	junctions := junction.Floor{Engine: h.engine, Facing: h.audioBetween, Wait: junction.Wait}
	floor := &leg.Floor{Member: h.member, Engine: h.engine, Journal: h.store.Journal(), Table: h.legs,
		Opened: h.keeper.Opened, Closed: h.closed, Edge: h.ingress.EdgeOf, Log: h.log, Birth: h.birth, Occupied: h.occupied, Prove: h.proveTo,
		CallsForHelp: h.ingress.CallsForHelp,
		Deck:         h.decks, Junction: junctions, Archive: h.records}
	accounts := &account.Floor{Member: h.member, Directory: h.directory, Log: h.log,
		Journal: h.store.Journal(), Snapshots: h.store.Bucket(store.Registrations),
		Limits: func() conf.Accounts { return h.live.Conf().Accounts }, Own: h.own,
		Arrived: h.arrived}
	h.member.Introduce("edge", h.ingress.MakeEdge(func() signal.Edge { return h.sip }))
	h.member.Introduce("signal", h.ingress.MakeSignal(func() conf.Routing { return h.live.Conf().Routing }, h.lastWords, h.log))
	h.member.Introduce("leg", floor.Make)
	h.member.Introduce("mixer", (&mixer.Floor{Member: h.member, Deck: h.decks, Junction: junctions, Log: h.log}).Make)
	h.member.Introduce("account", accounts.Make)
	h.introduceLamps()
	h.introduceKeylamps()
	h.introduceQueues()
	h.introducePartitions()
	h.introduceExchanges()
	h.introduceTrunks()
	h.introduceScribes()
	h.instance, h.nonceKey = clusterInstance(secret), derive(secret, "programs' nonces")
	h.introduceTasks()
	if err := h.introduceSessions(derive(secret, "session")); err != nil {
		return err
	}
	return h.joinOthers()
}

// obey takes changed settings on that act while the member runs. What a call needs is read when it
// begins.
func (h *House) obey() error {
	for section, told := range map[string]func(*conf.Conf){
		"routing": func(c *conf.Conf) {
			h.ingress.SetPolicy(h.ledger.Policy())
			h.member.SetLimit("signal", c.Routing.MaxSignals)
		},
		"member": func(c *conf.Conf) {
			h.member.SetLimit("leg", c.Member.MaxLegs)
			h.ingress.SetFronts(c.Member.MaxLegs)
		},
		"tasks": func(c *conf.Conf) {
			h.member.SetLimit("task", c.Tasks.MaxTasks)
			h.member.SetLimit("mixer", c.Tasks.MaxMixers)
		},
		"queues": func(c *conf.Conf) {
			h.member.SetLimit("queue", 2*c.Queues.MaxQueues)
			h.member.SetLimit("agent", 2*c.Queues.MaxAgents)
		},
		"recorders": func(c *conf.Conf) { h.member.SetLimit("scribe", c.Recorders.MaxSessions) },
		"ximss":     func(c *conf.Conf) { h.member.SetLimit("session", c.XIMSS.MaxSessions) },
		"accounts": func(c *conf.Conf) {
			h.member.SetLimit("account", c.Accounts.MaxAccounts)
			h.member.SetLimit("lamp", c.Accounts.MaxAccounts)
			h.member.SetLimit("presence", c.Accounts.MaxAccounts)
			h.member.SetLimit("keylamp", c.Accounts.MaxAccounts)
			h.presence.RulesChanged()
		},
	} {
		if err := h.subscribe(section, told); err != nil {
			return err
		}
	}
	return nil
}

// reliably is what the words of sip.reliable mean.
var reliably = map[string]dialog.Reliably{"off": dialog.Never, "required": dialog.IfRequired, "media": dialog.WithSDP,
	"all": dialog.IfKnown, "demanded": dialog.Demanded}

// birth is what a leg is made of that talks over a flow. The edge completes the Contact.
func (h *House) birth(flow signal.Flow, user string, work *msg.LegStart) leg.Birth {
	c := h.live.Conf()
	bind := h.audioAt(flow, work.GetUrgent())
	public := bind
	if a, err := netip.ParseAddr(c.Media.Public); err == nil {
		public = a
	}
	media := sdp.Capability{Address: public, Codecs: codecs(c.Media.Codecs), Ptime: c.Media.Ptime, Name: c.SIP.UserAgent,
		Required: h.encryption(work) == "required"}
	if h.encryption(work) != "never" {
		media.Suites, media.Fingerprint = sdp.Suites, h.engine.Fingerprint()
	}
	return leg.Birth{
		Member: c.Member.Name, Boot: h.member.Boot(), Bind: bind, Peer: flow.Remote.Addr(),
		Contact: signal.Party{URI: signal.URI{Scheme: "sip", User: user}},
		Timers:  timersOf(c), Reliably: reliably[c.SIP.Reliable],
		Timing: dialog.SessionTimer{Interval: c.SIP.SessionExpires, Min: c.SIP.MinSE},
		Headers: signal.Headers{{Name: "User-Agent", Value: c.SIP.UserAgent},
			{Name: "Allow", Value: signal.Allow}, {Name: "Supported", Value: signal.Supported}},
		Media: media, ClearKeys: c.Media.SRTPClear,
		Limits: legLimits(c.Routing), Recorders: h.recordersOf(),
	}
}

// timersOf are the base intervals of the settings.
func timersOf(c *conf.Conf) dialog.Timers { return dialog.Timers{T1: c.SIP.T1, T2: c.SIP.T2} }

// lastWords is how long one waits for the answer to a request that an edge sends now, be it of a dialog or not.
func (h *House) lastWords() time.Duration { return timersOf(h.live.Conf()).LastWords() }

// legLimits are the times of a leg. It waits for its answer longer than whoever has it called lets it ring: a Signal as long as
// the settings say, at each forward anew, and a program as long as it may.
func legLimits(r conf.Routing) leg.Limits {
	l := leg.DefaultLimits
	longest := max(r.RingTimeout*time.Duration(r.MaxForwards+1), time.Duration(task.DefaultLimits.Ring)*time.Second)
	l.Unanswered = max(l.Unanswered, longest+time.Minute)
	return l
}

// encryption is how the audio of a leg is encrypted, in a word of media.srtp: its trunk's or its account's, or else that of the
// settings.
func (h *House) encryption(work *msg.LegStart) string {
	c := h.live.Conf()
	own := ""
	if t, ok := c.Trunks.Of(work.Trunk); ok {
		own = t.SRTP
	} else if a, ok := h.directory.Account(signal.AOR(cmp.Or(work.GetOutgoing().GetAccount(), work.GetIncoming().GetRequest().GetAccount()))); ok {
		own = a.SRTP
	}
	return cmp.Or(own, c.Media.SRTP)
}

// audioAt is the address at which a leg takes its party's audio: that to which the signalling came, unless it is another
// member's, or media.bind names others.
func (h *House) audioAt(flow signal.Flow, urgent bool) netip.Addr {
	c := h.live.Conf()
	came := flow.Local.Addr().Unmap()
	foreign := flow.IsZero() || flow.Session != "" || flow.Edge != "" && flow.Edge != c.Member.Name // its near end is no address of ours
	if !foreign && (len(c.Media.Bind) == 0 || slices.Contains(facing(c.Media.Bind, came), came)) {
		return came
	}
	if own := h.audio(flow.Remote.Addr(), urgent); own.IsValid() {
		return own
	}
	return came
}

// audio is the address at which this member takes the audio of a peer: of those of media.bind of the peer's family the
// one with the most free ports, for a call for help or another. Where it names none the address of sip.bind, or that by
// which the peer is reached. Not valid: there is none.
func (h *House) audio(peer netip.Addr, urgent bool) netip.Addr {
	c := h.live.Conf()
	if at := h.engine.Roomiest(urgent, facing(c.Media.Bind, peer)); at.IsValid() {
		return at
	}
	if all := facing(c.SIP.Bind, peer); len(all) > 0 && len(c.Media.Bind) == 0 {
		return all[0]
	}
	return h.sip.Facing(netip.AddrPortFrom(peer, 5060))
}

// audioBetween is the same for the audio of another member.
func (h *House) audioBetween(peer netip.Addr) netip.Addr { return h.audio(peer, false) }

// facing are those of some addresses that are of a peer's family; where that is not known, of the first one's. Not those
// that stand for every one of the machine.
func facing(bind []string, peer netip.Addr) (out []netip.Addr) {
	for _, text := range bind {
		a, err := netip.ParseAddr(text)
		if err != nil || a.IsUnspecified() {
			continue
		}
		if a = a.Unmap(); !peer.IsValid() {
			peer = a
		}
		if a.Is4() == peer.Unmap().Is4() {
			out = append(out, a)
		}
	}
	return out
}

// codecs are the codecs of the settings; conf has checked their names.
func codecs(names []string) []codec.Codec {
	var out []codec.Codec
	for _, n := range names {
		if c, ok := codec.ByName(n); ok {
			out = append(out, c)
		}
	}
	return out
}

// closed takes a record that became durable. It runs on a goroutine of the store.
func (h *House) closed(r *msg.LegRecord) {
	h.keeper.Closed(r.Leg)
	h.tally.Call(r)
	h.tellTrunk(r)
	h.trunkEnds.add(r)
	h.observe(r)
}

// own reports whether a URI leads back to us: to this member's own listener, the one of its transport, or to
// that of another member.
func (h *House) own(u signal.URI) bool {
	if h.sip.Farm().Leads(u) {
		return true
	}
	if u.Port != h.listens(u) {
		return false
	}
	host := farm.HostOf(u)
	a, err := netip.ParseAddr(host)
	if err != nil {
		return h.ingress.Table().Domain() == host
	}
	for _, bind := range h.live.Conf().SIP.Bind {
		b, err := netip.ParseAddr(bind)
		if err == nil && (b == a || b.IsUnspecified() && a.IsLoopback()) {
			return true
		}
	}
	return false
}

// listens is the port, as a URI would name it, at which this member hears the URI's transport: 0 for
// the usual one.
func (h *House) listens(u signal.URI) int {
	p := h.sip.Ports()
	port, usual := p.UDP, 5060
	switch transport, _ := u.Params.Get("transport"); {
	case u.Sealed():
		port, usual = p.TLS, 5061
	case strings.EqualFold(transport, "tcp"):
		port = p.TCP
	}
	if u.Port == 0 && port == usual {
		return 0
	}
	return port
}
