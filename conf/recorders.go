package conf

import (
	"strings"
	"time"
)

// Recorders are the recording servers of others to which calls are brought while they are talked (SIPREC, RFC 7866).
type Recorders struct {
	// Whose calls go to which servers; all members have the same. A call goes to each recorder that wants it, once.
	List []Recorder `change:"next call"`
	// Calls that this member brings to recording servers at once; a further one is not recorded. 0 is no limit.
	MaxSessions int `unit:"sessions" range:"0..100000" change:"now"`
}

// Recorder is a set of recording servers that stand in for each other, and whose calls they get.
type Recorder struct {
	// Name, a word.
	Name string
	// Servers, the best first, each a URI such as sip:srs.example.com;transport=tcp, or the name of a trunk: one that refuses
	// or is lost makes room for the next.
	Servers []string
	// Accounts whose calls it gets, user@domain or @domain.
	Accounts []string
	// Queues, by name, whose calls it gets, while an agent talks.
	Queues []string
	// Trunks, by name, whose calls it gets, both ways.
	Trunks []string
	// Whether a call must end that no server records; else it goes on.
	Required bool
	// How long a server may take to answer before the next one is tried; 0s is 4s.
	Patience time.Duration
	// How often a server that records is asked for a sign of life; 0s is 10s.
	Probe time.Duration
}

// DefaultRecorders returns the section's defaults.
func DefaultRecorders() Recorders { return Recorders{MaxSessions: 500} }

// Limits of the section.
const (
	maxRecorders       = 100
	maxRecorderServers = 16
	maxRecorded        = 5000 // accounts, queues and trunks of one recorder
)

// Of finds a recorder by its name, with its defaults filled in. False: there is none.
func (r Recorders) Of(name string) (Recorder, bool) {
	for _, x := range r.List {
		if x.Name != name {
			continue
		}
		if x.Patience == 0 {
			x.Patience = 4 * time.Second
		}
		if x.Probe == 0 {
			x.Probe = 10 * time.Second
		}
		return x, true
	}
	return Recorder{}, false
}

// RecorderURI tells whether a server is named by a URI; else it is the name of a trunk.
func RecorderURI(server string) bool {
	return strings.HasPrefix(server, "sip:") || strings.HasPrefix(server, "sips:")
}

func (r Recorders) check(k *checker) {
	if len(r.List) > maxRecorders {
		k.wrong("recorders.list", "has more than 100 recorders", "fewer")
	}
	trunks := map[string]bool{}
	for _, t := range k.conf.Trunks.List {
		trunks[t.Name] = true
	}
	names := map[string]bool{}
	for i, x := range r.List {
		at := part("recorders.list", i) + "."
		if !nameLike(x.Name) || names[x.Name] {
			k.wrong(at+"name", quote(x.Name)+" is no name of a recorder, or is there twice", "letters, digits, '-', '.' and '_', each once")
		}
		names[x.Name] = true
		x.check(k, at, trunks)
	}
}

func (r Recorder) check(k *checker, at string, trunks map[string]bool) {
	if len(r.Servers) == 0 || len(r.Servers) > maxRecorderServers {
		k.wrong(at+"servers", "is empty, or has more than 16 servers", "at least one, such as sip:srs.example.com")
	}
	for i, s := range r.Servers {
		switch {
		case RecorderURI(s):
			if _, rest, _ := strings.Cut(s, ":"); rest == "" || !headerLike(rest) || strings.ContainsAny(rest, "<>\", ?") {
				k.wrong(part(at+"servers", i), quote(s)+" is no URI of a server", "such as sip:srs.example.com;transport=tcp")
			}
		case !trunks[s]:
			k.wrong(part(at+"servers", i), quote(s)+" is neither a URI nor a trunk", "sip:HOST, or a name of trunks.list", "trunks.list")
		}
	}
	if len(r.Accounts)+len(r.Queues)+len(r.Trunks) > maxRecorded {
		k.wrong(at+"accounts", "and queues and trunks have more than 5000 entries", "fewer; @domain is all accounts of a domain")
	}
	for i, a := range r.Accounts {
		user, domain, ok := strings.Cut(a, "@")
		if !ok || user != "" && !nameLike(user) || !hostLike(domain) {
			k.wrong(part(at+"accounts", i), quote(a)+" is neither an account nor a domain", "user@domain or @domain")
		}
	}
	for i, q := range r.Queues {
		if !nameLike(q) {
			k.wrong(part(at+"queues", i), quote(q)+" is no name of a queue", "letters, digits, '-', '.' and '_'")
		}
	}
	known(k, at+"trunks", r.Trunks, trunks)
	for _, d := range []struct {
		key string
		is  time.Duration
		min time.Duration
	}{{"patience", r.Patience, 100 * time.Millisecond}, {"probe", r.Probe, 100 * time.Millisecond}} {
		if d.is != 0 && (d.is < d.min || d.is > time.Hour) {
			k.wrong(at+d.key, text(d.is)+" is out of range", text(d.min)+"..1h, or 0s")
		}
	}
}

// Wanting are the names of the recorders that get the calls of a party: its account, the queue that has had it called and the
// trunk by which it is reached, each "" for none.
func (r Recorders) Wanting(account, queue, trunk string) (names []string) {
	_, domain, _ := strings.Cut(account, "@")
	for _, x := range r.List {
		if account != "" && (has(x.Accounts, account) || has(x.Accounts, "@"+domain)) ||
			queue != "" && has(x.Queues, queue) || trunk != "" && has(x.Trunks, trunk) {
			names = append(names, x.Name)
		}
	}
	return names
}

func has(list []string, one string) bool {
	for _, x := range list {
		if strings.EqualFold(x, one) {
			return true
		}
	}
	return false
}
