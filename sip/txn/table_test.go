package txn

import (
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"

	"tandem/signal"
)

// wire is a Sender that notes what is sent.
type wire struct {
	mu   sync.Mutex
	sent []string
	err  error
}

func (w *wire) send(_ signal.Flow, data []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent = append(w.sent, string(data))
	return w.err
}

func (w *wire) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.err = err
}

// take returns the first lines of what was sent since the last time.
func (w *wire) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var lines []string
	for _, text := range w.sent {
		line, _, _ := strings.Cut(text, "\r\n")
		lines = append(lines, line)
	}
	w.sent = nil
	return lines
}

var peerFlow = signal.Flow{Edge: "m1", Transport: "UDP", Local: netip.MustParseAddrPort("127.0.0.1:5060"),
	Remote: netip.MustParseAddrPort("192.0.2.1:5060")}

func newTable(t *testing.T, limit int) (*Table, *wire) {
	w := &wire{}
	table := New(times, limit, w.send, func(transport string) bool { return transport != "UDP" })
	t.Cleanup(table.Close)
	return table, w
}

func request(t testing.TB, method, branch, callID string) *sip.Request {
	t.Helper()
	text := method + " sip:bob@example.com SIP/2.0\r\n" +
		"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=" + branch + "\r\n" +
		"f: <sip:alice@example.com>;tag=a\r\nTo: <sip:bob@example.com>\r\n" +
		"Call-ID: " + callID + "\r\nCSeq: 1 " + method + "\r\nContent-Length: 0\r\n\r\n"
	m, err := sip.ParseMessage([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m.(*sip.Request)
}

func bytesOf(text string) Build {
	return func(*sip.Request, signal.Flow) ([]byte, error) { return []byte(text), nil }
}

// waitFor lets the fake clock run.
func waitFor(d time.Duration) {
	time.Sleep(d) // inside a synctest bubble: no real time passes
	synctest.Wait()
}

func TestServerTransactionInTheTable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table, w := newTable(t, 10)
		invite := request(t, "INVITE", "z9hG4bK1", "c1")
		k := ServerKey(invite, sip.INVITE)
		tx, err := table.Begin(k, invite, peerFlow, Outside)
		if err != nil || table.Server(k) != tx {
			t.Fatal(err)
		}
		if err := table.Respond(k, 486, "b", bytesOf("486")); err != nil {
			t.Fatal(err)
		}
		waitFor(4 * time.Second)
		tx.Repeated(peerFlow)
		if got, want := w.take(), []string{"486", "486", "486", "486", "486"}; !slices.Equal(got, want) {
			t.Errorf("sent %q", got) // at 0, 0.5, 1.5, 3.5 and for the repeat
		}
		if ack := ServerKey(request(t, "ACK", "z9hG4bK1", "c1"), sip.INVITE); ack != k {
			t.Error("the ACK has another key")
		}
		if tx.Acked() {
			t.Error("the ACK for a refusal went up")
		}
		waitFor(6 * time.Second)
		if table.Server(k) != nil || table.Counters().Servers != 0 {
			t.Error("the transaction is still there after timer I")
		}
		if err := table.Respond(k, 200, "", bytesOf("")); !errors.Is(err, ErrNone) {
			t.Error(err)
		}
	})
}

func TestMergedRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table, _ := newTable(t, 10)
		first, second := request(t, "INVITE", "z9hG4bK1", "c1"), request(t, "INVITE", "z9hG4bK2", "c1")
		begin := func(r *sip.Request, rank Rank) error {
			_, err := table.Begin(ServerKey(r, r.Method), r, peerFlow, rank)
			return err
		}
		if err := begin(first, Outside); err != nil {
			t.Fatal(err)
		}
		if err := begin(first, Outside); !errors.Is(err, ErrExists) {
			t.Error("the same request twice: ", err)
		}
		if err := begin(second, Outside); !errors.Is(err, ErrMerged) {
			t.Error("by another way: ", err)
		}
		for r, want := range map[*sip.Request]bool{first: false, second: true, request(t, "INVITE", "z9hG4bK3", "c2"): false} {
			if got := table.Merged(ServerKey(r, r.Method), r); got != want {
				t.Errorf("%s: asked before, merged is %v", r.Via().Value(), got)
			}
		}
		if err := begin(second, Inside); err != nil {
			t.Error("inside a dialog: ", err)
		}
		if n := table.Counters().Servers; n != 2 {
			t.Errorf("%d transactions", n)
		}
	})
}

func TestTableIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table, _ := newTable(t, 3)
		for i := range 5 {
			r := request(t, "OPTIONS", fmt.Sprintf("z9hG4bK%d", i), fmt.Sprint(i))
			_, err := table.Begin(ServerKey(r, r.Method), r, peerFlow, Outside)
			if want := i >= 3; errors.Is(err, ErrFull) != want {
				t.Errorf("request %d: %v", i, err)
			}
			err = table.Ask("", ClientKey(fmt.Sprint(i), sip.OPTIONS), Other, peerFlow, nil, nil)
			if want := i >= 3; errors.Is(err, ErrFull) != want {
				t.Errorf("sending %d: %v", i, err)
			}
		}
	})
}

// When no call can begin and none can end, a call for help begins: each way, but not without bound.
func TestFullTableHelps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table, _ := newTable(t, 4)
		begin := func(n int, rank Rank) error {
			r := request(t, "INVITE", fmt.Sprintf("z9hG4bK%d", n), fmt.Sprint(n))
			_, err := table.Begin(ServerKey(r, r.Method), r, peerFlow, rank)
			return err
		}
		for i, rank := range []Rank{Outside, Outside, Outside, Outside, Inside} {
			if err := begin(i, rank); err != nil {
				t.Fatalf("request %d: %v", i, err)
			}
		}
		for _, rank := range []Rank{Outside, Inside} {
			if err := begin(10, rank); !errors.Is(err, ErrFull) {
				t.Errorf("rank %d: %v", rank, err)
			}
		}
		for i := range leastHelp {
			if err := begin(20+i, Urgent); err != nil {
				t.Errorf("call for help %d: %v", i, err)
			}
			kind := InviteForHelp
			if i < 4 {
				kind = Invite
			}
			if err := table.Ask(fmt.Sprint(i), ClientKey(fmt.Sprint(i), sip.INVITE), kind, peerFlow, nil, nil); err != nil {
				t.Errorf("sending %d: %v", i, err)
			}
		}
		if err := begin(99, Urgent); !errors.Is(err, ErrFull) {
			t.Errorf("calls for help have no bound: %v", err)
		}
	})
}

// When the limit is reached by INVITEs they can still be cancelled.
func TestFullTableCancels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table, w := newTable(t, 4)
		for i := range 4 {
			k := ClientKey(fmt.Sprint(i), sip.INVITE)
			if err := table.Ask(fmt.Sprint(i), k, Invite, peerFlow, []byte("INVITE sip:b SIP/2.0\r\n\r\n"), func(*signal.Response) {}); err != nil {
				t.Fatal(err)
			}
			table.Answer(k, peerFlow, &signal.Response{Status: 180}, "")
		}
		table.Cancel("0", "")
		if got := w.take(); !slices.Contains(got, "CANCEL sip:b SIP/2.0") {
			t.Errorf("sent %q", got)
		}
		if err := table.Ask("x", Key{9}, Invite, peerFlow, nil, nil); !errors.Is(err, ErrFull) {
			t.Errorf("one INVITE more: %v", err)
		}
	})
}

func TestRFC2543Keys(t *testing.T) {
	key := func(method, branch, callID string) Key {
		r := request(t, method, branch, callID)
		m := r.Method
		if m == sip.ACK {
			m = sip.INVITE
		}
		return ServerKey(r, m)
	}
	if key("INVITE", Cookie, "c1") == key("INVITE", Cookie, "c2") {
		t.Error("a branch of the cookie alone was taken for unique")
	}
	if key("INVITE", "1", "c1") != key("ACK", "1", "c1") {
		t.Error("the ACK of an old client is not found")
	}
	if repeat := key("INVITE", "1", "c1"); repeat != key("INVITE", "1", "c1") {
		t.Error("the repeat of an old client is not found")
	}
}

// Who only found the topmost Via of a request knows the same key as who parsed it.
func TestWireKey(t *testing.T) {
	r := request(t, "INVITE", "z9hG4bK1", "c1")
	via := r.Via()
	wire := func(branch, method string) (Key, bool) {
		return WireKey([]byte(branch), []byte(strings.ToUpper(via.Host)), via.Port, method)
	}
	if k, ok := wire("z9hG4bK1", "INVITE"); !ok || k != ServerKey(r, sip.INVITE) {
		t.Errorf("%v, %v", k, ok)
	}
	if k, _ := wire("z9hG4bK1", "BYE"); k == ServerKey(r, sip.INVITE) {
		t.Error("the method does not count")
	}
	for _, branch := range []string{"", "1", Cookie} {
		if _, ok := wire(branch, "INVITE"); ok {
			t.Errorf("branch %q names a transaction", branch)
		}
	}
}

