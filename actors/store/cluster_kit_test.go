package store

import (
	"bufio"
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/conf"
)

// certificates are PEM texts of what a member shows and whom it trusts.
type certificates struct{ CA, Cert, Key string }

// security is for a member that has the certificates.
func (c certificates) security(name string) *Security {
	cert, err := tls.X509KeyPair([]byte(c.Cert), []byte(c.Key))
	roots := x509.NewCertPool()
	if err != nil || !roots.AppendCertsFromPEM([]byte(c.CA)) {
		panic(fmt.Sprint("bad certificates: ", err))
	}
	chain := func(s tls.ConnectionState) error { // names are not those of hosts
		_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots,
			KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
		return err
	}
	return &Security{Member: name, Cluster: "test",
		Server: &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{cert}, ClientCAs: roots,
			ClientAuth: tls.RequireAndVerifyClientCert},
		Client: &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{cert},
			InsecureSkipVerify: true, VerifyConnection: chain}}
}

// authority is a certificate authority that lives as long as a test.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pem  string
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	a := &authority{cert: &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}}
	a.key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	a.pem = a.sign(t, a.cert, &a.key.PublicKey)
	return a
}

func (a *authority) sign(t testing.TB, c *x509.Certificate, key *ecdsa.PublicKey) string {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, c, a.cert, key, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func (a *authority) issue(t testing.TB, name string) certificates {
	t.Helper()
	key, err1 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	der, err2 := x509.MarshalECPrivateKey(key)
	if err := cmp.Or(err1, err2); err != nil {
		t.Fatal(err)
	}
	cert := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: a.cert.NotBefore, NotAfter: a.cert.NotAfter, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	return certificates{CA: a.pem, Cert: a.sign(t, cert, &key.PublicKey),
		Key: string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}))}
}

// group is some members that keep a store together, each a process.
type group struct {
	ca      *authority
	dir     string
	net     string // first three bytes of the members' addresses
	members []*process
	witness groupWitness
}

// process is one member.
type process struct {
	g    *group
	name string
	next int // number of the next fact

	cmd   *exec.Cmd
	in    io.WriteCloser
	ended chan struct{} // closed when it has ended and all it said is noted

	mu    sync.Mutex
	lines map[string]chan string // by first word; what no test waits for is dropped
}

var groups int // made so far

// newGroup prepares n members with addresses of their own.
func newGroup(t testing.TB, n int) *group {
	t.Helper()
	if _, inside := os.LookupEnv(memberEnv); inside {
		t.Fatal("a member must not start members")
	}
	groups++
	g := &group{ca: newAuthority(t), dir: t.TempDir(),
		net: fmt.Sprintf("127.%d.%d.", 1+os.Getpid()/250%250, 1+(os.Getpid()+groups*89)%250),
		witness: groupWitness{facts: map[string]uint64{}, puts: map[string]uint64{}, later: map[string]int{},
			more: make(chan struct{}, 1)}}
	for i := range n {
		g.members = append(g.members, g.member(t, i))
	}
	return g
}

// alive are the members that run.
func (g *group) alive() (list []*process) {
	for _, p := range g.members {
		select {
		case <-p.ended:
		default:
			list = append(list, p)
		}
	}
	return list
}

// tell says a word to all members that run.
func (g *group) tell(t testing.TB, word string) {
	t.Helper()
	for _, p := range g.alive() {
		p.tell(t, word)
	}
}

// rest waits until all members that run have written what they had, and write no more.
func (g *group) rest(t testing.TB) {
	t.Helper()
	g.tell(t, "rest")
	for _, p := range g.alive() {
		p.until(t, "rests")
	}
}

// report logs what the members that run have seen since the last time.
func (g *group) report(t testing.TB, what string) {
	t.Helper()
	for _, p := range g.alive() {
		s := p.stats(t)
		median, longest := s.lags()
		t.Logf("%s: %s: longest without a lease %v, without a fact %v; leases told after %v, at most %v", what,
			p.name, s.PutGap, s.FactGap, median, longest)
		if s.Backward > 0 {
			t.Errorf("%s was told %d leases in the wrong order", p.name, s.Backward)
		}
	}
}

// again starts a member again that has ended, and waits until it is open.
func (p *process) again(t testing.TB) time.Duration {
	t.Helper()
	i := slices.Index(p.g.members, p)
	p.start(t, p.g.settings(i, len(p.g.members)))
	return p.open(t)
}

// after waits until so many more facts of members are acknowledged.
func (g *group) after(t testing.TB, facts int) {
	t.Helper()
	late := time.After(time.Minute)
	for until := g.witness.count() + facts; g.witness.count() < until; {
		select {
		case <-g.witness.more:
		case <-late:
			t.Fatalf("%d facts do not come", facts)
		}
	}
}

