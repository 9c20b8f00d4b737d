package setting

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/actors/store"
	"tandem/conf"
	"tandem/web"
)

func testLog(t *testing.T) *slog.Logger { return slog.New(slog.NewTextHandler(t.Output(), nil)) }

// bucketOf opens a store for the test.
func bucketOf(t *testing.T, dir string) *store.Bucket {
	t.Helper()
	s, err := store.Open(t.Context(), dir, conf.DefaultStore(), nil, testLog(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s.Bucket(store.Settings)
}

// member opens the settings of a member with sources of its own.
func member(t *testing.T, b *store.Bucket, name string, set ...string) *Settings {
	t.Helper()
	live, err := conf.NewLive(conf.Sources{Set: append(set, "member.name="+name)})
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(live, b, testLog(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(t.Context()) })
	return s
}

// set sets a value, for all where of is "".
func set(t *testing.T, s *Settings, of, key, value string) web.StoredSetting {
	t.Helper()
	row, err := s.Save(t.Context(), web.SettingWrite{Key: key, Member: of, Value: &value, Author: "ann", Reason: "why not"})
	if err != nil {
		t.Fatalf("%s=%s: %v", key, value, err)
	}
	return row
}

// refused expects a refusal with that status, in these words.
func refused(t *testing.T, err error, status int, words string) {
	t.Helper()
	var e *web.Error
	if !errors.As(err, &e) || e.Status != status || !strings.Contains(e.Message, words) {
		t.Errorf("%v, want %d and %q", err, status, words)
	}
}

// until waits for something that another member does on its own: it looks again after each change of the bucket.
func until(t *testing.T, b *store.Bucket, what string, done func() bool) {
	t.Helper()
	changed := make(chan struct{}, 1)
	stop := b.Watch(func(store.Entry) {
		select {
		case changed <- struct{}{}:
		default:
		}
	})
	defer stop()
	late := time.After(20 * time.Second)
	for !done() {
		select {
		case <-changed:
		case <-late:
			t.Fatalf("never: %s", what)
		}
	}
}

// followed waits until a member has taken a revision.
func followed(t *testing.T, s *Settings, revision uint64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := s.await(ctx, revision); err != nil {
		t.Fatal(err)
	}
}

// value is a setting as the member has it, and where that comes from.
func value(t *testing.T, s *Settings, key string) string {
	t.Helper()
	e, err := s.Explain(key)
	if err != nil {
		t.Fatal(err)
	}
	return e.Value + " from " + e.Origin.String()
}

func TestTwoMembersFollowOneStore(t *testing.T) {
	b := bucketOf(t, t.TempDir())
	one, two := member(t, b, "tandem1"), member(t, b, "tandem2")
	if one.Taken() != 0 {
		t.Errorf("taken %d of nothing", one.Taken())
	}
	all := set(t, one, "", "routing.max_forks", "7")
	own := set(t, one, "tandem2", "routing.max_forks", "9")
	followed(t, two, own.Revision)
	if one.Taken() != own.Revision || two.Taken() != own.Revision {
		t.Errorf("taken %d and %d, of %d", one.Taken(), two.Taken(), own.Revision)
	}
	if got, want := value(t, one, "routing.max_forks"), fmt.Sprintf("7 from cluster, revision %d, ann", all.Revision); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := value(t, two, "routing.max_forks"), fmt.Sprintf("9 from member tandem2, revision %d, ann", own.Revision); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	back, err := two.Save(t.Context(), web.SettingWrite{Key: "routing.max_forks", Member: "tandem2", Author: "bob"})
	if err != nil || back.Value != nil || back.Author != "bob" || back.Revision <= own.Revision {
		t.Errorf("%+v %v", back, err)
	}
	followed(t, one, back.Revision)
	if got := value(t, two, "routing.max_forks"); !strings.HasPrefix(got, "7 from cluster") || one.Taken() != two.Taken() {
		t.Errorf("taken back: %s; %d and %d", got, one.Taken(), two.Taken())
	}
	rows, err := one.Find(t.Context(), web.SettingQuery{})
	if err != nil || len(rows) != 1 || rows[0].Member != "" || *rows[0].Value != "7" || rows[0].Reason != "why not" || rows[0].Change != "next call" {
		t.Errorf("%+v %v", rows, err)
	}
}

// What one member can not take is told by any other one, until it is put right.
func TestNotTakenElsewhere(t *testing.T) {
	b := bucketOf(t, t.TempDir())
	one := member(t, b, "tandem1")
	two := member(t, b, "tandem2", "routing.domain=two.example", "accounts.max_expires=30m", "accounts.default_expires=30m")
	row := set(t, one, "", "accounts.min_expires", "40m")
	set(t, one, "", "routing.domain", "cluster.example")
	followed(t, two, set(t, one, "", "sip.udp", "5070").Revision)
	told := func() string {
		var lines []string
		rows, err := one.Find(t.Context(), web.SettingQuery{})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			for _, e := range r.Except {
				lines = append(lines, strings.TrimSuffix(r.Key+" "+e.Member+" "+e.State+" "+e.Why, " "))
			}
		}
		return strings.Join(lines, "\n")
	}
	want := "accounts.min_expires tandem2 not taken accounts.min_expires: 40m is longer than max_expires, 30m; right would be: at most 30m; " +
		"accounts.default_expires: 30m is outside of min_expires to max_expires; right would be: 40m..30m\n" +
		"routing.domain tandem1 after restart\nrouting.domain tandem2 hidden flag routing.domain\n" +
		"sip.udp tandem1 after restart\nsip.udp tandem2 after restart"
	until(t, b, "tandem2 tells", func() bool { return strings.Count(told(), "\n") == 4 })
	if got := told(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if one.Trouble() != "" || !strings.HasPrefix(two.Trouble(), fmt.Sprintf("accounts.min_expires (revision %d) is not taken: ", row.Revision)) {
		t.Errorf("%q, %q", one.Trouble(), two.Trouble())
	}
	if two.Taken() != one.Taken() {
		t.Error("what is kept out holds up the rest")
	}
	followed(t, two, set(t, one, "", "accounts.min_expires", "20m").Revision)
	if two.Trouble() != "" || two.live.Conf().Accounts.MinExpires != 20*time.Minute {
		t.Error(two.Trouble())
	}
	until(t, b, "tandem2 tells that all is right", func() bool {
		e, _ := b.Get(stateOf + "tandem2")
		return !strings.Contains(string(e.Value), "not taken") && !strings.Contains(told(), "not taken")
	})
}

func TestRefusals(t *testing.T) {
	b := bucketOf(t, t.TempDir())
	s := member(t, b, "tandem1")
	s.Lives(func(member string) bool { return member == "tandem2" })
	first := set(t, s, "", "sip.t1", "3s")
	for _, c := range []struct {
		of, key, value string
		status         int
		words          string
	}{
		{"", "sip.t3", "1s", 400, "sip.t3: is unknown; right would be: sip.t1"},
		{"", "sip.t2", "fast", 400, "is no duration"},
		{"", "sip.t2", "2s", 400, "tandem1 could not take it: sip.t1: 3s is longer than t2, 2s"},
		{"", "sip.bind", "127.0.0.1", 400, "different on each member"},
		{"", "store.url", "nats://h:1", 400, "before a member opens the store"},
		{"tandem1", "member.name", "x", 400, "before a member opens the store"},
		{"", "store.token", "swordfish", 400, "holds a secret"},
		{"", "sip.cert", "/etc/passwd", 400, "names a file"},
		{"a/b", "log.level", "debug", 400, "no name of a member"},
		{strings.Repeat("m", 300), "log.level", "debug", 400, "no name of a member"},
		{"tandem9", "log.level", "debug", 404, "there is no member tandem9"},
		{"", "http.port", "-1", 400, "would close the door to all members"},
		{"", "cli.port", "-1", 400, "would close the door to all members"},
		{"", "sip.user_agent", strings.Repeat("x", 70000), 400, "at most 65536"},
	} {
		_, err := s.Save(t.Context(), web.SettingWrite{Key: c.key, Member: c.of, Value: &c.value})
		refused(t, err, c.status, c.words)
		if strings.Contains(err.Error(), "swordfish") {
			t.Error("a secret is shown")
		}
	}
	v := "2s"
	_, err := s.Save(t.Context(), web.SettingWrite{Key: "sip.t4", Value: &v, Reason: strings.Repeat("x", 901)})
	refused(t, err, 400, "reason")
	set(t, s, "", "sip.t2", "6s")
	set(t, s, "", "sip.t1", "5s")
	_, err = s.Save(t.Context(), web.SettingWrite{Key: "sip.t2"})
	refused(t, err, 409, "then tandem1 could not take sip.t1 any more")
	_, err = s.Revert(t.Context(), first.Revision, web.SettingWrite{Key: "sip.t9"})
	refused(t, err, 404, "was never set")
	_, err = s.History(t.Context(), "sip.t9", "")
	refused(t, err, 404, "unknown")
	_, err = s.Explain("sip.t9")
	refused(t, err, 404, "unknown")
	if rows, err := s.Find(t.Context(), web.SettingQuery{}); err != nil || len(rows) != 2 || s.live.Conf().SIP.T2 != 6*time.Second {
		t.Errorf("%+v %v", rows, err)
	}
}

// For another member a value is checked by itself: what else that member has, it knows alone.
func TestForAnotherMember(t *testing.T) {
	s := member(t, bucketOf(t, t.TempDir()), "tandem1")
	row := set(t, s, "tandem2", "sip.t1", "9s")
	if len(row.Except) != 0 || s.live.Conf().SIP.T1 != 500*time.Millisecond || s.Trouble() != "" {
		t.Errorf("%+v", row)
	}
	v := "11s"
	_, err := s.Save(t.Context(), web.SettingWrite{Key: "sip.t1", Member: "tandem2", Value: &v})
	refused(t, err, 400, "out of range")
}

func TestCompareAndSet(t *testing.T) {
	s := member(t, bucketOf(t, t.TempDir()), "tandem1")
	save := func(value string, revision uint64) (web.StoredSetting, error) {
		w := web.SettingWrite{Key: "log.level", Value: &value, Revision: &revision}
		if value == "" {
			w.Value = nil
		}
		return s.Save(t.Context(), w)
	}
	first, err := save("debug", 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = save("warn", 0)
	refused(t, err, 409, fmt.Sprintf("has revision %d now, not 0", first.Revision))
	second, err := save("warn", first.Revision)
	if err != nil {
		t.Fatal(err)
	}
	_, err = save("", first.Revision)
	refused(t, err, 409, "look again")
	if _, err := save("", second.Revision); err != nil {
		t.Fatal(err)
	}
	_, err = save("error", second.Revision)
	refused(t, err, 409, "is not set now")
	if row, err := save("", 0); err != nil || row.Value != nil {
		t.Errorf("taken back twice: %+v %v", row, err)
	}
	if _, err := save("error", 0); err != nil {
		t.Errorf("set again: %v", err)
	}
	if s.live.Conf().Log.Level != "error" {
		t.Error(s.live.Conf().Log.Level)
	}
}

// Of changes made upon the same revision at once one is made.
func TestChangesThatCross(t *testing.T) {
	b := bucketOf(t, t.TempDir())
	members := []*Settings{member(t, b, "tandem1"), member(t, b, "tandem2")}
	revision := set(t, members[0], "", "log.level", "warn").Revision
	done := make(chan error)
	const tries = 20
	for i := range tries {
		go func() {
			value := []string{"debug", "error"}[i%2]
			_, err := members[i%2].Save(t.Context(), web.SettingWrite{Key: "log.level", Value: &value, Revision: &revision})
			done <- err
		}()
	}
	made := 0
	for range tries {
		if err := <-done; err == nil {
			made++
		} else {
			refused(t, err, 409, "look again")
		}
	}
	if made != 1 {
		t.Errorf("%d changes were made", made)
	}
}

// What a member has told of an older revision says nothing of the newer one.
func TestWhatMembersTellIsOfOneRevision(t *testing.T) {
	b := bucketOf(t, t.TempDir())
	s := member(t, b, "tandem1")
	row := set(t, s, "tandem2", "sip.t1", "9s")
	all := set(t, s, "", "sip.t4", "9s")
	except := func(key, state string) []web.SettingExcept {
		t.Helper()
		if _, err := b.Put(t.Context(), stateOf+"tandem2", []byte(state), store.Write{}); err != nil {
			t.Fatal(err)
		}
		rows, err := s.Find(t.Context(), web.SettingQuery{Key: key})
		if err != nil || len(rows) != 1 {
			t.Fatalf("%+v %v", rows, err)
		}
		return rows[0].Except
	}
	const fates = `{"Fates":[{"Key":"sip.t1","Own":true,"Revision":%d,"State":"not taken","Why":"no"}]}`
	if got := except("sip.t1", fmt.Sprintf(fates, row.Revision-1)); len(got) != 0 {
		t.Errorf("of an older one: %v", got)
	}
	want := []web.SettingExcept{{Member: "tandem2", State: "not taken", Why: "no"}}
	if got := except("sip.t1", fmt.Sprintf(fates, row.Revision)); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	const trouble = `{"Trouble":"no","Taken":%d}`
	if got := except("sip.t4", fmt.Sprintf(trouble, all.Revision-1)); !slices.Equal(got, want) {
		t.Errorf("of one that takes nothing new: %v", got)
	}
	if got := except("sip.t4", fmt.Sprintf(trouble, all.Revision)); len(got) != 0 {
		t.Errorf("of one that has taken this before: %v", got)
	}
}

func TestHistoryAndRevert(t *testing.T) {
	s := member(t, bucketOf(t, t.TempDir()), "tandem1")
	first := set(t, s, "", "log.level", "debug")
	set(t, s, "", "log.level", "warn")
	if _, err := s.Save(t.Context(), web.SettingWrite{Key: "log.level", Author: "bob"}); err != nil {
		t.Fatal(err)
	}
	row, err := s.Revert(t.Context(), first.Revision, web.SettingWrite{Key: "log.level", Author: "eve", Reason: "too quiet"})
	about := fmt.Sprintf("revert to revision %d: too quiet", first.Revision)
	if err != nil || *row.Value != "debug" || row.Reason != about || row.Author != "eve" || s.live.Conf().Log.Level != "debug" {
		t.Errorf("%+v %v", row, err)
	}
	history, err := s.History(t.Context(), "log.level", "")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, r := range history {
		value := "-"
		if r.Value != nil {
			value = *r.Value
		}
		lines = append(lines, value+" "+r.Author)
		if r.At.IsZero() {
			t.Error("a revision without its time")
		}
	}
	if want := []string{"debug ann", "warn ann", "- bob", "debug eve"}; !slices.Equal(lines, want) {
		t.Errorf("%q, want %q", lines, want)
	}
	_, err = s.Revert(t.Context(), 99999, web.SettingWrite{Key: "log.level"})
	refused(t, err, 404, "no revision 99999")
	if _, err := s.Revert(t.Context(), history[2].Revision, web.SettingWrite{Key: "log.level"}); err != nil || s.live.Conf().Log.Level != "info" {
		t.Errorf("back to none: %v %s", err, s.live.Conf().Log.Level)
	}
	if none, err := s.History(t.Context(), "log.wire", ""); err != nil || len(none) != 0 {
		t.Errorf("%v %v", none, err)
	}
}

// At the start all acts, also what needs a restart, but what can not be taken.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	b := bucketOf(t, dir)
	s := member(t, b, "tandem1")
	row := set(t, s, "", "sip.udp", "5070")
	if len(row.Except) != 1 || row.Except[0].State != "after restart" || s.live.Conf().SIP.UDP != 5060 {
		t.Errorf("%+v", row)
	}
	set(t, s, "", "sip.t1", "3s")
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}

	upgraded := member(t, b, "tandem1", "sip.t2=2s")
	rows, err := upgraded.Find(t.Context(), web.SettingQuery{})
	if err != nil || len(rows) != 2 || rows[0].Except[0].State != "not taken" || len(rows[1].Except) != 0 {
		t.Errorf("%+v %v", rows, err)
	}
	if got := value(t, upgraded, "sip.udp"); got != fmt.Sprintf("5070 from cluster, revision %d, ann", row.Revision) {
		t.Error(got)
	}
	if !strings.Contains(upgraded.Trouble(), "sip.t1") {
		t.Error(upgraded.Trouble())
	}
}

// Entries that another version wrote, or nobody: they are passed over, and masked where they are shown.
func TestStrangeEntries(t *testing.T) {
	b := bucketOf(t, t.TempDir())
	for key, text := range map[string]string{
		"setting/cluster/new.secret": `{"Value":"swordfish"}`, "setting/cluster/log.level": `{"Value":"warn"}`,
		"setting/cluster/log.wire": `nonsense`, "setting/cluster/": `{"Value":"x"}`, "setting/member/x": `{}`, "setting/else": `{}`,
		"setting/state/tandem2": `nonsense`, "setting/cluster/sip.t1": `{"Value":"1s","More":[1]}`,
	} {
		if _, err := b.Put(t.Context(), key, []byte(text), store.Write{}); err != nil {
			t.Fatal(err)
		}
	}
	s := member(t, b, "tandem1")
	rows, err := s.Find(t.Context(), web.SettingQuery{})
	if err != nil || len(rows) != 3 || rows[1].Key != "new.secret" || *rows[1].Value != "********" || rows[1].Except[0].State != "not taken" {
		t.Errorf("%+v %v", rows, err)
	}
	if s.live.Conf().Log.Level != "warn" || s.live.Conf().SIP.T1 != time.Second || s.live.Conf().Log.Wire {
		t.Errorf("%+v", s.live.Conf().Log)
	}
	if _, err := s.Save(t.Context(), web.SettingWrite{Key: "new.secret"}); err != nil {
		t.Errorf("what is not known can not be taken back: %v", err)
	}
}

// A file that is read again is told too, since it may not go with what the cluster keeps.
func TestReloadIsTold(t *testing.T) {
	b := bucketOf(t, t.TempDir())
	var environ []string
	live, err := conf.NewLive(conf.Sources{Environ: environ})
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(live, b, testLog(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(t.Context()) })
	demand := false
	if _, err := live.Require(func(c *conf.Conf, wrong func(key, wrong, right string)) {
		if demand && c.Log.Level == "debug" {
			wrong("log.level", "is too much", "")
		}
	}); err != nil {
		t.Fatal(err)
	}
	set(t, s, "", "log.level", "debug")
	demand = true
	if _, err := live.Reload(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(s.Trouble(), "is too much") || live.Conf().Log.Level != "info" {
		t.Errorf("%q %s", s.Trouble(), live.Conf().Log.Level)
	}
	until(t, b, "the state is told", func() bool {
		e, ok := b.Get(stateOf + "tandem1")
		return ok && strings.Contains(string(e.Value), "is too much")
	})
}

func TestForget(t *testing.T) {
	b := bucketOf(t, t.TempDir())
	s := member(t, b, "tandem1")
	set(t, s, "", "log.level", "warn")
	set(t, s, "tandem9", "log.level", "debug")
	if _, err := b.Put(t.Context(), stateOf+"tandem9", []byte(`{}`), store.Write{}); err != nil {
		t.Fatal(err)
	}
	if err := s.Forget(t.Context(), "tandem9", "ann"); err != nil {
		t.Fatal(err)
	}
	rows, err := s.Find(t.Context(), web.SettingQuery{})
	if err != nil || len(rows) != 1 || rows[0].Member != "" {
		t.Errorf("%+v %v", rows, err)
	}
	if _, ok := b.Get(stateOf + "tandem9"); ok {
		t.Error("its state is still there")
	}
}

func TestKeys(t *testing.T) {
	for _, c := range []struct{ key, member, stored string }{
		{"sip.udp", "", "setting/cluster/sip.udp"}, {"sip.udp", "tandem1", "setting/member/tandem1/sip.udp"},
	} {
		if got := storeKey(c.key, c.member); got != c.stored {
			t.Error(got)
		}
		if key, member, ok := fromKey(c.stored); !ok || key != c.key || member != c.member {
			t.Errorf("%s %s %v", key, member, ok)
		}
	}
	for _, k := range []string{"", "setting/", "setting/cluster/", "setting/member/", "setting/member/x", "setting/member//k", "setting/state/x"} {
		if _, _, ok := fromKey(k); ok {
			t.Errorf("%q is taken for a key", k)
		}
	}
}

func TestClosed(t *testing.T) {
	b := bucketOf(t, t.TempDir())
	s := member(t, b, "tandem1")
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	v := "warn"
	_, err := s.Save(t.Context(), web.SettingWrite{Key: "log.level", Value: &v})
	refused(t, err, 503, "is kept as revision")
}
