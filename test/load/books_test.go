package load

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/test/lab"
)

// account of a call: what the record of its leg must say.
type account struct {
	story  string
	status int  // final status of the INVITE; 0: whatever it was
	maybe  bool // it was refused before there was a leg, perhaps: then it has no record
}

// written is a record as REST tells it, as far as the books go.
type written struct {
	Handler   string `json:"handler"`
	SIPCallID string `json:"sip_call_id"`
	Account   string `json:"account"`
	Direction string `json:"direction"`
	From      string `json:"from"`
	To        string `json:"to"`
	Trunk     string `json:"trunk"`
	Cause     string `json:"cause"`
	Status    int    `json:"status"`
}

// ledger is what one member has written, each record once: by its handler.
type ledger struct {
	m          *lab.Member
	seen       map[string]bool
	byCall     map[string][]written // by Call-ID
	challenged int                  // records of INVITEs that were asked for credentials
	twice      int                  // records that one answer had twice
	read       time.Time            // up to when all was read
}

func newLedger(m *lab.Member) *ledger {
	return &ledger{m: m, seen: map[string]bool{}, byCall: map[string][]written{}, read: time.Now()}
}

const (
	// overlapping is how much of what was read is read again: a record may be told a little after its leg's end.
	overlapping = time.Minute
	// recordsAtOnce is the most that REST gives.
	recordsAtOnce = 10000
	// bookWait is the wait for records of legs that have ended.
	bookWait = time.Minute
)

// fetch reads what is new.
func (l *ledger) fetch() error {
	now := time.Now()
	var list struct {
		Records []written
		More    bool
	}
	since := l.read.Add(-overlapping).UTC().Format(time.RFC3339)
	if err := l.m.Ask(http.MethodGet, fmt.Sprintf("records?limit=%d&since=%s", recordsAtOnce, since), nil, &list); err != nil {
		return err
	}
	if list.More {
		return fmt.Errorf("more than %d records since %s: they are read too seldom", recordsAtOnce, since)
	}
	here := map[string]bool{}
	for _, r := range list.Records {
		if here[r.Handler] {
			l.twice++
		}
		here[r.Handler] = true
		if l.seen[r.Handler] {
			continue
		}
		l.seen[r.Handler] = true
		if r.Status == 401 || r.Status == 407 {
			l.challenged++ // the caller has come again with the same Call-ID, and has a record of that
			continue
		}
		l.byCall[r.SIPCallID] = append(l.byCall[r.SIPCallID], r)
	}
	l.read = now
	return nil
}

// overTrunks are the Call-IDs of calls between two members.
func (l *ledger) overTrunks() map[string]bool {
	all := map[string]bool{}
	for id, records := range l.byCall {
		if records[0].Trunk != "" {
			all[id] = true
		}
	}
	return all
}

// books are the calls that the stories have made, beside the records of both members.
type books struct {
	t         *testing.T
	near, far *ledger
	reading   sync.Mutex

	mu       sync.Mutex
	wanted   map[string]account // by Call-ID, at the member
	beyond   map[string]account // at the carrier
	sessions map[string]int     // legs of sessions, whose Call-IDs the member makes, by account
}

func newBooks(t *testing.T, near, far *lab.Member) *books {
	return &books{t: t, near: newLedger(near), far: newLedger(far), wanted: map[string]account{}, beyond: map[string]account{}, sessions: map[string]int{}}
}

// note keeps what must be written of a call.
func (b *books) note(id string, a account) { b.mu.Lock(); b.wanted[id] = a; b.mu.Unlock() }

// noteBeyond keeps what the carrier must write of a call.
func (b *books) noteBeyond(id string, a account) { b.mu.Lock(); b.beyond[id] = a; b.mu.Unlock() }

// noteSession keeps that a session of an account has had a leg.
func (b *books) noteSession(user string) {
	b.mu.Lock()
	b.sessions[user+"@"+lab.Domain]++
	b.mu.Unlock()
}

// read reads what is new at both members.
func (b *books) read() {
	b.reading.Lock()
	defer b.reading.Unlock()
	for _, l := range []*ledger{b.near, b.far} {
		if err := l.fetch(); err != nil {
			b.t.Errorf("the records of %s at %s: %v", l.m.Name, l.m.Bind, err)
		}
	}
}

