package recording

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var example = Call{Partition: "B", CallID: "1795305028.4", Queue: "sales", Agent: "Agent/101", Caller: "0301234567",
	Enter: 1795305028, Connect: 1795305040, End: 1795305100}

func names(all []Found) (out []string) {
	for _, f := range all {
		out = append(out, f.Name)
	}
	return out
}

// files writes files below a folder, and returns it.
func files(t *testing.T, all ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range all {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte("sound of "+filepath.Base(name)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func finder(t *testing.T, zone *time.Location, rules ...string) *Finder {
	t.Helper()
	f, err := New(rules, zone)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFiles(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	dir := files(t, "2026/11/21/q-sales-1795305028.4.wav", "2026/11/21/q-sales-1795305028.4-2.wav", "2026/11/21/other-1795305028.41x.wav",
		"agents/Agent-101/1795305028.4.mp3", "late/20261122-1795305199.9.wav", "late/20261121-1795305199.9.wav")
	night := func(c *Call) { c.CallID, c.Enter, c.Connect, c.End = "1795305199.9", 1795305199, 0, 1795305199+3600 }
	for _, tt := range []struct {
		name, template string
		zone           *time.Location
		call           func(*Call)
		want           string
	}{
		{"several files, by name", "/%Y/%m/%d/q-{queue}-{callid}*.wav", time.UTC, nil, "q-sales-1795305028.4-2.wav q-sales-1795305028.4.wav"},
		{"an agent's name is one step", "/agents/{agent}/{callid}.mp3", time.UTC, nil, "1795305028.4.mp3"},
		{"another partition has none", "/%Y/%m/%d/q-{queue}-{callid}*.wav", time.UTC, func(c *Call) { c.Partition = "C" }, ""},
		{"a call over midnight is found by either day", "/late/%Y%m%d-{callid}.wav", time.UTC, night, "20261121-1795305199.9.wav 20261122-1795305199.9.wav"},
		{"days are those of the zone", "/late/%Y%m%d-{callid}.wav", berlin, night, "20261122-1795305199.9.wav"},
		{"a log can not name a pattern", "/%Y/%m/%d/{callid}.wav", time.UTC, func(c *Call) { c.CallID = "*" }, ""},
		{"nor lead elsewhere", "/late/{callid}", time.UTC, func(c *Call) { c.CallID = "../agents/Agent-101/1795305028.4.mp3" }, ""},
		{"nor be a step back", "/late/{callid}/{queue}", time.UTC, func(c *Call) { c.CallID, c.Queue = "..", "2026" }, ""},
		{"nor have an end in it", "/late/{callid}", time.UTC, func(c *Call) { c.CallID = "20261121-1795305199.9.wav\x00" }, ""},
		{"nothing is found of no call", "/late/*{callid}", time.UTC, func(c *Call) { c.CallID = "" }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			call := example
			if tt.call != nil {
				tt.call(&call)
			}
			found, err := finder(t, tt.zone, "B="+dir+tt.template).Find(t.Context(), call)
			if got := strings.Join(names(found), " "); err != nil || got != tt.want {
				t.Errorf("found %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

func TestLinksOutOfTheFolder(t *testing.T) {
	outside, dir := files(t, "secret.wav"), files(t, "inside.wav")
	if err := os.Symlink(filepath.Join(outside, "secret.wav"), filepath.Join(dir, "1795305028.4.wav")); err != nil {
		t.Fatal(err)
	}
	found, err := finder(t, time.UTC, "*="+dir+"/{callid}.wav").Find(t.Context(), example)
	if err != nil || len(found) > 0 {
		t.Errorf("a link leads out: %v, %v", found, err)
	}
}

func TestMissingFolder(t *testing.T) {
	dir := files(t, "1795305028.4.wav")
	found, err := finder(t, time.UTC, "B=/nowhere/at/all/{callid}.wav", "B="+dir+"/{callid}.wav").Find(t.Context(), example)
	if err == nil || !slices.Equal(names(found), []string{"1795305028.4.wav"}) {
		t.Errorf("found %v, %v: the second rule counts, and the first is told", names(found), err)
	}
}

func TestRemote(t *testing.T) {
	sound := bytes.Repeat([]byte("0123456789"), 1000)
	ranges := true
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.RequestURI()+" "+r.Header.Get("Range"))
		switch {
		case strings.HasSuffix(r.URL.Path, "moved.wav"):
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		case !strings.HasSuffix(r.URL.Path, "/1795305028.4.wav"):
			http.NotFound(w, r)
		case ranges:
			http.ServeContent(w, r, "x.wav", time.Time{}, bytes.NewReader(sound))
		default:
			_, _ = w.Write(sound)
		}
	}))
	defer server.Close()
	f := finder(t, time.UTC, "B="+server.URL+"/rec/{queue}/{callid}.wav")
	found, err := f.Find(t.Context(), example)
	if err != nil || len(found) != 1 || found[0].Size != int64(len(sound)) || found[0].Kind != "audio/wav" {
		t.Fatalf("found %+v, %v", found, err)
	}
	for _, ranges = range []bool{true, false} {
		in, err := f.Open(t.Context(), found[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := in.Seek(-5, io.SeekEnd); err != nil {
			t.Fatal(err)
		}
		if rest, err := io.ReadAll(in); err != nil || string(rest) != "56789" {
			t.Errorf("read %q, %v", rest, err)
		}
		_ = in.Close()
	}
	call := example
	call.Queue = "../../admin?x=#"
	if found, err := f.Find(t.Context(), call); err != nil || len(found) != 1 {
		t.Errorf("%v %v", found, err)
	}
	if last := asked[len(asked)-1]; !strings.HasPrefix(last, "HEAD /rec/..-..-admin_x=%23/1795305028.4.wav ") {
		t.Errorf("asked %q: a queue is one step", last)
	}
	call.CallID = "1795305028.4&all=1+1 /"
	if _, err := finder(t, time.UTC, "B="+server.URL+"/find?call={callid}&queue={queue}").Find(t.Context(), call); err != nil {
		t.Error(err)
	}
	if last := asked[len(asked)-1]; last != "HEAD /find?call=1795305028.4%26all%3D1%2B1+%2F&queue=..%2F..%2Fadmin%3Fx%3D%23 " {
		t.Errorf("asked %q: a word is one value", last)
	}
	if _, err := finder(t, time.UTC, "B="+server.URL+"/moved.wav").Find(t.Context(), example); err == nil {
		t.Error("a server that sends us elsewhere is followed")
	}
}

// A folder that does not answer, such as one of a server that is gone, hides what others have from nobody, and is left to
// itself when whoever asks has waited long enough; so are a few of those who ask after him.
func TestSilentFolder(t *testing.T) {
	dir := files(t, "1795305028.4.wav")
	find := finder(t, time.UTC, "B="+dir+"/silent-{callid}", "B="+dir+"/{callid}.wav")
	gone := make(chan struct{})
	find.glob = func(folder fs.FS, pattern string) ([]string, error) {
		if strings.HasPrefix(pattern, "silent") {
			<-gone
		}
		return fs.Glob(folder, pattern)
	}
	for range maxStuck + 1 {
		ctx, cancel := context.WithCancel(t.Context())
		answered := make(chan struct{})
		var found []Found
		var err error
		go func() { found, err = find.Find(ctx, example); close(answered) }()
		cancel()
		<-answered
		if err == nil {
			t.Fatal("the folder has answered")
		}
		if len(found) > 1 {
			t.Error(names(found))
		}
	}
	close(gone)
	if found, err := find.Find(t.Context(), example); err != nil || !slices.Equal(names(found), []string{"1795305028.4.wav"}) {
		t.Error(names(found), err)
	}
}

func TestRules(t *testing.T) {
	for rule, says := range map[string]string{
		"":                                    "no PARTITION=TEMPLATE",
		"A":                                   "no PARTITION=TEMPLATE",
		"A=":                                  "no PARTITION=TEMPLATE",
		"A=rec/{callid}.wav":                  "neither an address nor the path",
		"A=/{callid}.wav":                     "neither an address nor the path",
		"A=/srv/../etc/{callid}":              "no steps",
		"A=/srv/{uniqueid}.wav":               "{uniqueid}",
		"A=/srv/%j/{callid}.wav":              "%j",
		"A=/srv/[/{callid}.wav":               "syntax error",
		"A=http:///x":                         "no address",
		"A=https://{queue}.example/x":         "must not depend",
		"A=/srv/" + strings.Repeat("x", 1000): "at most 1000 bytes",
	} {
		if _, err := New([]string{rule}, time.UTC); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.40q: %v, want %q", rule, err, says)
		}
	}
}

func FuzzFill(f *testing.F) {
	f.Add("1795305028.4", "sales", "Agent/101", "030")
	f.Add("../..", "*", "a/b", "\x00")
	dir := f.TempDir()
	find, err := New([]string{"B=" + dir + "/{queue}/%Y/{agent}-{callid}{caller}*"}, time.UTC)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, call, queue, agent, caller string) {
		c := Call{Partition: "B", CallID: call, Queue: queue, Agent: agent, Caller: caller, Enter: 1}
		for _, s := range find.rules[0].spellings(c, time.UTC, plain) {
			rest, ok := strings.CutPrefix(s, dir+"/")
			if !ok || strings.Count(rest, "/") != 2 || slices.Contains(strings.Split(rest, "/"), "..") || strings.Count(rest, "*") != 1 {
				t.Fatalf("%q", s)
			}
		}
		if found, err := find.Find(t.Context(), c); err != nil || len(found) > 0 {
			t.Fatal(found, err)
		}
	})
}