// A response may come to another member than its request left from: as a datagram from the peer, not by
// a connection that only has the same number there.
func TestAnswerByWayOfAnotherMember(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table, _ := newTable(t, 10)
		for conn, want := range []bool{true, false} {
			flow := peerFlow
			flow.Conn = uint64(conn)
			k := Key{uint64(conn)}
			if err := table.Ask("", k, Other, flow, nil, func(*signal.Response) {}); err != nil {
				t.Fatal(err)
			}
			flow.Edge = "m2"
			if got := table.Answer(k, flow, &signal.Response{Status: 200}, ""); got != want {
				t.Errorf("connection %d: taken %v", conn, got)
			}
		}
		waitFor(33 * time.Second)
	})
}

func TestID(t *testing.T) {
	k := ClientKey("x", sip.INVITE)
	if got, ok := ParseID(k.ID()); !ok || got != k {
		t.Errorf("%v, %v", got, ok)
	}
	for _, bad := range []string{"", "xyz", strings.Repeat("g", 32), k.ID() + "0"} {
		if _, ok := ParseID(bad); ok {
			t.Errorf("%q is no id", bad)
		}
	}
}

const inviteText = "INVITE sip:bob@192.0.2.1:5060;x=y SIP/2.0\r\n" +
	"Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKours;rport\r\n" +
	"Route: <sip:p1;lr>\r\nRoute: <sip:p2;lr>\r\nMax-Forwards: 12\r\nFrom: <sip:a@b>;tag=f\r\n" +
	"To: <sip:bob@example.com>\r\nCall-ID: c1\r\nCSeq: 42 INVITE\r\nContact: <sip:a@127.0.0.1>\r\n" +
	"Content-Type: application/sdp\r\nContent-Length: 9\r\n\r\nTo: body\r\n"

func TestDerivedRequests(t *testing.T) {
	ack := string(derive([]byte(inviteText), "ACK", "<sip:bob@example.com>;tag=t", ""))
	want := "ACK sip:bob@192.0.2.1:5060;x=y SIP/2.0\r\n" +
		"Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKours;rport\r\n" +
		"Route: <sip:p1;lr>\r\nRoute: <sip:p2;lr>\r\nMax-Forwards: 70\r\nFrom: <sip:a@b>;tag=f\r\n" +
		"To: <sip:bob@example.com>;tag=t\r\nCall-ID: c1\r\nCSeq: 42 ACK\r\nContent-Length: 0\r\n\r\n"
	if ack != want {
		t.Errorf("ACK:\n%s", ack)
	}
	want = strings.NewReplacer(";tag=t", "", "ACK", "CANCEL").Replace(want)
	if cancel := string(derive([]byte(inviteText), "CANCEL", "", "x\r\nInjected: y")); cancel != want {
		t.Errorf("CANCEL:\n%s", cancel)
	}
	want = strings.Replace(want, "Content-Length", "Reason: SIP;cause=200\r\nContent-Length", 1)
	if cancel := string(derive([]byte(inviteText), "CANCEL", "", "SIP;cause=200")); cancel != want {
		t.Errorf("CANCEL with a reason:\n%s", cancel)
	}
}

// asking sends the INVITE and collects its answers.
func asking(t *testing.T, table *Table) (k Key, answers *[]string) {
	t.Helper()
	k = ClientKey("z9hG4bKours", sip.INVITE)
	answers = &[]string{}
	err := table.Ask("id", k, Invite, peerFlow, []byte(inviteText), func(r *signal.Response) {
		*answers = append(*answers, fmt.Sprint(r.Status, r.Local))
	})
	if err != nil {
		t.Fatal(err)
	}
	return k, answers
}

