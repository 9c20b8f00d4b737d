package conf

import "time"

// CLI is the listener of the admin command line. Its dialogue is not encrypted, so that it listens on
// loopback unless it is told otherwise.
type CLI struct {
	// Addresses to listen on, IPv4 or IPv6, without a port.
	Bind []string `change:"restart" scope:"member"`
	// Port; 0 takes any free one, -1 opens none.
	Port int `range:"-1..65535" change:"restart"`
	// A connection without a command for so long is closed.
	IdleTimeout time.Duration `range:"1s..24h" change:"now"`
	// Connections at once; the next one is refused.
	MaxConns int `unit:"connections" range:"1..10000" change:"now"`
	// Size of an administrator's command line, with the files in it; a longer one closes the connection.
	MaxLine int `unit:"bytes" range:"4KiB..64MiB" change:"now"`
}

// DefaultCLI returns the section's defaults.
func DefaultCLI() CLI {
	return CLI{Bind: []string{"127.0.0.1"}, Port: 8106, IdleTimeout: 10 * time.Minute, MaxConns: 50, MaxLine: 8 << 20}
}

func (c CLI) check(k *checker) {
	k.addresses("cli.bind", c.Bind, true)
}
