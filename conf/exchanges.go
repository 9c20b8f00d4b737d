package conf

import "net"

// Exchanges are servers of another make, such as Asterisk, whose queue_logs are partitions here, and which are spoken to
// through their manager interfaces: for live views, and to have them do something.
type Exchanges struct {
	// Those servers; all members have the same, since any of them may be the one that speaks with a server.
	Servers []Exchange `change:"now"`
}

// Exchange is a server with a manager interface.
type Exchange struct {
	// Name of its partition, a word.
	Name string
	// Address and port of its manager interface, such as 10.0.0.7:5038.
	Address string
	// User of the manager interface; needs to read agent and system, and to write agent, call and originate.
	User string
	// Secret of that user.
	Secret Secret
	// Context of its dialplan into which calls are sent.
	Context string
}

// DefaultExchanges returns the section's defaults.
func DefaultExchanges() Exchanges { return Exchanges{} }

// maxExchanges bounds the servers, and with them what is kept of their queues.
const maxExchanges = 200

func (e Exchanges) check(k *checker) {
	if len(e.Servers) > maxExchanges {
		k.wrong("exchanges.servers", "has more than 200 servers", "fewer")
	}
	names := map[string]bool{}
	for i, s := range e.Servers {
		at := part("exchanges.servers", i) + "."
		if !nameLike(s.Name) || names[s.Name] {
			k.wrong(at+"name", quote(s.Name)+" is no name of a partition, or is there twice", "letters, digits, '-', '.' and '_', each once")
		}
		names[s.Name] = true
		if _, port, err := net.SplitHostPort(s.Address); err != nil || port == "" {
			k.wrong(at+"address", quote(s.Address)+" is no address with a port", "a value such as 10.0.0.7:5038")
		}
		if s.User == "" {
			k.wrong(at+"user", "is empty", "the name of a user in the server's manager.conf")
		}
	}
}

// Of is the server of a partition; false: there is none.
func (e Exchanges) Of(name string) (Exchange, bool) {
	for _, s := range e.Servers {
		if s.Name == name {
			return s, true
		}
	}
	return Exchange{}, false
}
