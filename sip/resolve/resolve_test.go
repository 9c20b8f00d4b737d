package resolve

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/sip/resolve/zone"
)

var example = zone.Zone{
	"example.com NAPTR": {"20 10 s SIP+D2U _sip._udp.example.com.", "10 50 s SIP+D2T _sip._tcp.example.com.",
		"10 10 s SIPS+D2T _sips._tcp.example.com.", "5 5 u E2U+sip x.example.com.", "1 1 s SIP+D2S _sip._sctp.example.com."},
	"_sip._tcp.example.com SRV":  {"20 0 5070 b.example.com.", "10 0 5060 a.example.com."},
	"_sip._udp.example.com SRV":  {"10 0 5060 a.example.com."},
	"_sips._tcp.example.com SRV": {"10 0 5061 a.example.com."},
	"a.example.com A":            {"192.0.2.1"},
	"a.example.com AAAA":         {"2001:db8::1"},
	"b.example.com A":            {"192.0.2.2"},
	"example.com A":              {"192.0.2.9"},

	"srv.example.com A":              {"192.0.2.8"},
	"_sip._tcp.srv.example.com SRV":  {"1 1 5099 b.example.com."},
	"gone.example.com A":             {"192.0.2.7"},
	"_sip._udp.gone.example.com SRV": {"0 0 0 ."},
	"half.example.com NAPTR":         {"1 1 s SIP+D2U _sip._udp.nowhere.example.com."},
	"_sip._udp.half.example.com SRV": {"1 1 5060 nobody.example.com.", "2 1 5066 b.example.com."},
}

func TestTargets(t *testing.T) {
	r := &Resolver{Servers: []netip.AddrPort{zone.Serve(t, example)}}
	all := []string{"UDP", "TCP", "TLS"}
	for _, tt := range []struct {
		hop  Hop
		ours []string
		want string
	}{
		// An address is where it is.
		{Hop{Host: "192.0.2.5"}, all, "UDP 192.0.2.5:5060"},
		{Hop{Host: "192.0.2.5"}, all[1:], "TCP 192.0.2.5:5060"},
		{Hop{Host: "2001:db8::5", Port: 5070, Transport: "TCP"}, all, "TCP [2001:db8::5]:5070"},
		{Hop{Host: "192.0.2.5", Secure: true}, all, "TLS 192.0.2.5:5061"},
		{Hop{Host: "192.0.2.5", Secure: true}, all[:2], ""},
		// A port says that there are no records to look at.
		{Hop{Host: "a.example.com", Port: 5080}, all, "UDP 192.0.2.1:5080, UDP [2001:db8::1]:5080"},
		// NAPTR: its order, of what we can and may use.
		{Hop{Host: "example.com"}, all, "TCP 192.0.2.1:5060, TCP [2001:db8::1]:5060, TCP 192.0.2.2:5070, UDP 192.0.2.1:5060, UDP [2001:db8::1]:5060"},
		{Hop{Host: "EXAMPLE.com"}, all[:1], "UDP 192.0.2.1:5060, UDP [2001:db8::1]:5060"},
		{Hop{Host: "example.com", Secure: true}, all, "TLS 192.0.2.1:5061, TLS [2001:db8::1]:5061"},
		// A transport leads to its SRV records.
		{Hop{Host: "example.com", Transport: "UDP"}, all, "UDP 192.0.2.1:5060, UDP [2001:db8::1]:5060"},
		// No NAPTR: SRV of each transport; no SRV: the host.
		{Hop{Host: "srv.example.com"}, all, "TCP 192.0.2.2:5099"},
		{Hop{Host: "srv.example.com", Transport: "UDP"}, all, "UDP 192.0.2.8:5060"},
		{Hop{Host: "b.example.com"}, all, "UDP 192.0.2.2:5060"},
		// Records that lead nowhere.
		{Hop{Host: "gone.example.com"}, all, ""},
		{Hop{Host: "half.example.com"}, all, "UDP 192.0.2.2:5066"},
		{Hop{Host: "nobody.example.com"}, all, ""},
	} {
		targets, err := r.Targets(t.Context(), tt.hop, tt.ours)
		var got []string
		for _, target := range targets {
			got = append(got, target.Transport+" "+target.Addr.String())
			if target.Name != tt.hop.Host {
				t.Errorf("%+v: a certificate would have to be for %s", tt.hop, target.Name)
			}
		}
		if g := strings.Join(got, ", "); g != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%+v: %s (%v), want %s", tt.hop, g, err, tt.want)
		}
	}
}

// TestWeights: of the same priority each comes first as often as its weight says (RFC 2782).
func TestWeights(t *testing.T) {
	r := &Resolver{Servers: []netip.AddrPort{zone.Serve(t, zone.Zone{"_sip._udp.example.com SRV": {"1 90 1 a.", "1 10 2 a.", "2 90 3 a."}, "a A": {"192.0.2.1"}})}}
	first := map[uint16]int{}
	const n = 200
	for range n {
		targets, err := r.Targets(t.Context(), Hop{Host: "example.com", Transport: "UDP"}, []string{"UDP"})
		if err != nil || len(targets) != 3 || targets[2].Addr.Port() != 3 {
			t.Fatal(targets, err)
		}
		first[targets[0].Addr.Port()]++
	}
	if first[1] < n*3/4 || first[2] == 0 {
		t.Errorf("first were %v", first)
	}
}

