package store

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"tandem/conf"
)

// role is the part of this member in keeping what must last.
type role int

const (
	alone     role = iota // keeps it for itself
	elsewhere             // a NATS server outside keeps it
	single                // keeps it for all members, the only one
	replica               // keeps one of several copies
	client                // other members keep it
)

// roleOf reads the role off the settings.
func roleOf(c conf.Store) role {
	switch {
	case c.URL != "":
		return elsewhere
	case c.Listen != "" && len(c.Routes) > 0:
		return replica
	case c.Listen != "":
		return single
	case len(c.Members) > 0:
		return client
	}
	return alone
}

// shared tells whether other members write to the same engine.
func (r role) shared() bool { return r != alone }

// waits tells whether other members may not have started yet when this one does.
func (r role) waits() bool { return r == replica || r == client }

// maxReplicas is the most copies there are of a thing: one may be lost, or be stopped for a change, without
// harm, and a fourth would only make writes slower.
const maxReplicas = 3

// replicas is how many copies a stream should have. A server outside, and the members that a client asks,
// know better than this member.
func replicas(c conf.Store) int {
	if roleOf(c) == replica {
		return min(maxReplicas, len(c.Routes))
	}
	return 1
}

// Security is how members that share a store know each other. It is not needed by a member alone, nor for a
// server outside.
type Security struct {
	Member  string // name of this member, unlike that of any other
	Cluster string // name of the cluster, of letters, digits, '-' and '_'
	// Server and Client are for the two ends of a connection: TLS 1.3 both, and both show a certificate and
	// ask for one.
	Server, Client *tls.Config
}

// check refuses what would let a stranger in, or two members take each other for one.
func (s *Security) check(r role) error {
	if r == alone || r == elsewhere {
		return nil
	}
	switch {
	case s == nil || s.Server == nil || s.Client == nil:
		return errors.New("store: members share a store only with certificates, and there are none")
	case !plainName(s.Member) || !plainName(s.Cluster):
		return fmt.Errorf("store: member %q of cluster %q: names are of letters, digits, '-' and '_'", s.Member, s.Cluster)
	case s.Server.ClientAuth != tls.RequireAndVerifyClientCert && s.Server.GetConfigForClient == nil:
		return errors.New("store: connections without a certificate would be accepted")
	case s.Server.MinVersion < tls.VersionTLS13 || s.Client.MinVersion < tls.VersionTLS13:
		return errors.New("store: connections below TLS 1.3 would be accepted")
	}
	return nil
}

func plainName(s string) bool {
	for i := range len(s) {
		if c := s[i]; !plainInKey(c) || c == '/' {
			return false
		}
	}
	return s != "" && len(s) <= maxKey
}

// routeTLS is one configuration for both ends of a route, since the engine takes but one: the accepting end
// asks it for the other.
func (s *Security) routeTLS() *tls.Config {
	both, server := s.Client.Clone(), s.Server
	both.ClientAuth, both.ClientCAs = server.ClientAuth, server.ClientCAs
	both.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if server.GetConfigForClient != nil {
			if c, err := server.GetConfigForClient(hello); c != nil || err != nil {
				return c, err
			}
		}
		return server, nil
	}
	return both
}

// endpoint splits HOST:PORT.
func endpoint(key, address string) (host string, port int, err error) {
	host, p, err := net.SplitHostPort(address)
	if err == nil {
		port, err = strconv.Atoi(p)
	}
	if err != nil {
		return "", 0, fmt.Errorf("store: %s %q: %w", key, address, err)
	}
	return host, port, nil
}

// ofFile says in the directory of a replica whose it is. The engine would throw away what it finds in the
// directory of a member alone, and the other way round it would not find its streams.
const ofFile = "replica-of"

// claimDir makes sure that a directory was made in the same role, and notes the role in an empty one.
func claimDir(dir string, r role, cluster string) error {
	b, err := os.ReadFile(filepath.Join(dir, ofFile))
	of, noted := strings.TrimSpace(string(b)), err == nil
	if err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("store: %w", err)
	}
	_, err = os.Stat(filepath.Join(dir, "jetstream"))
	switch used := err == nil; {
	case r == replica && noted && of != cluster:
		return fmt.Errorf("%w: %s holds a copy of the store of cluster %q, not of %q", ErrOtherStore, dir, of, cluster)
	case r == replica && used && !noted:
		return fmt.Errorf("%w: %s holds a store that one member keeps, and several are to keep it now; "+
			"give the member an empty directory", ErrOtherStore, dir)
	case r != replica && noted:
		return fmt.Errorf("%w: %s holds one of several copies of the store of cluster %q; name its "+
			"store.routes, or give the member an empty directory", ErrOtherStore, dir, of)
	case r != replica || noted:
		return nil
	}
	if err := os.WriteFile(filepath.Join(dir, ofFile), []byte(cluster+"\n"), 0o600); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return syncDir(dir)
}