func TestClientTransactionInTheTable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table, w := newTable(t, 10)
		k, answers := asking(t, table)
		answer := func(flow signal.Flow, status int) bool {
			return table.Answer(k, flow, &signal.Response{Status: status}, "<sip:b@c>;tag=t")
		}
		stranger := peerFlow
		stranger.Remote = netip.MustParseAddrPort("192.0.2.66:5060")
		if answer(stranger, 200) {
			t.Error("a response from elsewhere was taken")
		}
		table.Cancel("id", "")
		answer(peerFlow, 180)
		answer(peerFlow, 487)
		answer(peerFlow, 487)
		got := w.take()
		want := []string{"INVITE", "CANCEL", "ACK", "ACK"}
		for i, line := range got {
			got[i], _, _ = strings.Cut(line, " ")
		}
		if !slices.Equal(got, want) {
			t.Errorf("sent %q", got)
		}
		if !table.Answer(ClientKey("z9hG4bKours", sip.CANCEL), peerFlow, &signal.Response{Status: 200}, "") {
			t.Error("the answer to the CANCEL is not matched")
		}
		if want := []string{"180 false", "487 false"}; !slices.Equal(*answers, want) {
			t.Errorf("answers %q", *answers)
		}
		waitFor(33 * time.Second)
		if n := table.Counters().Clients; n != 0 {
			t.Errorf("%d transactions left", n)
		}
		if len(table.names.known) != 0 {
			t.Error("a name is left")
		}
	})
}

func TestClientTimeoutAndFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table, w := newTable(t, 10)
		_, answers := asking(t, table)
		waitFor(33 * time.Second)
		if want := []string{"408 true"}; !slices.Equal(*answers, want) {
			t.Errorf("answers %q", *answers)
		}
		_, answers = asking(t, table)
		unreachable := errors.New("unreachable")
		w.fail(unreachable)
		waitFor(time.Second)
		if want := []string{"503 true"}; !slices.Equal(*answers, want) {
			t.Errorf("answers %q", *answers)
		}
		if err := table.Ask("", Key{1}, Other, peerFlow, nil, nil); !errors.Is(err, unreachable) {
			t.Errorf("error %v", err)
		}
		if c := table.Counters(); c.Clients != 0 {
			t.Errorf("%+v", c)
		}
		table.Settle(t.Context())
	})
}

func TestLostConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table, _ := newTable(t, 10)
		got := make(chan string, 3)
		for conn := range uint64(3) {
			flow := signal.Flow{Edge: "m1", Transport: "TCP", Remote: peerFlow.Remote, Conn: conn + 1}
			err := table.Ask("", Key{conn}, Other, flow, nil, func(r *signal.Response) {
				got <- fmt.Sprint(conn+1, " ", r.Status)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		table.Lost("m1", 2)
		table.Lost("m1", 99)
		table.Lost("m2", 1) // another member's connection of that number
		table.LostAll("m2")
		waitFor(time.Second)
		if len(got) != 1 || <-got != "2 503" {
			t.Error("the transaction over the lost connection did not fail, or others did")
		}
		waitFor(33 * time.Second)
		if n := len(table.lines.known); n != 0 {
			t.Errorf("%d connections are remembered", n)
		}
	})
}

// An INVITE that can not be answered any more is told like a cancelled one: once, not after a CANCEL,
// and not when it is answered.
func TestOrphans(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table, _ := newTable(t, 10)
		orphans := make(chan Key, 9)
		table.OnOrphan(func(k Key) { orphans <- k })
		begin := func(method, branch string, conn uint64) *Server {
			r := request(t, method, branch, branch)
			flow := signal.Flow{Edge: "m1", Transport: "TCP", Remote: peerFlow.Remote, Conn: conn}
			tx, err := table.Begin(ServerKey(r, r.Method), r, flow, Outside)
			if err != nil {
				t.Fatal(err)
			}
			return tx
		}
		ringing := begin("INVITE", "z9hG4bK1", 1)
		begin("MESSAGE", "z9hG4bK2", 1)
		cancelled := begin("INVITE", "z9hG4bK3", 1)
		cancelled.Cancelled(peerFlow.Remote.Addr())
		if err := table.Respond(begin("INVITE", "z9hG4bK4", 1).key, 200, "t", bytesOf("200")); err != nil {
			t.Fatal(err)
		}
		elsewhere := begin("INVITE", "z9hG4bK5", 2)
		table.Lost("m1", 1)
		table.Lost("m1", 1)
		table.Lost("m2", 2)
		waitFor(time.Second)
		if len(orphans) != 1 || <-orphans != ringing.key {
			t.Error("the orphan was not told once, or another was")
		}
		for _, tx := range []*Server{ringing, cancelled, elsewhere} {
			if err := table.Respond(tx.key, 487, "t", bytesOf("487")); err != nil {
				t.Fatal(err)
			}
		}
		waitFor(33 * time.Second)
		if n := len(table.lines.known); n != 0 {
			t.Errorf("%d connections are remembered", n)
		}
	})
}

