package conf

import "time"

// AMI is the listener for programs that speak Asterisk's manager interface. It is not encrypted, so that it listens on
// loopback unless it is told otherwise.
type AMI struct {
	// Addresses to listen on, IPv4 or IPv6, without a port.
	Bind []string `change:"restart" scope:"member"`
	// Port, 5038 as a rule; 0 takes any free one, -1 opens none.
	Port int `range:"-1..65535" change:"restart"`
	// How long a connection may stand open before somebody logs in on it.
	LoginTime time.Duration `range:"1s..1h" change:"now"`
	// Connections at once; the next one is refused.
	MaxConns int `unit:"connections" range:"1..10000" change:"now"`
	// Size of one action with all its lines; a larger one closes the connection.
	MaxAction int `unit:"bytes" range:"1KiB..1MiB" change:"now"`
	// Text of events that may wait for a slow client; more closes its connection. Answers wait until they are read.
	MaxUnread int `unit:"bytes" range:"64KiB..256MiB" change:"now"`
}

// DefaultAMI returns the section's defaults.
func DefaultAMI() AMI {
	return AMI{Bind: []string{"127.0.0.1"}, Port: -1, LoginTime: 30 * time.Second, MaxConns: 50, MaxAction: 64 << 10, MaxUnread: 4 << 20}
}

func (a AMI) check(k *checker) {
	k.addresses("ami.bind", a.Bind, true)
}