func (g *group) listen(i int) string { return g.net + strconv.Itoa(i+1) + ":47011" }
func (g *group) route(i int) string  { return g.net + strconv.Itoa(i+1) + ":47012" }

// settings are those of member i of n that keep the store.
func (g *group) settings(i, n int) conf.Store {
	c := conf.DefaultStore()
	c.Listen = g.listen(i)
	for k := range n {
		c.Members = append(c.Members, g.listen(k))
	}
	if n > 1 {
		c.Route = g.route(i)
		for k := range n {
			c.Routes = append(c.Routes, g.route(k))
		}
	}
	return c
}

func (g *group) member(t testing.TB, i int) *process {
	p := &process{g: g, name: fmt.Sprint("tandem", i+1), lines: map[string]chan string{}}
	t.Cleanup(func() {
		if p.cmd != nil {
			p.cmd.Process.Kill()
			<-p.ended
		}
	})
	return p
}

// start starts a member; it does not wait until it is open.
func (p *process) start(t testing.TB, c conf.Store) {
	t.Helper()
	p.lines = map[string]chan string{}
	p.next += 100000
	opts, err := json.Marshal(memberOptions{Name: p.name, Dir: filepath.Join(p.g.dir, p.name), Conf: c,
		Certs: p.g.ca.issue(t, p.name), First: p.next})
	if err != nil {
		t.Fatal(err)
	}
	p.cmd = exec.Command(os.Args[0])
	p.cmd.Env = append(os.Environ(), memberEnv+"="+string(opts))
	p.cmd.Stderr = t.Output()
	in, err1 := p.cmd.StdinPipe()
	out, err2 := p.cmd.StdoutPipe()
	if err := cmp.Or(err1, err2, p.cmd.Start()); err != nil {
		t.Fatal(err)
	}
	p.in, p.ended = in, make(chan struct{})
	go func() {
		defer close(p.ended)
		r := bufio.NewReader(out)
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				break // the end of a killed one, perhaps in the middle of a line
			}
			p.note(strings.TrimSpace(line))
		}
		p.cmd.Wait()
	}()
}

// note takes one line.
func (p *process) note(line string) {
	if p.g.witness.note(line) {
		return
	}
	word, rest := cutWord(line)
	select {
	case p.heard(word) <- rest:
	default:
	}
}

func (p *process) heard(word string) chan string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lines[word] == nil {
		p.lines[word] = make(chan string, 100)
	}
	return p.lines[word]
}

// until waits for a line that begins with a word, and returns its rest.
func (p *process) until(t testing.TB, word string) string {
	t.Helper()
	select {
	case rest := <-p.heard(word):
		return rest
	case <-p.ended:
		select {
		case rest := <-p.heard(word):
			return rest
		default:
		}
		failed := ""
		select {
		case failed = <-p.heard("failed"):
		default:
		}
		t.Fatalf("%s ended before it said %q: %s", p.name, word, failed)
	case <-time.After(time.Minute):
		t.Fatalf("%s did not say %q", p.name, word)
	}
	return ""
}

func (p *process) tell(t testing.TB, word string) {
	t.Helper()
	if _, err := fmt.Fprintln(p.in, word); err != nil {
		t.Fatalf("%s: %v", p.name, err)
	}
}

// kill kills a member; what it has left behind may be lost.
func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.ended
	w := &p.g.witness
	w.mu.Lock()
	defer w.mu.Unlock()
	maps.DeleteFunc(w.later, func(key string, _ int) bool { return strings.HasPrefix(key, p.name+"@") })
}

// stop ends a member in good order.
func (p *process) stop(t testing.TB) time.Duration {
	t.Helper()
	p.tell(t, "stop")
	ms, _ := strconv.Atoi(p.until(t, "stopped"))
	<-p.ended
	return time.Duration(ms) * time.Millisecond
}

// stats asks what a member has seen since the last time.
func (p *process) stats(t testing.TB) memberStats {
	t.Helper()
	p.tell(t, "stats")
	var s memberStats
	if err := json.Unmarshal([]byte(p.until(t, "stats")), &s); err != nil {
		t.Fatal(err)
	}
	slices.Sort(s.Lags)
	return s
}

// lags are median and longest of what a member has seen.
func (s memberStats) lags() (median, longest time.Duration) {
	if len(s.Lags) == 0 {
		return 0, 0
	}
	return s.Lags[len(s.Lags)/2], s.Lags[len(s.Lags)-1]
}