// The same request by two sockets at once is no merged one, though the first has not been entered yet.
func TestSameRequestAtOnce(t *testing.T) {
	table, _ := newTable(t, 10)
	r := request(t, "INVITE", "z9hG4bK1", "c1")
	k := ServerKey(r, r.Method)
	if other := table.claim(&Server{table: table, key: k, merge: mergeKey(r), path: table.nears.path(peerFlow)}); other != nil {
		t.Fatal("there was one")
	}
	if _, err := table.Begin(k, r, peerFlow, Outside); !errors.Is(err, ErrExists) {
		t.Error(err)
	}
}

// A request whose connection is gone comes again over another: under a branch of its own it is a new one, from the moment of the
// loss on, and merged with none; under the same branch it has its answer there.
func TestAgainOverAnotherConnection(t *testing.T) {
	for _, story := range []struct {
		method string
		status int // of the answer before the connection is lost, 0: none
	}{{"INVITE", 0}, {"INVITE", 180}, {"INVITE", 200}, {"INVITE", 407}, {"REGISTER", 0}} {
		synctest.Test(t, func(t *testing.T) {
			var over []uint64 // connections by which answers went
			table := New(times, 10, func(f signal.Flow, _ []byte) error { over = append(over, f.Conn); return nil },
				func(string) bool { return true })
			defer table.Close()
			orphans := 0
			table.OnOrphan(func(Key) { orphans++ })
			flow := func(conn uint64) signal.Flow {
				return signal.Flow{Edge: "m1", Transport: "TCP", Remote: peerFlow.Remote, Conn: conn}
			}
			begin := func(branch string, conn uint64) (*Server, error) {
				r := request(t, story.method, branch, "c1")
				k := ServerKey(r, r.Method)
				if table.Merged(k, r) {
					return nil, ErrMerged
				}
				return table.Begin(k, r, flow(conn), Outside)
			}
			first, err := begin("z9hG4bK1", 1)
			if err != nil {
				t.Fatal(err)
			}
			if story.status != 0 {
				_ = table.Respond(first.key, story.status, "t", bytesOf("answer"))
			}
			if _, err := begin("z9hG4bK2", 2); !errors.Is(err, ErrMerged) {
				t.Errorf("%v: by another way: %v", story, err)
			}
			table.Lost("m1", 1)
			second, err := begin("z9hG4bK3", 3)
			if err != nil {
				t.Fatalf("%v: again: %v", story, err)
			}
			waitFor(time.Second)
			if want := story.method == "INVITE" && story.status < 200; (orphans == 1) != want {
				t.Errorf("%v: %d orphans", story, orphans)
			}
			if _, err := begin("z9hG4bK4", 4); !errors.Is(err, ErrMerged) {
				t.Errorf("%v: by another way than the second: %v", story, err)
			}
			second.Repeated(flow(5))
			table.Lost("m1", 3) // it needs that one no more
			waitFor(time.Second)
			over = nil
			_ = table.Respond(second.key, 486, "t", bytesOf("answer"))
			if !slices.Equal(over, []uint64{5}) || orphans > 1 {
				t.Errorf("%v: answered over %d, with %d orphans", story, over, orphans)
			}
			second.Repeated(signal.Flow{Edge: "m1", Transport: "TCP", Remote: netip.MustParseAddrPort("192.0.2.2:5060"), Conn: 6})
			if second.path.conn != 5 {
				t.Errorf("%v: a stranger has turned it over", story)
			}
			waitFor(40 * time.Second)
			if n := len(table.lines.known) + len(table.shard[second.merge%shards].merges); n != 0 && story.status != 180 && story.status != 0 {
				t.Errorf("%v: %d are remembered", story, n)
			}
		})
	}
}

// Answers keep their order even when a new one comes while the user still works on the last, and
// the user may call the table from within.
func TestAnswersFromWithin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table, _ := newTable(t, 10)
		k := ClientKey("z9hG4bKours", sip.INVITE)
		var got []int
		err := table.Ask("id", k, Invite, peerFlow, []byte(inviteText), func(r *signal.Response) {
			if r.Status == 180 {
				table.Cancel("id", "")
				table.Answer(k, peerFlow, &signal.Response{Status: 183}, "")
				table.Answer(k, peerFlow, &signal.Response{Status: 200}, "")
			}
			got = append(got, r.Status)
		})
		if err != nil {
			t.Fatal(err)
		}
		table.Answer(k, peerFlow, &signal.Response{Status: 180}, "")
		if want := []int{180, 183, 200}; !slices.Equal(got, want) {
			t.Errorf("got %v", got)
		}
	})
}

