package main

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"

	"tandem/conf"
)

// wanted is one port that a member will bind.
type wanted struct {
	key, network string
	hosts        []string
	port         int
}

// busyPorts names every port of the configuration that another program holds. It binds each for a
// moment: a UDP port that several sockets share would not tell.
func busyPorts(c *conf.Conf) error {
	all := []wanted{
		{"sip.udp", "udp", c.SIP.Bind, c.SIP.UDP},
		{"sip.tcp", "tcp", c.SIP.Bind, c.SIP.TCP},
		{"http.port", "tcp", c.HTTP.Bind, c.HTTP.Port},
		{"cli.port", "tcp", c.CLI.Bind, c.CLI.Port},
		{"ximss.port", "tcp", c.XIMSS.Bind, c.XIMSS.Port},
		{"ami.port", "tcp", c.AMI.Bind, c.AMI.Port},
	}
	if c.SIP.Cert != "" {
		all = append(all, wanted{"sip.tls", "tcp", c.SIP.Bind, c.SIP.TLS})
	}
	if c.HTTP.Cert != "" {
		all = append(all, wanted{"http.tls_port", "tcp", c.HTTP.Bind, c.HTTP.TLSPort})
	}
	if c.XIMSS.Cert != "" {
		all = append(all, wanted{"ximss.tls_port", "tcp", c.XIMSS.Bind, c.XIMSS.TLSPort})
	}
	for _, e := range []struct{ key, at string }{
		{"cluster.address", c.Cluster.Address}, {"store.listen", c.Store.Listen}, {"store.route", c.Store.Route},
	} {
		if host, port, err := net.SplitHostPort(e.at); err == nil {
			n, _ := strconv.Atoi(port) // the settings are checked
			all = append(all, wanted{e.key, "tcp", []string{host}, n})
		}
	}
	var errs []error
	for _, w := range all {
		for _, host := range w.hosts {
			errs = append(errs, w.check(host))
		}
	}
	return errors.Join(errs...)
}

// check binds and frees the port on one address.
func (w wanted) check(host string) error {
	if w.port <= 0 { // none, or any
		return nil
	}
	address := net.JoinHostPort(host, strconv.Itoa(w.port))
	var err error
	if w.network == "udp" {
		var c net.PacketConn
		if c, err = net.ListenPacket(w.network, address); err == nil {
			_ = c.Close()
		}
	} else {
		var l net.Listener
		if l, err = net.Listen(w.network, address); err == nil {
			_ = l.Close()
		}
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.EADDRINUSE) && (w.key == "cluster.address" || strings.HasPrefix(w.key, "store.")):
		return fmt.Errorf("port %d of %s is used by another program: stop it, or choose another address with "+
			"--set %s=HOST:PORT, of which the other members must know", w.port, host, w.key)
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("port %d (%s) of %s is used by another program: stop it, or choose another port "+
			"with --set %s=PORT (0 takes any free one)", w.port, w.network, host, w.key)
	}
	return fmt.Errorf("%s: cannot listen on %s %s: %w", w.key, w.network, address, err)
}
