package actors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/account"
	"tandem/actors/agent"
	"tandem/actors/cluster"
	"tandem/actors/cluster/trust"
	"tandem/actors/console"
	"tandem/actors/deck"
	"tandem/actors/desk"
	"tandem/actors/files"
	"tandem/actors/keeper"
	"tandem/actors/keylamp"
	"tandem/actors/ledger"
	"tandem/actors/leg"
	"tandem/actors/msg"
	"tandem/actors/pbx"
	"tandem/actors/pbx/storage"
	"tandem/actors/presence"
	"tandem/actors/queue"
	"tandem/actors/queuelog/table"
	"tandem/actors/queuelog/writer"
	"tandem/actors/router"
	"tandem/actors/scribe"
	"tandem/actors/session"
	"tandem/actors/setting"
	"tandem/actors/stat"
	"tandem/actors/stat/intake"
	"tandem/actors/store"
	"tandem/actors/tally"
	"tandem/conf"
	"tandem/media"
	"tandem/sip"
	"tandem/sip/auth"
	"tandem/web"
	"tandem/ximss"
	"tandem/ximss/ami"
	"tandem/ximss/cli"
)

// House is one running member.
type House struct {
	live    *conf.Live
	log     *slog.Logger
	version string
	started time.Time

	store     *store.Store
	stored    *setting.Settings // that the cluster keeps
	directory *account.Directory

	environment *files.Environment
	storage     *storage.Storage // files of accounts
	mailboxes   *files.Mailboxes // changes of their voice mail
	instance    string           // names the cluster
	nonceKey    []byte           // of the nonces that programs make
	engine      *media.Engine
	decks       deck.Floor
	records     *files.Recordings
	recordings  string          // directory of them
	identity    *trust.Identity // among other members; nil: alone
	entrance    *entrance       // by which others come in; nil: alone
	member      *cluster.Member
	ingress     *router.Ingress
	scribes     *scribe.Floor
	auth        *auth.Authenticator
	sip         *sip.Server
	edge        atomic.Pointer[sip.Server] // the same, once others may be told of it
	edgeTurn    sync.Mutex                 // of who applies its settings
	legs        *leg.Table
	presence    *presence.Floor
	keylamps    *keylamp.Board
	tasks       *pbx.Table
	queues      *queue.Table // of those whose owner this member is
	agents      *agent.Table
	centre      centre
	sessions    *session.Table
	door        *session.Ingress                         // to sessions, for those who connect clients
	spawnTask   func(*msg.TaskStart) (*actor.PID, error) // one that no call begins
	metrics     *web.Metrics
	observe     func(*msg.LegRecord) // adds a record to the metrics
	keeper      *keeper.Keeper
	tables      *table.Tables // of queue logs
	trunkEnds   trunkCounts   // legs over trunks that ended
	closing     *closing      // of what dead members left open
	chronicle   *desk.Chronicle
	web         *web.Server
	porch       *web.Porch
	cli         *cli.Server
	ami         *ami.Server
	hall        *stat.Hall                        // the statistics
	intake      *intake.Intake                    // what sources outside tell them
	hears       atomic.Pointer[func(writer.Fact)] // what queues and agents do; nil: nobody wants to know
	ximss       *ximss.Server

	ledger   *ledger.Ledger
	tally    *tally.Tally
	elements *tally.Elements
	console  *console.Console
	end      func() error // asks the process to end in order

	opened    []func(context.Context) error // what Stop closes, last first
	failed    chan error
	work      sync.WaitGroup // what is begun behind Start, by aside
	beginning sync.Mutex     // of work
	ending    chan struct{}
	endOnce   sync.Once
	fence     sync.Once // what being declared dead asks for
	draining  atomic.Bool
	drain     drain
}

// housekeeping is how often the house looks after what nobody else does.
const housekeeping = 10 * time.Second

// Start opens everything in order and returns when the member carries calls. first is told the
// password of the administrator that a member without accounts makes for itself; it is told it
// once. On an error all that was opened is closed again.
func Start(ctx context.Context, live *conf.Live, version string, log *slog.Logger, first func(user, password string)) (*House, error) {
	h := &House{live: live, log: log, version: version, started: time.Now(),
		legs: leg.NewTable(), queues: queue.NewTable(), agents: agent.NewTable(), failed: make(chan error, 1), ending: make(chan struct{})}
	h.closing = newClosing(h)
	for _, step := range []struct {
		name string
		open func(context.Context) error
	}{
		{"settings", h.openSettings},
		{"porch", h.openPorch},
		{"certificate", h.openTrust},
		{"store", h.openStore},
		{"authority", h.shareAuthority},
		{"settings of the cluster", h.openStored},
		{"commands", h.openCommands},
		{"accounts", h.openAccounts},
		{"first accounts", func(ctx context.Context) error { return h.found(ctx, first) }},
		{"journal", h.openKeeper},
		{"media", h.openMedia},
		{"applications", h.openEnvironment},
		{"storage", h.openStorage},
		{"recordings", h.openRecordings},
		{"console", h.openConsole},
		{"metrics", h.openMetrics},
		{"actors", h.openActors},
		{"queue log", h.openRecords},
		{"statistics", h.openStatistics},
		{"sources of statistics", h.openSources},
		{"queue logs of other servers", h.openQueueLogs},
		{"orphans", h.deliverOrphans},
		{"sip", h.openSIP},
		{"lamps", h.openLamps},
		{"entrance", h.openEntrance},
		{"sessions", h.openXIMSS},
		{"web", h.openWeb},
		{"cli", h.openCLI},
		{"manager interface", h.openAMI},
		{"scheduled tasks", h.openSchedule},
		{"other members", h.awaitOthers},
		{"queues", h.openQueues},
		{"exchanges", h.openExchanges},
		{"trunks", h.openTrunks},
	} {
		if h.porch != nil {
			h.porch.Step(step.name)
		}
		if err := step.open(ctx); err != nil {
			stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			return nil, errors.Join(fmt.Errorf("%s: %w", step.name, err), h.close(stop))
		}
	}
	h.work.Go(h.keepHouse)
	h.work.Go(h.watchWeb)
	if h.identity != nil {
		h.work.Go(h.closing.run)
		h.work.Go(h.sayVitals)
	}
	return h, nil
}