// TestCancelRaces lets CANCEL, ACK, repeats, answers and timers meet on one transaction.
func TestCancelRaces(t *testing.T) {
	table := New(NewTimes(Step, 2*Step, Step), 1000, func(signal.Flow, []byte) error { return nil },
		func(string) bool { return false })
	defer table.Close()
	invite := request(t, "INVITE", "z9hG4bK1", "c1")
	for i := range 200 {
		k := Key{uint64(i)}
		tx, err := table.Begin(k, invite, peerFlow, Inside)
		if err != nil {
			t.Fatal(err)
		}
		heard := make(chan bool, 2)
		var wg sync.WaitGroup
		for _, f := range []func(){
			func() { first, _, _ := tx.Cancelled(peerFlow.Remote.Addr()); heard <- first },
			func() { first, _, _ := tx.Cancelled(peerFlow.Remote.Addr()); heard <- first },
			func() { _ = table.Respond(k, 200, "t", bytesOf("200")) },
			func() { _ = table.Respond(k, 487, "t", bytesOf("487")) },
			func() { tx.Repeated(peerFlow) },
			func() { tx.Acked() },
		} {
			wg.Go(f)
		}
		wg.Wait()
		if a, b := <-heard, <-heard; a && b {
			t.Fatal("two CANCELs were both the first")
		}
	}
	table.Settle(t.Context())
}

// A finished transaction must cost little: at 10000 requests a second 320000 of them wait for
// their timer J.
func TestFinishedTransactionIsSmall(t *testing.T) {
	if testing.Short() {
		t.Skip("measures memory")
	}
	const n, limit = 50_000, 600
	table := New(times, n, func(signal.Flow, []byte) error { return nil }, func(string) bool { return false })
	defer table.Close()
	response := "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK-524287-1-0;received=192.0.2.1\r\n" +
		"From: <sip:alice@example.com>;tag=1928301774\r\nTo: <sip:bob@example.com>;tag=a6c85cf\r\n" +
		"Call-ID: 1-524287@192.0.2.1\r\nCSeq: 1 OPTIONS\r\nServer: Tandem\r\nContent-Length: 0\r\n\r\n"
	requests := make([]*sip.Request, 100)
	for i := range requests {
		requests[i] = request(t, "OPTIONS", "z9hG4bKx", fmt.Sprint(i))
	}
	before := heap()
	for i := range n {
		k := hashKey(fmt.Sprint(i))
		r := requests[i%len(requests)]
		call := sip.CallIDHeader(fmt.Sprint(i))
		r.ReplaceHeader(&call)
		if _, err := table.Begin(k, r, peerFlow, Outside); err != nil {
			t.Fatal(err)
		}
		if err := table.Respond(k, 200, "", bytesOf(response)); err != nil {
			t.Fatal(err)
		}
	}
	each := (heap() - before) / n
	t.Logf("%d bytes for each finished transaction, %d of them its response", each, len(response))
	if each > limit {
		t.Errorf("%d bytes, want at most %d", each, limit)
	}
	runtime.KeepAlive(table)
	runtime.KeepAlive(requests)
}

func heap() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// A CANCEL counts only from where the INVITE came from, and its answer carries the tag that the
// responses to the INVITE have.
func TestCancelledByItsSenderAlone(t *testing.T) {
	table, _ := newTable(t, 10)
	r := request(t, "INVITE", "z9hG4bK1", "c1")
	k := ServerKey(r, r.Method)
	tx, err := table.Begin(k, r, peerFlow, Outside)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, ours := tx.Cancelled(netip.MustParseAddr("192.0.2.66")); ours {
		t.Error("a stranger's CANCEL was taken")
	}
	final := bytesOf("SIP/2.0 486 Busy Here\r\nTo: \"b;tag=no\" <sip:a@b;tag=nor>;tag=mine;x=y\r\n\r\n")
	if err := table.Respond(k, 486, "mine", final); err != nil {
		t.Fatal(err)
	}
	if first, tag, ours := tx.Cancelled(peerFlow.Remote.Addr()); first || tag != "mine" || !ours {
		t.Errorf("after the final response: %v, %q, %v", first, tag, ours)
	}
}