// complete tells whether every call has a record at least.
func (b *books) complete() bool {
	b.read()
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.near.holds(b.wanted) && b.far.holds(b.beyond)
}

func (l *ledger) holds(wanted map[string]account) bool {
	for id, a := range wanted {
		if !a.maybe && len(l.byCall[id]) == 0 {
			return false
		}
	}
	return true
}

// audit compares, after all calls have ended.
func (b *books) audit() (wrong []string) {
	for over := time.Now().Add(bookWait); !b.complete() && time.Now().Before(over); {
		time.Sleep(time.Second)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	wrong = append(b.near.compare("member", b.wanted, b.sessions), b.far.compare("carrier", b.beyond, nil)...)
	near, far := b.near.overTrunks(), b.far.overTrunks()
	for id := range near {
		if !far[id] {
			wrong = append(wrong, fmt.Sprintf("the carrier has no record of %s", describe(b.near.byCall[id])))
		}
	}
	for id := range far {
		if !near[id] {
			wrong = append(wrong, fmt.Sprintf("the member has no record of %s", describe(b.far.byCall[id])))
		}
	}
	return wrong
}

// compare says what is missing, double, unknown or told otherwise.
func (l *ledger) compare(name string, wanted map[string]account, sessions map[string]int) (wrong []string) {
	unknown := map[string][]written{} // by account
	for id, a := range wanted {
		records := l.byCall[id]
		switch {
		case len(records) == 0 && a.maybe:
		case len(records) == 0:
			wrong = append(wrong, fmt.Sprintf("the %s has no record of a call of %q (%s)", name, a.story, id))
		case len(records) > 1:
			wrong = append(wrong, fmt.Sprintf("the %s has %d records of a call of %q: %s", name, len(records), a.story, describe(records)))
		case a.status != 0 && records[0].Status != a.status:
			wrong = append(wrong, fmt.Sprintf("the %s says of a call of %q that had %d: %s", name, a.story, a.status, describe(records)))
		}
	}
	for id, records := range l.byCall {
		switch _, known := wanted[id]; {
		case known:
		case records[0].Trunk == "":
			unknown[records[0].Account] = append(unknown[records[0].Account], records...)
		case len(records) > 1:
			wrong = append(wrong, fmt.Sprintf("the %s has %d records of a call over a trunk: %s", name, len(records), describe(records)))
		}
	}
	for user, n := range sessions {
		if records := unknown[user]; len(records) != n {
			wrong = append(wrong, fmt.Sprintf("sessions of %s have had %d legs, and there are %d records: %s", user, n, len(records), describe(records)))
		}
		delete(unknown, user)
	}
	for _, records := range unknown {
		wrong = append(wrong, fmt.Sprintf("the %s has records of calls that nobody made: %s", name, describe(records)))
	}
	if l.twice > 0 {
		wrong = append(wrong, fmt.Sprintf("the %s has told %d records twice in one answer", name, l.twice))
	}
	return wrong
}

func describe(records []written) string { return fmt.Sprintf("%+v", records) }

func (b *books) String() string {
	n := 0
	for _, legs := range b.sessions {
		n += legs
	}
	return fmt.Sprintf("%d legs of calls, %d of sessions and %d over the trunk, %d records of the member, %d of them of challenges; "+
		"%d legs of calls at the carrier, %d records there", len(b.wanted), n, len(b.near.overTrunks()), len(b.near.seen), b.near.challenged,
		len(b.beyond), len(b.far.seen))
}

// queueBook is what callers of the queue have lived through, in order, beside the queue_log.
type queueBook struct {
	mu    sync.Mutex
	ends  map[string][]string // by caller; "": an agent and the caller were equally fast
	lines int
}

func newQueueBook() *queueBook { return &queueBook{ends: map[string][]string{}} }

// note keeps how a call has ended: ABANDON or COMPLETE.
func (q *queueBook) note(caller, end string) {
	q.mu.Lock()
	q.ends[caller] = append(q.ends[caller], end)
	q.mu.Unlock()
}

// audit compares with the queue_log, when that is written.
func (q *queueBook) audit(m *lab.Member) (wrong []string) {
	for over := time.Now().Add(bookWait); ; time.Sleep(time.Second) {
		text := queueLogOf(m)
		wrong, q.lines = q.compare(text), strings.Count(text, "\n")
		if len(wrong) == 0 || time.Now().After(over) {
			return wrong
		}
	}
}

// queueLogOf is all that a member has written into its queue_log, the oldest first.
func queueLogOf(m *lab.Member) string {
	files, _ := filepath.Glob(filepath.Join(m.Data, m.Name, "queue_log*"))
	files = slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, ".position") })
	slices.Sort(files)
	slices.Reverse(files)
	var all strings.Builder
	for _, f := range files {
		if text, err := os.ReadFile(f); err == nil {
			all.Write(text)
		}
	}
	return all.String()
}

