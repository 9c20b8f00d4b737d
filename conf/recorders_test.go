package conf

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// Who is recorded: by account, by its domain, by queue, by trunk.
func TestRecordersWanting(t *testing.T) {
	r := Recorders{List: []Recorder{
		{Name: "one", Accounts: []string{"1000@example.com"}},
		{Name: "all", Accounts: []string{"@example.com"}},
		{Name: "sales", Queues: []string{"sales"}, Trunks: []string{"provider"}},
	}}
	for _, c := range []struct{ account, queue, trunk, want string }{
		{"1000@example.com", "", "", "one all"}, {"1001@example.com", "", "", "all"}, {"1000@example.org", "", "", ""},
		{"1001@example.com", "sales", "", "all sales"}, {"", "", "provider", "sales"}, {"", "", "", ""}, {"", "support", "other", ""},
	} {
		if got := strings.Join(r.Wanting(c.account, c.queue, c.trunk), " "); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
	x, ok := r.Of("sales")
	if !ok || x.Patience != 4*time.Second || x.Probe != 10*time.Second {
		t.Errorf("%+v, %t", x, ok)
	}
	if _, ok = r.Of("none"); ok {
		t.Error("there is one that is not there")
	}
}

func TestRecordersCheck(t *testing.T) {
	good := Recorder{Name: "archive", Servers: []string{"sip:srs.example.com;transport=tcp", "plant"}, Accounts: []string{"@example.com"},
		Queues: []string{"sales"}, Trunks: []string{"plant"}, Patience: time.Second}
	faults := func(change func(*Recorder)) (keys []string) {
		c := Default()
		c.Trunks.List = []Trunk{{Name: "plant", Targets: []string{"10.1.0.5"}}}
		r := good
		change(&r)
		c.Recorders.List = []Recorder{r}
		for _, e := range c.check(nil) {
			keys = append(keys, e.Key)
		}
		return keys
	}
	if got := faults(func(*Recorder) {}); len(got) > 0 {
		t.Errorf("a good one has faults: %q", got)
	}
	for key, change := range map[string]func(*Recorder){
		"name":        func(r *Recorder) { r.Name = "a b" },
		"servers":     func(r *Recorder) { r.Servers = nil },
		"servers[0]":  func(r *Recorder) { r.Servers = []string{"sip:"} },
		"servers[1]":  func(r *Recorder) { r.Servers = []string{"sip:x", "nobody"} },
		"accounts[0]": func(r *Recorder) { r.Accounts = []string{"1000"} },
		"queues[0]":   func(r *Recorder) { r.Queues = []string{"a b"} },
		"trunks[0]":   func(r *Recorder) { r.Trunks = []string{"nobody"} },
		"patience":    func(r *Recorder) { r.Patience = time.Millisecond },
		"probe":       func(r *Recorder) { r.Probe = 2 * time.Hour },
	} {
		if got := faults(change); !slices.Equal(got, []string{"recorders.list[0]." + key}) {
			t.Errorf("%s: %q", key, got)
		}
	}
}
