package conf

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// Rule: a setting has a sentence, a legal change, limits if it is a number, and a legal default.
func TestEverySettingIsExplained(t *testing.T) {
	standard := Default()
	for _, f := range fields() {
		for _, p := range faults(f, reflect.ValueOf(f.of(&standard))) {
			t.Errorf("%s %s", f.Key, p)
		}
		for _, e := range f.Entries {
			if e.Meaning == "" {
				t.Errorf("%s: %s has no sentence", f.Key, e.Key)
			}
		}
	}
	if err := standard.Check(); err != nil {
		t.Errorf("the defaults are refused: %v", err)
	}
}

// faults says what is missing at the declaration of a setting.
func faults(f Field, standard reflect.Value) (all []string) {
	tag := reflect.TypeFor[Conf]().Field(f.section).Type.Field(f.field).Tag
	if f.Meaning == "" || !strings.HasSuffix(f.Meaning, ".") {
		all = append(all, "has no sentence")
	}
	if !slices.Contains([]string{"now", "next call", "restart"}, tag.Get("change")) {
		all = append(all, "does not say what a change needs")
	}
	if !slices.Contains([]string{"", "member", "early", "path"}, tag.Get("scope")) {
		all = append(all, "has a scope that is none")
	}
	if strings.HasSuffix(f.Key, ".bind") && f.Scope == ForAll {
		all = append(all, "is an address, which no two members share")
	}
	if !standard.CanInt() {
		return all
	}
	if _, ok := tag.Lookup("range"); !ok || f.min >= f.max {
		return append(all, "is a number without limits")
	}
	if f.min == 0 && !strings.HasPrefix(f.Range, "0") {
		all = append(all, "has a lower limit that cannot be read")
	}
	if v := standard.Int(); v < f.min || v > f.max {
		all = append(all, "has a default out of its range")
	}
	return all
}

func TestFaultsAreFound(t *testing.T) {
	good := byKey()["sip.max_conns"]
	value := reflect.ValueOf(20000)
	if got := faults(good, value); got != nil {
		t.Fatalf("a good field: %v", got)
	}
	mute, wide := good, good
	mute.Meaning = ""
	wide.max = 0
	if len(faults(mute, value)) != 1 || len(faults(wide, value)) != 1 || len(faults(good, reflect.ValueOf(0))) != 1 {
		t.Error("a bad field passed")
	}
}

func TestKeyOf(t *testing.T) {
	for name, want := range map[string]string{
		"UDP": "udp", "T1": "t1", "MaxConnsPerIP": "max_conns_per_ip", "TLSPort": "tls_port",
		"MaxWebSockets": "max_web_sockets", "SIP": "sip", "URL": "url", "Bind": "bind",
	} {
		if got := keyOf(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestDurationText(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", time.Minute: "1m", time.Hour: "1h", 90 * time.Second: "1m30s", 10 * time.Second: "10s",
		10 * time.Minute: "10m", 8760 * time.Hour: "8760h", time.Hour + time.Second: "1h0m1s",
		20 * time.Millisecond: "20ms", 70 * time.Minute: "1h10m",
	} {
		if got := durationText(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
		if back, err := time.ParseDuration(want); err != nil || back != d {
			t.Errorf("%s does not read as %v", want, d)
		}
	}
}

func TestNearest(t *testing.T) {
	words := []string{"udp", "tcp", "max_conns", "max_conns_per_ip"}
	for s, want := range map[string]string{
		"upd": "udp", "max_con": "max_conns", "max_conns_per_ipp": "max_conns_per_ip", "zebra": "", "": "",
		strings.Repeat("x", 1000): "",
	} {
		if got := nearest(s, words); got != want {
			t.Errorf("%s: %q, want %q", quote(s), got, want)
		}
	}
}

func TestCovers(t *testing.T) {
	for _, c := range []struct {
		wide, narrow string
		want         bool
	}{
		{"30nn", "3001", true}, {"30nn", "30n1", true}, {"30nn", "30nn", true}, {"3001", "30nn", false},
		{"30nn", "30n*", false}, {"30nn", "300", false}, {"*9n", "*98", true},
	} {
		if got := covers(c.wide, c.narrow); got != c.want {
			t.Errorf("%s over %s: %v", c.wide, c.narrow, got)
		}
	}
}

// The example names every setting with its sentence and its default. Rewrite it with -update.
func TestExample(t *testing.T) {
	standard := Default()
	want := "# Every setting of a member with its default. Leave out what you do not change.\n" +
		standard.write(func(f Field) (head, line string) {
			head = f.Meaning
			for _, limit := range []string{f.Range, strings.Join(f.OneOf, ", ")} {
				if limit != "" {
					head += " (" + strings.TrimSpace(limit+" "+f.Unit) + ")"
				}
			}
			return head, ""
		})
	path := filepath.Join("testdata", "example.yaml")
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s is not what the settings say: run the tests with -update (%v)", path, err)
	}
	c, err := Load(Sources{File: path})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range fields() {
		if !equal(f.of(c), f.of(&standard)) {
			t.Errorf("%s is %v in the example, %v by default", f.Key, f.of(c), f.of(&standard))
		}
		if c.origins.of(f.Key).source != fromFile {
			t.Errorf("%s is missing in the example", f.Key)
		}
	}
}