// TestSilentServer: a name server that does not answer costs a request its time, and no more.
func TestSilentServer(t *testing.T) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	r := &Resolver{Servers: []netip.AddrPort{conn.LocalAddr().(*net.UDPAddr).AddrPort()}}
	ctx, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer stop()
	if _, err := r.Targets(ctx, Hop{Host: "example.com"}, []string{"UDP"}); !errors.Is(err, ErrNone) {
		t.Error(err)
	}
}

func TestSick(t *testing.T) {
	at := func(port uint16) Target { return Target{"UDP", netip.AddrPortFrom(netip.IPv4Unspecified(), port), ""} }
	targets, now := []Target{at(1), at(2), at(3)}, time.Unix(1000, 0)
	var s Sick
	if got := s.Order(targets, now); !slices.Equal(got, targets) {
		t.Error(got)
	}
	s.Failed(at(1), now)
	s.Failed(at(3), now)
	if got := s.Order(targets, now.Add(time.Second)); !slices.Equal(got, []Target{at(2), at(1), at(3)}) {
		t.Error(got)
	}
	s.Well(at(1))
	if got := s.Order(targets, now.Add(time.Second)); !slices.Equal(got, targets) {
		t.Error(got)
	}
	if got := s.Order([]Target{at(3), at(2)}, now.Add(sickFor)); got[0] != at(3) {
		t.Error("sick for ever", got)
	}
	for i := range uint16(maxSick + 10) {
		s.Failed(at(i), now)
	}
	if len(s.until) > maxSick {
		t.Error(len(s.until))
	}
}

// TestNextServer: where the first name server is gone, the next one is asked, for SRV records and addresses too.
func TestNextServer(t *testing.T) {
	gone, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	dead := gone.LocalAddr().(*net.UDPAddr).AddrPort()
	_ = gone.Close()
	r := &Resolver{Servers: []netip.AddrPort{dead, zone.Serve(t, example)}}
	for _, h := range []Hop{{Host: "example.com", Transport: "UDP"}, {Host: "a.example.com", Port: 5060}} {
		targets, err := r.Targets(context.Background(), h, []string{"UDP"})
		if err != nil || len(targets) != 2 || targets[0].Addr.String() != "192.0.2.1:5060" {
			t.Errorf("%v: %v, %v", h, targets, err)
		}
	}
}

// TestKeptTargets: a hop whose name servers have gone keeps its targets for a while; one that they deny does not.
func TestKeptTargets(t *testing.T) {
	gone, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	dead := gone.LocalAddr().(*net.UDPAddr).AddrPort()
	_ = gone.Close()
	z := zone.Zone{"a.example.com A": {"192.0.2.1"}}
	k, h := &Kept{}, Hop{Host: "a.example.com", Port: 5060}
	look := func(server netip.AddrPort, h Hop) int {
		r := &Resolver{Servers: []netip.AddrPort{server}, Kept: k}
		targets, _ := r.Targets(context.Background(), h, []string{"UDP"})
		return len(targets)
	}
	there, nothing := zone.Serve(t, z), zone.Serve(t, zone.Zone{})
	for i, x := range []struct {
		server netip.AddrPort
		hop    Hop
		want   int
	}{{dead, h, 0}, {there, h, 1}, {dead, h, 1}, {dead, Hop{Host: "b.example.com", Port: 5060}, 0}, {nothing, h, 0}} {
		if got := look(x.server, x.hop); got != x.want {
			t.Errorf("step %d: %d targets, want %d", i, got, x.want)
		}
	}
	now := time.Now()
	for i := range 2 * maxKept {
		k.keep(fmt.Sprint(i), found{targets: []Target{{}}}, now)
	}
	last := fmt.Sprint(2*maxKept - 1)
	if len(k.of) != maxKept || len(k.find(last, now)) != 1 || len(k.find(last, now.Add(keptFor))) != 0 {
		t.Errorf("%d are kept", len(k.of))
	}
}

