package actors

import (
	"bufio"
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/actors/account"
	"tandem/actors/acttest"
	"tandem/actors/pbx/storage"
	"tandem/actors/store"
	"tandem/signal"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

var updateDialogues = flag.Bool("update-dialogues", false, "write the dialogues of commands anew")

// cliClient talks as the ancestor's library does: a line out, a line in, and a further one where data
// follow.
type cliClient struct {
	testing.TB
	conn     net.Conn
	in       *bufio.Reader
	greeting string
}

func dialCLI(t testing.TB, h *House) *cliClient {
	t.Helper()
	conn, err := net.Dial("tcp", net.JoinHostPort(h.live.Conf().CLI.Bind[0], strconv.Itoa(h.Ports()["cli"])))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	c := &cliClient{TB: t, conn: conn, in: bufio.NewReader(conn)}
	c.greeting = c.line()
	return c
}

func (c *cliClient) line() string {
	c.Helper()
	line, err := c.in.ReadString('\n')
	if err != nil {
		c.Fatal(err)
	}
	return strings.TrimRight(line, "\r\n")
}

// say sends a line and returns the lines of its answer.
func (c *cliClient) say(line string) []string {
	c.Helper()
	if _, err := io.WriteString(c.conn, line+"\n"); err != nil {
		c.Fatal(err)
	}
	answer := []string{c.line()}
	if answer[0] == "200 data follow" {
		answer = append(answer, c.line())
	}
	return answer
}

// must runs a command that has to succeed and gives its result.
func (c *cliClient) must(line string) object.Value {
	c.Helper()
	answer := c.say(line)
	text := answer[len(answer)-1]
	switch code := answer[0][:3]; {
	case code == "201":
		text = text[4:]
	case code != "200":
		c.Fatalf("%s: %s", line, answer[0])
	case len(answer) == 1:
		return object.Null
	}
	v, err := object.Parse(text)
	if err != nil {
		c.Fatalf("%s: %s: %v", line, text, err)
	}
	return v
}

// fleeting are the parts of answers that differ from run to run.
var fleeting = []struct {
	what *regexp.Regexp
	as   string
}{
	{regexp.MustCompile(`<[A-Z0-9]+\.\d+@`), "<CHALLENGE@"},
	{regexp.MustCompile(`#T\d\d-\d\d-2\d\d\d_\d\d:\d\d:\d\d`), "#T(now)"},
}

func TestCommands(t *testing.T) {
	settings := settingsOf(t.TempDir())
	settings.Routing.Domains = []string{"second.test"}
	h := start(t, settings)
	files, err := filepath.Glob("testdata/commands/*.txt")
	if err != nil || len(files) < 8 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := replay(t, h, string(want))
			if *updateDialogues {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != string(want) {
				t.Errorf("got\n%s", got)
			}
		})
	}
}

// replay says what the client of a dialogue says and notes the answers. Lines that are not C: or S: are
// remarks, and stay.
func replay(t *testing.T, h *House, text string) string {
	var b strings.Builder
	c := dialCLI(t, h)
	fmt.Fprintf(&b, "S: %s\n", c.greeting)
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if said, ok := strings.CutPrefix(line, "C: "); ok {
			b.WriteString(line + "\n")
			for _, answer := range c.say(said) {
				b.WriteString("S: " + answer + "\n")
			}
		} else if !strings.HasPrefix(line, "S: ") {
			b.WriteString(line + "\n")
		}
	}
	got := b.String()
	for _, f := range fleeting {
		got = f.what.ReplaceAllString(got, f.as)
	}
	return got
}

