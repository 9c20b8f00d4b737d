package conf

import (
	"crypto/sha256"
	"log/slog"
)

// Conf is the whole configuration of a member, immutable once loaded.
type Conf struct {
	Member    Member
	Cluster   Cluster
	Log       Log
	SIP       SIP
	HTTP      HTTP
	CLI       CLI
	XIMSS     XIMSS
	Media     Media
	Store     Store
	Routing   Routing
	Accounts  Accounts
	Tasks     Tasks
	Queues    Queues
	AMI       AMI
	Reports   Reports
	Stat      Stat
	Adapters  Adapters
	Exchanges Exchanges
	Trunks    Trunks
	Recorders Recorders

	origins origins           // where each value that is no default came from
	digest  [sha256.Size]byte // of the file that was read
}

// Default is the configuration of a member that was told nothing.
func Default() Conf {
	return Conf{
		Member: DefaultMember(), Cluster: DefaultCluster(), Log: DefaultLog(), SIP: DefaultSIP(), HTTP: DefaultHTTP(), CLI: DefaultCLI(),
		XIMSS: DefaultXIMSS(),
		Media: DefaultMedia(), Store: DefaultStore(), Routing: DefaultRouting(),
		Accounts: DefaultAccounts(), Tasks: DefaultTasks(),
		Queues: DefaultQueues(), AMI: DefaultAMI(), Reports: DefaultReports(), Stat: DefaultStat(), Adapters: DefaultAdapters(), Exchanges: DefaultExchanges(), Trunks: DefaultTrunks(),
		Recorders: DefaultRecorders(),
	}
}

// Check tells everything that is wrong with the values themselves and among each other; it looks at
// no file. The error, if any, is an Errors.
func (c *Conf) Check() error {
	if errs := c.check(nil); len(errs) > 0 {
		return errs
	}
	return nil
}

// check leaves out the keys in bad: their values could not be read and stand at their defaults, so
// that anything said about them would only confuse.
func (c *Conf) check(bad map[string]bool) Errors { return c.checked(bad).errs }

func (c *Conf) checked(bad map[string]bool) *checker {
	k := &checker{conf: c, bad: bad}
	for _, f := range fields() {
		k.field(f)
	}
	c.Member.check(k)
	c.Cluster.check(k)
	c.SIP.check(k)
	c.HTTP.check(k)
	c.CLI.check(k)
	c.XIMSS.check(k)
	c.Media.check(k)
	c.Store.check(k)
	c.Routing.check(k)
	c.Accounts.check(k)
	c.Tasks.check(k)
	c.Queues.check(k)
	c.AMI.check(k)
	c.Reports.check(k)
	c.Stat.check(k)
	c.Adapters.check(k)
	c.Exchanges.check(k)
	c.Trunks.check(k)
	c.Recorders.check(k)
	k.ports()
	k.demo()
	return k
}

// checkFiles looks at the files that the settings name. It is apart from check because files may
// go after they were read: what runs is right all the same.
func (c *Conf) checkFiles(bad map[string]bool) Errors {
	k := &checker{conf: c, bad: bad}
	k.pair("sip", c.SIP.Cert, c.SIP.Key)
	k.pair("http", c.HTTP.Cert, c.HTTP.Key)
	k.pair("ximss", c.XIMSS.Cert, c.XIMSS.Key)
	return k.errs
}

// LogValue shows the settings that differ from their defaults, secrets masked.
func (c *Conf) LogValue() slog.Value {
	standard := Default()
	var attrs []slog.Attr
	for _, f := range fields() {
		if v := f.of(c); !equal(v, f.of(&standard)) {
			attrs = append(attrs, slog.String(f.Key, text(v)))
		}
	}
	return slog.GroupValue(attrs...)
}
