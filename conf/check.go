package conf

import (
	"crypto/tls"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// checker collects what is wrong with the values of one Conf.
type checker struct {
	conf *Conf
	bad  map[string]bool
	errs Errors

	disagree []string // keys of the values that errs are about, those that others were weighed against too
}

// wrong notes an error of key, unless key or one of the others, which it is weighed against, could
// not be read. Where key stands at its default, the place is that of the other that disagrees with it.
func (k *checker) wrong(key, wrong, right string, others ...string) {
	for _, x := range append(others, key) {
		whole, _, _ := strings.Cut(x, "[")
		if k.bad[whole] {
			return
		}
	}
	at := k.conf.origins.of(key)
	for _, x := range others {
		if at == (Origin{}) {
			at = k.conf.origins.of(x)
		}
	}
	k.errs.add(Error{at, key, wrong, right})
	for _, x := range append(others, key) {
		whole, _, _ := strings.Cut(x, "[")
		k.disagree = append(k.disagree, whole)
	}
}

// field checks what the tags of a field demand. A value out of its range is not looked at again.
func (k *checker) field(f Field) {
	v := reflect.ValueOf(f.of(k.conf))
	if f.Range != "" && (v.Int() < f.min || v.Int() > f.max) {
		k.wrong(f.Key, text(v.Interface())+" is out of range", f.Range)
		k.spoil(f.Key)
	}
	if len(f.OneOf) == 0 {
		return
	}
	words := []string{v.String()}
	at := func(int) string { return f.Key }
	if list, ok := v.Interface().([]string); ok {
		words = list
		at = func(i int) string { return part(f.Key, i) }
	}
	for i, w := range words {
		if !slices.Contains(f.OneOf, w) {
			k.wrong(at(i), quote(w)+" is unknown", "one of "+strings.Join(f.OneOf, ", "))
		}
	}
}

func (k *checker) spoil(key string) {
	bad := map[string]bool{key: true}
	for b := range k.bad {
		bad[b] = true
	}
	k.bad = bad
}

const anAddress = "an IPv4 or IPv6 address without a port, such as 192.0.2.10"

// addresses checks a list of addresses to listen on.
func (k *checker) addresses(key string, list []string, needed bool) {
	if needed && len(list) == 0 {
		k.wrong(key, "is empty", "at least one address, such as 0.0.0.0")
	}
	for i, s := range list {
		if _, err := netip.ParseAddr(s); err != nil {
			k.wrong(part(key, i), quote(s)+" is no address", anAddress)
		}
	}
	k.once(key, list)
}

// once refuses a list that says a thing twice.
func (k *checker) once(key string, list []string) {
	for i, s := range list {
		if slices.Contains(list[:i], s) {
			k.wrong(part(key, i), quote(s)+" is there twice", "each once")
		}
	}
}

// public checks an address that others are told: it must lead to us from somewhere.
func (k *checker) public(key, s string) {
	if s == "" {
		return
	}
	if a, err := netip.ParseAddr(s); err != nil || a.IsUnspecified() || a.Zone() != "" {
		k.wrong(key, quote(s)+" is no address that others could reach", anAddress)
	}
}

// certificate checks that chain and key are both named, or neither.
func (k *checker) certificate(section, cert, key string) {
	certKey, keyKey := section+".cert", section+".key"
	switch {
	case cert != "" && key == "":
		k.wrong(certKey, "stands without "+keyKey, "both, or none for no TLS", keyKey)
	case cert == "" && key != "":
		k.wrong(keyKey, "stands without "+certKey, "both, or none for no TLS", certKey)
	}
}

// pair checks that chain and key can be read and belong together.
func (k *checker) pair(section, cert, key string) {
	if cert == "" || key == "" {
		return
	}
	certKey, keyKey := section+".cert", section+".key"
	chain, certErr := readLimited(cert, maxPEM)
	secret, keyErr := readLimited(key, maxPEM)
	if certErr != nil {
		k.wrong(certKey, quote(cert)+" cannot be read: "+certErr.Error(), "a file that this user may read")
	}
	if keyErr != nil {
		k.wrong(keyKey, quote(key)+" cannot be read: "+keyErr.Error(), "a file that this user may read")
	}
	if certErr != nil || keyErr != nil {
		return
	}
	if _, err := tls.X509KeyPair(chain, secret); err != nil {
		k.wrong(certKey, "cannot be used: "+err.Error(), "PEM files of a certificate chain and its key", keyKey)
	}
}

// listener is a port that a member opens.
type listener struct {
	key       string
	bind      []string
	low, high int
	udp       bool
}

// listeners lists the fixed ports; a port that is off or any free one cannot collide.
func (c *Conf) listeners() []listener {
	rtp := c.Media.Bind
	if len(rtp) == 0 {
		rtp = c.SIP.Bind
	}
	all := []listener{
		{"sip.udp", c.SIP.Bind, c.SIP.UDP, c.SIP.UDP, true},
		{"sip.tcp", c.SIP.Bind, c.SIP.TCP, c.SIP.TCP, false},
		{"sip.tls", c.SIP.Bind, c.SIP.TLS, c.SIP.TLS, false},
		{"http.port", c.HTTP.Bind, c.HTTP.Port, c.HTTP.Port, false},
		{"http.tls_port", c.HTTP.Bind, c.HTTP.TLSPort, c.HTTP.TLSPort, false},
		{"cli.port", c.CLI.Bind, c.CLI.Port, c.CLI.Port, false},
		{"ami.port", c.AMI.Bind, c.AMI.Port, c.AMI.Port, false},
		{"ximss.port", c.XIMSS.Bind, c.XIMSS.Port, c.XIMSS.Port, false},
		{"ximss.tls_port", c.XIMSS.Bind, c.XIMSS.TLSPort, c.XIMSS.TLSPort, false},
		{"media.webrtc_port", rtp, c.Media.WebrtcPort, c.Media.WebrtcPort, true},
		{"media.port_min", rtp, c.Media.PortMin, c.Media.PortMax, true},
	}
	for _, e := range []struct{ key, at string }{
		{"cluster.address", c.Cluster.Address}, {"store.listen", c.Store.Listen}, {"store.route", c.Store.Route},
	} {
		if host, port, err := net.SplitHostPort(e.at); err == nil {
			n, _ := strconv.Atoi(port) // its own check has judged it
			all = append(all, listener{e.key, []string{host}, n, n, false})
		}
	}
	return slices.DeleteFunc(all, func(l listener) bool {
		switch l.key {
		case "sip.tls":
			return l.low <= 0 || c.SIP.Cert == ""
		case "http.tls_port":
			return l.low <= 0 || c.HTTP.Cert == ""
		case "ximss.tls_port":
			return l.low <= 0 || c.XIMSS.Cert == ""
		}
		return l.low <= 0
	})
}

// ports refuses two listeners on one port of one address.
func (k *checker) ports() {
	all := k.conf.listeners()
	for i, a := range all {
		for _, b := range all[:i] {
			if a.udp == b.udp && a.low <= b.high && b.low <= a.high && share(a.bind, b.bind) {
				k.wrong(b.key, "uses the same port as "+a.key+" on the same address", "ports that do not overlap", a.key)
			}
		}
	}
}

// share says whether two lists have an address in common; an unspecified one is every address.
func share(a, b []string) bool {
	for _, s := range a {
		for _, t := range b {
			x, errX := netip.ParseAddr(s)
			y, errY := netip.ParseAddr(t)
			if errX == nil && errY == nil && (x.Unmap() == y.Unmap() || x.IsUnspecified() || y.IsUnspecified()) {
				return true
			}
		}
	}
	return false
}

// demo keeps the demo accounts, whose secrets everybody knows, from the network: each address to
// listen on must be loopback, in every section that has any, and so must an outside store and other members be,
// to which the accounts would be handed.
func (k *checker) demo() {
	if len(k.conf.Accounts.Demo) == 0 {
		return
	}
	const why = "would show the demo accounts, whose secrets everybody knows, to the network"
	const right = "a loopback address such as 127.0.0.1, or no accounts.demo"
	for _, f := range fields() {
		if !strings.HasSuffix(f.Key, ".bind") {
			continue
		}
		for i, s := range f.of(k.conf).([]string) {
			if a, err := netip.ParseAddr(s); err == nil && !a.Unmap().IsLoopback() {
				k.wrong(part(f.Key, i), s+" "+why, right)
			}
		}
	}
	if u, err := url.Parse(k.conf.Store.URL); err == nil && u.Host != "" {
		if a, err := netip.ParseAddr(u.Hostname()); err != nil || !a.Unmap().IsLoopback() {
			k.wrong("store.url", why, right)
		}
	}
	c := k.conf
	for _, e := range []struct {
		key string
		at  []string
	}{
		{"cluster.address", []string{c.Cluster.Address}}, {"cluster.seeds", c.Cluster.Seeds},
		{"store.listen", []string{c.Store.Listen}}, {"store.route", []string{c.Store.Route}},
		{"store.routes", c.Store.Routes}, {"store.members", c.Store.Members},
	} {
		for _, s := range e.at {
			host, _, err := net.SplitHostPort(s)
			if a, bad := netip.ParseAddr(host); err == nil && (bad != nil || !a.Unmap().IsLoopback()) {
				k.wrong(e.key, s+" "+why, right)
			}
		}
	}
}

// nameLike says whether s can name a member, an account or an application.
func nameLike(s string) bool {
	return s != "" && len(s) <= 63 && strings.IndexFunc(s, func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		return !letter && !strings.ContainsRune("0123456789-._", r)
	}) < 0
}

// hostLike says whether s can be a host name or a domain (RFC 1123 section 2.1) or an IPv4 address.
func hostLike(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if !nameLike(label) || strings.Contains(label, "_") || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	return true
}

// headerLike says whether s can stand in a header as it is.
func headerLike(s string) bool {
	return len(s) <= 100 && strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}