// APOP proves a password without showing it; an account whose password is known as a hash only can not,
// until it was shown once.
func TestLoginByDigest(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	apop := func(user, password string) string {
		c := dialCLI(t, h)
		challenge := c.greeting[strings.LastIndexByte(c.greeting, '<'):]
		sum := md5.Sum([]byte(challenge + password))
		return c.say("APOP " + user + " " + hex.EncodeToString(sum[:]))[0]
	}
	if got := apop("1000", "1234"); got != "200 login OK" {
		t.Error(got)
	}
	if got := apop("1000", "12345"); got != "500 unknown user or incorrect password" {
		t.Error(got)
	}
	if got := apop("nobody", "1234"); got != "500 unknown user or incorrect password" {
		t.Error(got)
	}
	_, err := h.ledger.ChangeAccount(t.Context(), "1000@tandem.local", store.Write{}, func(r *account.Record) error {
		r.Sealed = ""
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := apop("1000", "1234"); !strings.HasPrefix(got, "500 this account's password is kept as a hash only") {
		t.Error(got)
	}
	c := dialCLI(t, h)
	c.say("USER 1000")
	if got := c.say("PASS 1234")[0]; got != "200 login OK" {
		t.Error(got)
	}
	if got := apop("1000", "1234"); got != "200 login OK" {
		t.Error("after a login with the password:", got)
	}
}

// A library in the ancestor's manner reads the same from both forms of answers, with INLINE and without.
func TestAncestorsLibrary(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	c := dialCLI(t, h)
	if !strings.HasPrefix(c.greeting, "200 ") || !strings.HasSuffix(c.greeting, "@tandem.local>") {
		t.Error(c.greeting)
	}
	c.say("USER admin")
	c.must("PASS 1234")
	for _, form := range []string{"NOOP", "INLINE"} {
		c.must(form)
		if v := c.must("LISTDOMAINS").Array(); v.Len() != 1 || v.At(0).Text() != "tandem.local" {
			t.Error(form, v)
		}
		c.must(`SETACCOUNTPREFS "1000@tandem.local" {"a b"="line\nbreak";n=#5;nested={x=(1,{y=z;});};}`)
		d := c.must(`GETACCOUNTPREFS "1000@tandem.local"`).Dictionary()
		if d.Get("a b").Text() != "line\nbreak" || d.Get("nested").Dictionary().Get("x").Array().Len() != 2 {
			t.Error(form, object.Format(d.Value()))
		}
		names := c.must("LISTCLICOMMANDS").Array()
		if names.Len() != len(cli.Names()) {
			t.Errorf("%s: %d commands", form, names.Len())
		}
		for element := c.must(`GETNEXTSTATNAME ""`); ; {
			value := c.must("GETSTATELEMENT " + object.Format(element))
			if _, ok := value.Int(); !ok {
				t.Errorf("%s: %s is %s", form, element.Text(), object.Format(value))
			}
			answer := c.say("GETNEXTSTATNAME " + object.Format(element))
			if strings.HasPrefix(answer[0], "501 ") {
				break
			}
			next, err := object.Parse(strings.TrimPrefix(answer[len(answer)-1], "201 "))
			if err != nil || next.Text() <= element.Text() {
				t.Fatal(answer, err)
			}
			element = next
		}
	}
}

// A Task is started, told something, asked and ended by commands: by its owner as by who may monitor, and by
// nobody else.
func TestTaskCommands(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	const admin, alice, bob = "admin@tandem.local", "1000@tandem.local", "1001@tandem.local"
	const program = `entry main is
		SetApplicationStatus("began with " + Vars().startParameter.word);
		loop
			got = ReadInput(3600);
			if IsDictionary(got) then SetApplicationStatus(got); end if;
		end loop;
	end entry;`
	data := base64.StdEncoding.EncodeToString([]byte(program))
	if _, f := run(t, h, admin, "STOREDOMAINPBXFILE tandem.local FILE waits.sppr DATA ["+data+"]"); f != "" {
		t.Fatal(f)
	}
	started, f := run(t, h, alice, `STARTPBXTASK * PROGRAM waits ENTRY main PARAM {word=hello;}`)
	if f != "" {
		t.Fatal(f)
	}
	id := object.Format(started)
	status := func(who string) string {
		v, f := run(t, h, who, "READNODESTATUS "+id)
		if f != "" {
			return f
		}
		return object.Format(v)
	}
	acttest.Until(t, "the Task has begun", func() bool { return status(alice) == `"began with hello"` })
	if got := status(bob); got != "501 access denied" {
		t.Error("another one reads", got)
	}
	if _, f := run(t, h, bob, "KILLNODE "+id); f != "501 access denied" {
		t.Error("another one ends it:", f)
	}
	if _, f := run(t, h, bob, "STARTPBXTASK 1000 PROGRAM waits"); f != "501 access denied" {
		t.Error("another one starts a Task in her name:", f)
	}
	if _, f := run(t, h, bob, "SENDTASKEVENT "+id+` EVENT "look here" PARAM (1,#2)`); f != "" {
		t.Error(f)
	}
	acttest.Until(t, "the event has come", func() bool {
		v, _ := run(t, h, admin, "READNODESTATUS "+id)
		return v.Dictionary().GetFold("what").Text() == "look here" &&
			object.Format(v.Dictionary().GetFold("parameter")) == "(1,#2)"
	})
	if _, f := run(t, h, alice, "KILLNODE "+id); f != "" {
		t.Error(f)
	}
	acttest.Until(t, "the Task is gone", func() bool {
		_, f := run(t, h, admin, "SENDTASKEVENT "+id+" EVENT again")
		return f == "501 async Object not found"
	})
	acttest.Until(t, "nothing is known of it", func() bool { return status(admin) == "501 async Object not found" })
}

// run runs a command in the name of an account.
func run(t testing.TB, h *House, aor, line string) (object.Value, string) {
	t.Helper()
	v, _, f := h.ExecuteLine(context.Background(), signal.AOR(aor), line)
	if f != nil {
		return v, f.Error()
	}
	return v, ""
}

// Whoever asks at the same time, each number is given once, and one number never to two.
func TestTelnumsAtOnce(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	const admin = "admin@tandem.local"
	const each = 10
	var both sync.WaitGroup
	var mu sync.Mutex
	winners := map[string]int{}
	for _, user := range []string{"1000", "1001"} {
		for i := range each {
			both.Go(func() {
				number := fmt.Sprintf("+4989%d", 1000+i)
				if _, f := run(t, h, admin, fmt.Sprintf("MODIFYACCOUNTTELNUMS %s {op=add;telnum=%q;}", user, number)); f == "" {
					mu.Lock()
					winners[number]++
					mu.Unlock()
				} else if f != "501 the telephone number belongs to another account" {
					t.Error(f)
				}
			})
		}
	}
	both.Wait()
	a, _ := run(t, h, admin, "GETACCOUNTTELNUMS 1000")
	b, _ := run(t, h, admin, "GETACCOUNTTELNUMS 1001")
	if len(winners) != each || a.Array().Len()+b.Array().Len() != each {
		t.Errorf("%v: 1000 has %s, 1001 has %s", winners, object.Format(a), object.Format(b))
	}
	popped := map[string]int{}
	for range 2 * each {
		for _, user := range []string{"1000", "1001"} {
			both.Go(func() {
				v, f := run(t, h, admin, "MODIFYACCOUNTTELNUMS "+user+" {op=pop;}")
				if f == "" {
					mu.Lock()
					popped[v.Dictionary().Get("telnum").Text()]++
					mu.Unlock()
				}
			})
		}
	}
	both.Wait()
	for number, n := range popped {
		if n != 1 {
			t.Errorf("%s was given %d times", number, n)
		}
	}
	if len(popped) != each {
		t.Errorf("popped %v", popped)
	}
	if _, ok := h.directory.Telnum("49891000"); ok {
		t.Error("a number that was taken away still leads somewhere")
	}
}

// Changes of one account at the same time are all made.
func TestPreferencesAtOnce(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	var all sync.WaitGroup
	const n = 20
	for i := range n {
		all.Go(func() {
			if _, f := run(t, h, "1000@tandem.local", fmt.Sprintf("UPDATEACCOUNTPREFS * {k%d=v;}", i)); f != "" {
				t.Error(f)
			}
		})
	}
	all.Wait()
	if v, _ := run(t, h, "1000@tandem.local", "GETACCOUNTPREFS *"); v.Dictionary().Len() != n {
		t.Errorf("%d of %d changes are left: %s", v.Dictionary().Len(), n, object.Format(v))
	}
}

// Whatever the parameters are, a command answers: with what is right, with what makes no sense, for whoever
// runs it.
func TestNoCommandFails(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	h.end = func() error { return nil }
	values := map[string][]string{
		"account": {"1001", "*", `"a b"`, `"x@y.z"`, "nobody"}, "domain": {"tandem.local", "y.z", `"-"`},
		"string": {"x", `""`, `"\000\255"`, `"a/../b"`}, "number": {"0", "-9223372036854775808"},
		"dict":  {"{}", "{a=(#NULL#);op=add;what=setEntry;id=a;program=p;when=#TFUTURE;}", "{Members=({},());Password={};RealName=#1;}"},
		"array": {"()", "(#1,(),{})", `(a,"")`}, "data": {"[]"}, "object": {"#NULL#", "<a/>"},
	}
	parameter := regexp.MustCompile(`[A-Za-z]+:([a-z]+)`)
	optional := regexp.MustCompile(`\[[^\[\]]*\]`)
	choice := regexp.MustCompile(`\(([^()|]*)\|?([^()]*)\)`)
	var names, last []string // what ends and renames things comes when the others have seen them
	for _, name := range cli.Names() {
		if strings.HasPrefix(name, "DELETE") || strings.HasPrefix(name, "RENAME") {
			last = append(last, name)
		} else {
			names = append(names, name)
		}
	}
	for _, name := range append(names, last...) {
		row, _ := cli.Find(name)
		forms := []string{row.Syntax}
		for without := row.Syntax; without != ""; {
			shorter := optional.ReplaceAllString(without, "")
			if shorter == without {
				break
			}
			without = shorter
			forms = append(forms, without)
		}
		for _, form := range forms {
			for i := range 5 {
				syntax := form
				for n := 0; choice.MatchString(syntax) && n < 5; n++ {
					syntax = choice.ReplaceAllString(syntax, fmt.Sprint("$", 1+i%2))
				}
				line := parameter.ReplaceAllStringFunc(strings.NewReplacer("[", "", "]", "", "|", "").Replace(syntax), func(p string) string {
					of := values[p[strings.IndexByte(p, ':')+1:]]
					return of[i%len(of)]
				})
				for _, who := range []string{"admin@tandem.local", "1000@tandem.local", "nobody@tandem.local"} {
					if _, f := run(t, h, who, name+" "+line); strings.Contains(f, "internal error") {
						t.Errorf("%s: %s %s: %s", who, name, line, f)
					}
				}
			}
		}
	}
}

// What was kept for an account goes with it when it is renamed, and is gone with it: whoever gets the address
// next finds nothing. The same holds for a domain, suspended or not.
func TestNothingIsInherited(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	const admin = "admin@tandem.local"
	do := func(lines ...string) {
		t.Helper()
		for _, line := range lines {
			if _, f := run(t, h, admin, line); f != "" {
				t.Fatal(line, f)
			}
		}
	}
	kept := func(aor, want string) {
		t.Helper()
		sets, _ := run(t, h, admin, "DATASET "+object.Quote(aor)+" {what=listSubsets;}")
		_, files := h.storage.Used(aor)
		if got := fmt.Sprint(object.Format(sets), " ", files); got != want {
			t.Errorf("%s has %s, want %s", aor, got, want)
		}
	}
	do(`CREATEDOMAIN new.test`, `CREATEACCOUNT "x@new.test" {Password=secret;}`,
		`DATASET "x@new.test" {what=createSet;subsetName=s;}`,
		`SETDOMAINSIGNALRULES new.test ((#100005,r,(),(("Stop Processing",""))))`,
		`STOREDOMAINPBXFILE new.test FILE a.sppi DATA [Ly8=]`)
	if err := h.storage.Write(t.Context(), "x@new.test", "notes", []byte("text"), storage.Whole); err != nil {
		t.Fatal(err)
	}
	kept("x@new.test", "(s) 1")
	do(`RENAMEACCOUNT "x@new.test" INTO "y@new.test"`, `CREATEACCOUNT "x@new.test"`)
	kept("x@new.test", "() 0")
	kept("y@new.test", "(s) 1")
	do(`DELETEACCOUNT "y@new.test"`, `CREATEACCOUNT "y@new.test"`)
	kept("y@new.test", "() 0")
	do(`SUSPENDDOMAIN new.test`, `DELETEDOMAIN new.test FORCE`, `CREATEDOMAIN new.test`)
	if v, f := run(t, h, admin, "LISTACCOUNTS new.test"); object.Format(v) != "{}" {
		t.Error(object.Format(v), f)
	}
	if v, f := run(t, h, admin, "GETDOMAINSIGNALRULES new.test"); object.Format(v) != "()" {
		t.Error(object.Format(v), f)
	}
	if _, f := run(t, h, admin, "READDOMAINPBXFILE new.test FILE a.sppi"); f != "501 file is not found" {
		t.Error(f)
	}
}

// SHUTDOWN is the administrator's, and ends the process as a service manager does.
func TestShutDown(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	ended := 0
	h.end = func() error { ended++; return nil }
	if _, f := run(t, h, "1000@tandem.local", "SHUTDOWN"); f != "501 access denied" || ended != 0 {
		t.Error(f, ended)
	}
	if _, f := run(t, h, "admin@tandem.local", "SHUTDOWN"); f != "" || ended != 1 {
		t.Error(f, ended)
	}
}

// An account that has lost its rights, or is disabled, has lost them at once.
func TestRightsActAtOnce(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	const alice = "1000@tandem.local"
	refused := func(want string) {
		t.Helper()
		if _, f := run(t, h, alice, "LISTACCOUNTS"); f != want {
			t.Errorf("%q, want %q", f, want)
		}
	}
	refused("501 access denied")
	for _, step := range []struct{ command, want string }{
		{"SETACCOUNTRIGHTS 1000 (BasicSettings)", ""},
		{"SETACCOUNTRIGHTS 1000 ()", "501 access denied"},
		{"SETACCOUNTRIGHTS 1000 (allDomains)", ""},
		{"UPDATEACCOUNTSETTINGS 1000 {Disabled=YES;}", "501 access denied"},
		{"UPDATEACCOUNTSETTINGS 1000 {Disabled=default;}", ""},
		{"DELETEACCOUNT 1000", "501 access denied"},
	} {
		if _, f := run(t, h, "admin@tandem.local", step.command); f != "" {
			t.Error(step.command, f)
		}
		refused(step.want)
	}
}

// What was kept comes back after a restart, to the directory too.
func TestCommandsLast(t *testing.T) {
	settings := settingsOf(t.TempDir())
	h := start(t, settings)
	const admin = "admin@tandem.local"
	for _, line := range []string{
		`CREATEDOMAIN third.test {Note=x;}`, `CREATEACCOUNT "carol@third.test" {Password=secret;RealName=Carol;}`,
		`CREATEFORWARDER sales TO "1000@tandem.local"`, `CREATEGROUP agents {Members=("1000");}`,
		`MODIFYACCOUNTTELNUMS "carol@third.test" {op=add;telnum="+4989555";}`,
		`CREATENAMEDTASK room FOR 1000`, `UPDATENAMEDTASK room {"Program Name"=chat;RealName="The Room";}`,
		`UPDATESCHEDULEDTASK 1000 {id=wake;program=wakeup;when=#T01-02-2030_06:00:00;period=day;parameter=(1,#2);}`,
	} {
		if _, f := run(t, h, admin, line); f != "" {
			t.Fatal(line, f)
		}
	}
	stop(t, h)
	h = start(t, settings)
	if v, f := run(t, h, admin, `GETDOMAINSETTINGS third.test`); object.Format(v) != "{Note=x;}" {
		t.Error(object.Format(v), f)
	}
	if _, f := run(t, h, admin, `VERIFYACCOUNTPASSWORD "carol@third.test" PASSWORD secret`); f != "" {
		t.Error(f)
	}
	if to, ok := h.directory.Forwarder("sales@tandem.local"); !ok || to != "1000@tandem.local" {
		t.Error("the forwarder is gone:", to, ok)
	}
	if a, ok := h.directory.Telnum("4989555"); !ok || a.AOR != "carol@third.test" {
		t.Error("the number leads to", a.AOR)
	}
	if members, ok := h.ledger.Members("agents@tandem.local"); !ok || !slices.Equal(members, []string{"1000"}) {
		t.Error("the group has", members)
	}
	if program, owner, ok := h.directory.NamedTask("room@tandem.local"); !ok || program != "chat" || owner != "1000@tandem.local" {
		t.Errorf("the named task runs %q for %s", program, owner)
	}
	if v, f := run(t, h, admin, `GETNAMEDTASK room`); v.Dictionary().Get("RealName").Text() != "The Room" {
		t.Error(object.Format(v), f)
	}
	s := h.ledger.Scheduled()
	if len(s) != 1 || s[0].Account != "1000@tandem.local" || s[0].ID != "wake" || s[0].Program != "wakeup" ||
		!s[0].When.Equal(time.Date(2030, 2, 1, 6, 0, 0, 0, time.UTC)) || object.Format(s[0].Parameter) != "(1,#2)" {
		t.Errorf("scheduled are %+v", s)
	}
}

// A right password whose sealed copy is there needs no slow hash; a wrong one, and one of nobody, wait for a place to
// do one, so that the time tells nothing.
func TestRightPasswordsAreKnownAtOnce(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	over, end := context.WithCancel(t.Context())
	end() // nobody waits for a place any more
	prove := func(user, password string) bool {
		_, f := h.console.Password(over, user, password)
		return f == nil
	}
	known := 0
	for range 100 { // whoever asks for a place may yet get one
		if prove("1000", "1234") {
			known++
		}
	}
	if known != 100 {
		t.Errorf("a right password was known %d times of 100", known)
	}
	if prove("1000", "12345") || prove("nobody", "1234") || prove("1000", "") {
		t.Error("a wrong password is right")
	}
	_, err := h.ledger.ChangeAccount(t.Context(), "1000@tandem.local", store.Write{}, func(r *account.Record) error {
		r.Disabled = true
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	acttest.Until(t, "a disabled account is out", func() bool { return !prove("1000", "1234") })
}