// closes notes what undoes a step.
func (h *House) closes(f func(context.Context) error) { h.opened = append(h.opened, f) }

func (h *House) close(ctx context.Context) error {
	var errs []error
	for i := len(h.opened) - 1; i >= 0; i-- {
		err := h.opened[i](ctx)
		if err != nil && errors.Is(err, ctx.Err()) { // it is closed, and did not wait for its clients: others took the time
			h.log.Warn("a part of the member was closed without waiting for its clients", "err", err)
			err = nil
		}
		errs = append(errs, err)
	}
	h.opened = nil
	return errors.Join(errs...)
}

func (h *House) openStore(ctx context.Context) (err error) {
	c := h.live.Conf()
	if c.Member.Data == "" {
		return errors.New("member.data names no directory: where shall it keep accounts and records?")
	}
	_, kept := h.others()
	if h.store, err = store.Open(ctx, c.Member.Data, kept, h.security(), h.log); err != nil {
		return err
	}
	h.closes(h.store.Close)
	return nil
}

// openKeeper makes good what a crash left open, as far as nobody else does.
func (h *House) openKeeper(ctx context.Context) error {
	c := h.live.Conf()
	h.keeper = keeper.New(keeper.Options{Store: h.store, Directory: h.directory, Table: h.legs, Member: c.Member.Name,
		Alone: c.Cluster.Alone(), Recall: h.recall, Log: h.log})
	h.closes(func(context.Context) error { h.keeper.End(); return nil })
	return h.keeper.Open(ctx)
}

func (h *House) openMedia(context.Context) (err error) {
	c := h.live.Conf().Media
	if len(c.Bind) == 0 {
		c.Bind = h.live.Conf().SIP.Bind
	}
	if c.Recordings == "" {
		c.Recordings = filepath.Join(h.live.Conf().Member.Data, "recordings")
	}
	h.recordings = c.Recordings
	if h.engine, err = media.New(c, h.log); err != nil {
		return err
	}
	h.closes(func(context.Context) error { return h.engine.Close() })
	return h.engine.ListenWebRTC()
}

func (h *House) openSIP(context.Context) error {
	c := h.live.Conf()
	h.sip = sip.New(h.edgeSettings(), c.Member.Name, h.ingress, h.auth, h.log)
	if err := h.ingress.StartEdges(); err != nil {
		return err
	}
	h.joinFarm()
	h.offer(c.Cluster)
	h.closes(func(ctx context.Context) error { return h.sip.Close(settleTime) })
	err := h.subscribe("sip", func(c *conf.Conf) {
		h.auth.MD5Only(c.SIP.MD5Agents)
		h.applyEdge()
	})
	if err != nil {
		return err
	}
	if err := h.sip.Listen(); err != nil {
		return err
	}
	return h.engine.Shun(uint16(h.sip.Ports().UDP), uint16(h.engine.WebRTCPort()))
}

// openPorch has somebody answer who asks whether this process lives, until the web server does.
func (h *House) openPorch(context.Context) error {
	h.porch = web.OpenPorch(served(h.live.Conf()), h.log)
	h.closes(func(context.Context) error { h.porch.Close(); return nil })
	return nil
}

func (h *House) openWeb(context.Context) error {
	c := h.live.Conf()
	token, err := web.WriteToken(c.Member.Data)
	if err != nil {
		return err
	}
	h.web, err = web.New(web.Options{HTTP: served(c), SIP: c.SIP, XIMSS: c.XIMSS, Adapter: c.Adapters, Token: token, Metrics: h.metrics, Log: h.log,
		Hint: h.demoHint()}, h.services())
	if err != nil {
		return err
	}
	h.closes(h.web.Stop)
	for _, section := range []string{"http", "sip", "ximss", "routing", "adapters"} {
		if err := h.subscribe(section, func(c *conf.Conf) { h.web.Apply(served(c), c.SIP, c.XIMSS, c.Adapters) }); err != nil {
			return err
		}
	}
	h.porch.Close()
	return h.web.Start()
}