// compare says how the log tells it otherwise.
func (q *queueBook) compare(text string) (wrong []string) {
	callers, ends := map[string][]string{}, map[string][]string{} // calls by caller; ends by call
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSpace(line), "|")
		if len(f) < 5 {
			continue
		}
		switch verb := f[4]; {
		case verb == "ENTERQUEUE" && len(f) > 6:
			callers[f[6]] = append(callers[f[6]], f[1])
		case verb == "ABANDON" || strings.HasPrefix(verb, "COMPLETE") || strings.HasPrefix(verb, "EXIT") || verb == "BLINDTRANSFER":
			ends[f[1]] = append(ends[f[1]], verb)
		}
	}
	for caller, want := range q.ends {
		calls := callers[caller]
		delete(callers, caller)
		if len(calls) != len(want) {
			wrong = append(wrong, fmt.Sprintf("%s has called the queue %d times, and the queue_log has %d", caller, len(want), len(calls)))
			continue
		}
		for i, call := range calls {
			if e := ends[call]; len(e) != 1 || !strings.HasPrefix(e[0], want[i]) {
				wrong = append(wrong, fmt.Sprintf("the call %s of %s to the queue ended in %q, and the queue_log has %q", call, caller, want[i], e))
			}
		}
	}
	for caller, calls := range callers {
		wrong = append(wrong, fmt.Sprintf("the queue_log has %d calls of %s, who has not called", len(calls), caller))
	}
	return wrong
}

func (q *queueBook) String() string {
	n := 0
	for _, ends := range q.ends {
		n += len(ends)
	}
	return fmt.Sprintf("%d calls to the queue, %d lines of queue_log", n, q.lines)
}

// TestBooks finds what is missing, double, unknown and told otherwise.
func TestBooks(t *testing.T) {
	l := newLedger(nil)
	l.byCall = map[string][]written{"good": {{Status: 200}}, "twice": {{Status: 200}, {Status: 200}}, "other": {{Status: 486}}, "nobody's": {{}},
		"session": {{Account: "1"}},
		"trunk":   {{Trunk: "far"}}}
	wrong := l.compare("member", map[string]account{"good": {status: 200}, "twice": {}, "other": {status: 200}, "missing": {}, "refused": {maybe: true}},
		map[string]int{"1": 1, "2": 1})
	if len(wrong) != 5 {
		t.Errorf("found is %q", wrong)
	}
}

// TestQueueBook does so with a queue_log.
func TestQueueBook(t *testing.T) {
	q := newQueueBook()
	q.note("1", "ABANDON")
	q.note("1", "COMPLETE")
	q.note("2", "")
	good := "9|a|load|NONE|ENTERQUEUE||1|1\n9|a|load|NONE|ABANDON|1|1|0\n9|b|load|NONE|ENTERQUEUE||1|1\n9|b|load|7|COMPLETEAGENT|1|1|1\n" +
		"9|c|load|NONE|ENTERQUEUE||2|1\n9|c|load|7|COMPLETECALLER|1|1|1\n"
	if wrong := q.compare(good); len(wrong) != 0 {
		t.Errorf("of a log that is right: %q", wrong)
	}
	for _, bad := range []string{good + "9|c|load|NONE|ABANDON|1|1|0\n", good + "9|d|load|NONE|ENTERQUEUE||3|1\n",
		strings.Replace(good, "9|a|load|NONE|ABANDON|1|1|0\n", "", 1), strings.Replace(good, "9|b|load|NONE|ENTERQUEUE||1|1\n", "", 1)} {
		if wrong := q.compare(bad); len(wrong) != 1 {
			t.Errorf("%q: %q", bad, wrong)
		}
	}
}
