package main

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"tandem/conf"
)

// banner says how to use what runs now, in at most 19 lines; the line "ready" follows it.
func banner(p conf.DevPlan, lives []*conf.Live, bound ports) string {
	var b strings.Builder
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(&b, format+"\n", args...) }
	first := lives[0].Conf()
	if len(lives) == 1 {
		single(line, first, bound[first.Member.Name])
		line("  data      %s  (--fresh forgets it)", p.Data)
		line("")
		line("  dial      9196  an echo: hear yourself")
		line("            9197  a tone of 1004 Hz")
		line("            200   the auto-attendant: listen, and press a key")
		line("            *98   voice mail, of whoever calls from a registered phone")
		line("            2000  the queue sales: music, until 1002 dials *41 to serve it")
		line("            3001  a conference room, like every 30nn and 33nn")
	} else {
		several(line, lives, bound)
		line("  accounts  1000 to 1019 in %s, password 1234; admin is administrator", first.Routing.Domain)
		line("  data      %s  (--fresh forgets it)", p.Data)
		line("  dial      9196 an echo, 9197 a tone, 200 the auto-attendant, *98 voice mail, 3001 a room, 2000 a queue")
	}
	line("")
	if len(lives) == 1 {
		line("  try       tandem selftest, tandem call list --ended")
	} else {
		line("  try       tandem cluster members, tandem selftest, tandem call list --ended")
	}
	line("  stop      Ctrl-C")
	line("  for real  tandem serve --config FILE; tandem config show prints every setting")
	line("")
	return b.String()
}

// single tells of one member.
func single(line func(string, ...any), c *conf.Conf, bound map[string]int) {
	web := hostPort(c.HTTP.Bind, bound["http"])
	line("Tandem runs on this machine alone, with accounts that everybody knows.")
	line("")
	line("  web       http://%s  (/api/v1/, /metrics, /readyz)", web)
	line("  phone     http://%s/user/  (log in as one of the accounts)", web)
	line("  SIP       %s over UDP, %s over TCP, ws://%s/sip",
		hostPort(c.SIP.Bind, bound["sip_udp"]), hostPort(c.SIP.Bind, bound["sip_tcp"]), web)
	line("  accounts  1000 to 1019 in %s, password 1234; admin is administrator", c.Routing.Domain)
}

// several tells of the members of a cluster, a line for each.
func several(line func(string, ...any), lives []*conf.Live, bound ports) {
	line("Tandem runs on this machine alone, as %d members, with accounts that everybody knows.", len(lives))
	line("")
	for _, l := range lives {
		c := l.Conf()
		at := bound[c.Member.Name]
		line("  %s   http://%s  SIP %s", c.Member.Name, hostPort(c.HTTP.Bind, at["http"]),
			hostPort(c.SIP.Bind, at["sip_udp"]))
	}
}

// hostPort is where a listener can be reached.
func hostPort(bind []string, port int) string {
	host := "127.0.0.1"
	if len(bind) > 0 {
		host = bind[0]
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + strconv.Itoa(port)
}

// reachable is where a listener can be reached from this machine.
func reachable(bind []string, port int) string {
	if len(bind) > 0 {
		if a, err := netip.ParseAddr(bind[0]); err == nil && a.IsUnspecified() {
			bind = nil
			if a.Is6() {
				bind = []string{"::1"}
			}
		}
	}
	return hostPort(bind, port)
}