// served are the listener's settings with the domains of the members as names that it answers.
func served(c *conf.Conf) conf.HTTP {
	web := c.HTTP
	web.Hosts = append(append([]string{c.Routing.Domain}, c.Routing.Domains...), c.HTTP.Hosts...)
	return web
}

// expiry is how often the house looks for voice messages and recordings that are old.
const expiry = time.Hour

// keepHouse does now and then what nobody else does: puts idle named actors away, moves the keeper's
// checkpoint on, and deletes old voice messages and recordings.
func (h *House) keepHouse() {
	tick, old := time.NewTicker(housekeeping), time.NewTicker(expiry)
	defer tick.Stop()
	defer old.Stop()
	for {
		select {
		case now := <-tick.C:
			h.member.PutAway(now)
			h.endOldTasks(now)
			h.endOrphanedSessions()
			h.keeper.Checkpoint()
			h.renewCertificate()
			h.ingress.Sweep(now)
		case now := <-old.C:
			if h.identity == nil || h.closing.leads.Load() { // one member does it for all
				h.expireMail(context.Background(), now)
				h.expireRecordings(context.Background(), now)
			}
		case <-h.ending:
			return
		}
	}
}

func (h *House) watchWeb() {
	select {
	case err := <-h.web.Failed():
		h.fail(fmt.Errorf("web: %w", err))
	case err := <-h.cli.Failed():
		h.fail(fmt.Errorf("cli: %w", err))
	case err := <-h.ami.Failed():
		h.fail(fmt.Errorf("ami: %w", err))
	case err := <-h.ximss.Failed():
		h.fail(fmt.Errorf("ximss: %w", err))
	case <-h.ending:
	}
}

// aside does something on a goroutine that the end of the house waits for; not at all if that is waiting already.
func (h *House) aside(f func()) {
	h.beginning.Lock()
	defer h.beginning.Unlock()
	select {
	case <-h.ending:
	default:
		h.work.Go(f)
	}
}

func (h *House) fail(err error) {
	select {
	case h.failed <- err:
	default:
	}
}

// Failed tells of a failure that the member can not live with.
func (h *House) Failed() <-chan error { return h.failed }

// Ports are the ports really bound, by the names of the ports file.
func (h *House) Ports() map[string]int {
	p := h.sip.Ports()
	out := map[string]int{}
	for name, port := range map[string]int{"sip_udp": p.UDP, "sip_tcp": p.TCP, "sip_tls": p.TLS} {
		if port != 0 {
			out[name] = port
		}
	}
	for name, port := range h.web.Ports() {
		out[name] = port
	}
	if port := h.engine.WebRTCPort(); port != 0 {
		out["webrtc_udp"] = port
	}
	if port := h.cli.Port(); port != 0 {
		out["cli"] = port
	}
	if port := h.ami.Port(); port != 0 {
		out["ami"] = port
	}
	for name, port := range h.ximss.Ports() {
		out[name] = port
	}
	return out
}

// Name is the member's name.
func (h *House) Name() string { return h.member.Name() }

// Times of a stop. A call is ended with BYE and its record written; a peer that does not answer its
// BYE is not waited for longer.
const (
	goodbye     = 1500 * time.Millisecond // for the answers to our BYEs
	lastRecords = 500 * time.Millisecond  // for the records of those that were not answered
	settleTime  = 500 * time.Millisecond  // for the edge's transactions

	// LastTime is what a stop needs beside the time for its calls to end by themselves.
	LastTime = 3 * time.Second
)

// Stop ends the member: new calls are refused, those that go on may do so for conf.Member.Drain, then
// they are hung up, and everything is closed. ctx cuts that first part short, and only that: goodbyes are
// said and records written all the same, within LastTime.
func (h *House) Stop(ctx context.Context) error {
	limit := h.live.Conf().Member.Drain
	h.drainForGood("it stops", limit)
	h.member.HandOver(ctx)
	h.awaitLegs(ctx, limit)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), LastTime)
	defer cancel()
	const reason = `SIP;cause=503;text="Server stops"`
	h.hangUp(last, &msg.LegHangup{Status: 503, Reason: reason})
	h.awaitLegs(last, lastRecords)
	h.awaitOthersRecords(last)
	h.beginning.Lock()
	h.endOnce.Do(func() { close(h.ending) })
	h.beginning.Unlock()
	h.work.Wait()
	return h.close(last)
}

// awaitLegs waits until no leg lives, for at most d and not beyond the end of the house.
func (h *House) awaitLegs(ctx context.Context, d time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	_ = cluster.Until(ctx, 10*time.Millisecond, func() bool { return h.member.Alive("leg") == 0 || h.ended() })
}

// ended tells that the house ends.
func (h *House) ended() bool {
	select {
	case <-h.ending:
		return true
	default:
		return false
	}
}

// stopper is what undoes a step, as House.closes takes it.
func stopper(stop func()) func(context.Context) error {
	return func(context.Context) error { stop(); return nil }
}