// TestFailedRecords: that a name server has failed to tell of SRV records does not mean that there are none. The addresses of
// the domain itself, a web server's as like as not, are no way then; those that were found before are (RFC 3263 section 4.2).
func TestFailedRecords(t *testing.T) {
	sound := zone.Zone{"_sip._udp.example.com SRV": {"1 1 5060 a.example.com.", "2 1 5060 b.example.com."},
		"a.example.com A": {"192.0.2.1"}, "b.example.com A": {"192.0.2.2"}, "example.com A": {"192.0.2.9"}}
	with := func(changes zone.Zone) *Resolver {
		z := maps.Clone(sound)
		maps.Copy(z, changes)
		return &Resolver{Servers: []netip.AddrPort{zone.Serve(t, z)}}
	}
	fails := []string{zone.Fails}
	hop := Hop{Host: "example.com"}
	for _, tt := range []struct {
		name    string
		changes zone.Zone
		want    int // targets
	}{
		{"the records fail", zone.Zone{"_sip._udp.example.com SRV": fails}, 0},
		{"those that NAPTR names fail", zone.Zone{"example.com NAPTR": {"1 1 s SIP+D2U _x.example.com."}, "_x.example.com SRV": fails,
			"_sip._udp.example.com SRV": nil}, 0},
		{"all addresses fail", zone.Zone{"a.example.com A": fails, "a.example.com AAAA": fails, "b.example.com A": fails,
			"b.example.com AAAA": fails}, 0},
		{"an address fails", zone.Zone{"a.example.com A": fails, "a.example.com AAAA": fails}, 1},
		{"NAPTR fails", zone.Zone{"example.com NAPTR": fails}, 2},
	} {
		r := with(tt.changes)
		targets, err := r.Targets(t.Context(), hop, []string{"UDP"})
		if len(targets) != tt.want || (err == nil) != (tt.want > 0) || tt.want == 0 && (!errors.Is(err, ErrNone) || Absent(err)) {
			t.Errorf("%s: %v, %v", tt.name, targets, err)
		}
		r.Kept = &Kept{}
		before := with(nil)
		before.Kept = r.Kept
		if _, err := before.Targets(t.Context(), hop, []string{"UDP"}); err != nil {
			t.Fatal(err)
		}
		for range 2 { // what was kept is not lost by the first failure
			if targets, err := r.Targets(t.Context(), hop, []string{"UDP"}); len(targets) != 2 || err != nil {
				t.Errorf("%s: %v, %v where two were known", tt.name, targets, err)
			}
		}
	}
}

// TestRecordsNeverTold: where a name server never tells of SRV records, the host itself is the way, unless some have been seen; it
// is none for who wants to be sure.
func TestRecordsNeverTold(t *testing.T) {
	const srv, host = "_sip._udp.example.com SRV", "192.0.2.9:5060"
	sound := zone.Zone{srv: {"1 1 5060 a.example.com."}, "a.example.com A": {"192.0.2.1"}, "example.com A": {"192.0.2.9"}}
	fails := zone.Zone{srv: {zone.Fails}, "example.com A": {"192.0.2.9"}}
	lame := zone.Zone{srv: sound[srv], "a.example.com A": {zone.Fails}, "a.example.com AAAA": {zone.Fails}, "example.com A": {"192.0.2.9"}}
	none := zone.Zone{"example.com A": {"192.0.2.9"}}
	pointer := zone.Zone{"example.com NAPTR": {"1 1 s SIP+D2U _x.example.com."}, "_x.example.com SRV": sound[srv],
		"a.example.com A": {"192.0.2.1"}, "example.com A": {"192.0.2.9"}}
	mute := zone.Zone{"example.com NAPTR": {zone.Fails}, "example.com A": {"192.0.2.9"}}
	quiet := zone.Zone{"example.com NAPTR": {zone.Silent}, srv: {zone.Silent}, "example.com A": {"192.0.2.9"}}
	for name, steps := range map[string][]struct {
		zone zone.Zone
		want string
	}{
		"never told":                            {{fails, host}, {fails, host}},
		"not a word":                            {{quiet, host}, {quiet, host}},
		"told once":                             {{sound, "192.0.2.1:5060"}, {fails, ""}},
		"told of late":                          {{fails, host}, {lame, ""}, {fails, ""}},
		"told of, and then that there are none": {{sound, "192.0.2.1:5060"}, {none, host}, {fails, host}},
		"NAPTR told of once":                    {{pointer, "192.0.2.1:5060"}, {mute, ""}},
		"NAPTR never told of":                   {{mute, host}},
	} {
		k := &Kept{}
		for i, step := range steps {
			ctx, stop := context.WithTimeout(t.Context(), time.Second)
			r := &Resolver{Servers: []netip.AddrPort{zone.Serve(t, step.zone)}, Kept: k}
			targets, err := r.Targets(ctx, Hop{Host: "Example.com"}, []string{"UDP"})
			stop()
			got := ""
			if len(targets) > 0 {
				got = targets[0].Addr.String()
			}
			if got != step.want || (err == nil) != (got != "") || got == "" && Absent(err) {
				t.Errorf("%s, step %d: %s (%v), want %s", name, i, got, err, step.want)
			}
			if got != host {
				k.of = nil // it is long ago
			}
		}
	}
	for what, r := range map[string]*Resolver{"who wants to be sure": {Kept: &Kept{}, Sure: true}, "who keeps nothing": {},
		"with too many names": {Kept: &Kept{led: many(maxLed)}}} {
		r.Servers = []netip.AddrPort{zone.Serve(t, fails)}
		if targets, err := r.Targets(t.Context(), Hop{Host: "example.com"}, []string{"UDP"}); err == nil || Absent(err) {
			t.Errorf("%s: %v, %v", what, targets, err)
		}
	}
}

func many(n int) map[string]bool {
	out := map[string]bool{}
	for i := range n {
		out[fmt.Sprint(i)] = true
	}
	return out
}