// open waits until a member is open and returns how long it took.
func (p *process) open(t testing.TB) time.Duration {
	t.Helper()
	ms, _ := strconv.Atoi(p.until(t, "open"))
	return time.Duration(ms) * time.Millisecond
}

// start starts all members and waits until all are open.
func (g *group) start(t testing.TB) (longest time.Duration) {
	t.Helper()
	for i, p := range g.members {
		p.start(t, g.settings(i, len(g.members)))
	}
	for _, p := range g.members {
		longest = max(longest, p.open(t))
	}
	return longest
}

// guest opens the store as a member that keeps none of it, in this process.
func (g *group) guest(t testing.TB, name string) *Store {
	t.Helper()
	c := conf.DefaultStore()
	for i := range g.members {
		c.Members = append(c.Members, g.listen(i))
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s, err := Open(ctx, "", c, g.ca.issue(t, name).security(name), testLog(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeStore(t, s) })
	return s
}

// leader is the member that leads a stream.
func (g *group) leader(t testing.TB, s *Store, stream string) *process {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		st, err := s.engine.js.Stream(ctx, stream)
		cancel()
		if err != nil {
			continue
		}
		for _, p := range g.members {
			if c := st.CachedInfo().Cluster; c != nil && p.name == c.Leader {
				return p
			}
		}
	}
	t.Fatalf("nobody leads %s", stream)
	return nil
}

func cutWord(line string) (word, rest string) {
	word, rest, _ = strings.Cut(line, " ")
	return word, rest
}

// groupWitness remembers what members had acknowledged.
type groupWitness struct {
	mu    sync.Mutex
	facts map[string]uint64 // "member number" → position
	puts  map[string]uint64 // member → revision of its lease
	later map[string]int    // key → last value left behind, by whoever lives
	more  chan struct{}     // there is more; holds one token
}

// note takes what a member says of its writes; false for another line.
func (w *groupWitness) note(line string) bool {
	var name string
	var n int
	var at uint64
	w.mu.Lock()
	defer w.mu.Unlock()
	if k, _ := fmt.Sscanf(line, "fact %s %d %d", &name, &n, &at); k == 3 {
		w.facts[fmt.Sprint(name, " ", n)] = at
	} else if k, _ := fmt.Sscanf(line, "put %s %d %d", &name, &n, &at); k == 3 {
		w.puts["session."+name] = at
	} else if k, _ := fmt.Sscanf(line, "later %s %d", &name, &n); k == 2 {
		w.later[name] = n
	} else {
		return false
	}
	select {
	case w.more <- struct{}{}:
	default:
	}
	return true
}

func (w *groupWitness) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.facts)
}

// check holds the store against what was acknowledged: no fact is missing, twice, or in the wrong order.
func (w *groupWitness) check(t testing.TB, s *Store) {
	t.Helper()
	found, last := map[string]uint64{}, map[string]int{}
	err := s.Journal().Read(t.Context(), 0, func(f Fact) bool {
		if f.Kind != "test" {
			return true
		}
		name, number := cutWord(f.Subject)
		n, _ := strconv.Atoi(number)
		if _, twice := found[f.Subject]; twice || n <= last[name] {
			t.Errorf("fact %s at %d: there before at %d, the last one was %d", f.Subject, f.Position, found[f.Subject], last[name])
		}
		found[f.Subject], last[name] = f.Position, n
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for subject, pos := range w.facts {
		if found[subject] != pos {
			t.Errorf("fact %s, acknowledged at %d, is at %d", subject, pos, found[subject])
		}
	}
	for key, rev := range w.puts {
		if e, ok := s.Bucket(Leases).Get(key); !ok || e.Revision < rev {
			t.Errorf("%s: acknowledged in revision %d, there is %d", key, rev, e.Revision)
		}
	}
	for key, want := range w.later {
		awaitValue(t, s.Bucket(Registrations), key, want)
	}
	if d := s.Snapshot().Damaged; d != 0 {
		t.Errorf("%d damaged", d)
	}
	t.Logf("%d facts acknowledged, %d found", len(w.facts), len(found))
}

// awaitValue waits until a bucket shows a number, which is written behind.
func awaitValue(t testing.TB, b *Bucket, key string, want int) {
	t.Helper()
	changed := make(chan struct{}, 1)
	defer b.Watch(func(Entry) {
		select {
		case changed <- struct{}{}:
		default:
		}
	})()
	for late := time.After(10 * time.Second); ; {
		e, _ := b.Get(key)
		n, _ := strconv.Atoi(string(e.Value))
		if n == want {
			return
		}
		select {
		case <-changed:
		case <-late:
			t.Errorf("%s is %d, %d was left behind", key, n, want)
			return
		}
	}
}
