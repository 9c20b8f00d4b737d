package metadata

import (
	"bytes"
	"encoding/xml"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

var noon = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

func talk() Call {
	return Call{Name: "CALL", Session: "CALL archive leg-1", Began: noon, Streams: []string{"1", "2"}, Parties: []Party{
		{ID: "leg-1", AOR: "sip:1000@example.com", Name: "Alice", Since: noon, Sends: "1", Hears: []string{"2"}},
		{ID: "leg-2", AOR: "tel:+4989700", Since: noon, Sends: "2", Hears: []string{"1"}},
	}}
}

func TestDocuments(t *testing.T) {
	held := talk()
	for i := range held.Parties {
		held.Parties[i].Sends, held.Parties[i].Hears = "", nil
	}
	transferred := talk()
	transferred.Parties[1].Left = noon.Add(90 * time.Second)
	transferred.Parties = append(transferred.Parties, Party{ID: "leg-3", AOR: "sip:1002@example.com", Since: noon.Add(91500 * time.Millisecond),
		Sends: "2", Hears: []string{"1"}})
	strange := talk()
	strange.Parties[0].Name = "<&\"'\x00\xff]]>"
	strange.Parties[0].AOR = `sip:"><x y="`
	for name, c := range map[string]Call{"talks": talk(), "held": held, "transferred": transferred, "strange": strange} {
		got := c.Document()
		wellFormed(t, name, got)
		path := filepath.Join("testdata", name+".xml")
		if *update {
			if err := os.MkdirAll("testdata", 0o750); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, got, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is\n%s\nwant\n%s", name, got, want)
		}
	}
}

func wellFormed(t *testing.T, name string, text []byte) {
	t.Helper()
	for d := xml.NewDecoder(bytes.NewReader(text)); ; {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatalf("%s is no XML: %v\n%s", name, err, text)
		}
	}
}

// The IDs of the same things are the same in each document, and those of others are not.
func TestIDs(t *testing.T) {
	held := talk()
	held.Parties = held.Parties[:1]
	if want := []byte(`participant_id="` + id("party", "leg-1")); !bytes.Contains(talk().Document(), want) || !bytes.Contains(held.Document(), want) {
		t.Error("one party has two IDs")
	}
	seen := map[string]bool{}
	for _, kind := range []string{"group", "session", "party", "stream"} {
		for _, name := range []string{"a", "b"} {
			x := id(kind, name)
			if seen[x] || len(x) != 24 {
				t.Errorf("%s %s has the ID %s", kind, name, x)
			}
			seen[x] = true
		}
	}
}

func FuzzDocument(f *testing.F) {
	f.Add("Alice", "sip:1000@example.com")
	f.Add("<\x00>", "\xff\"'")
	f.Fuzz(func(t *testing.T, name, aor string) {
		c := talk()
		c.Parties[0].Name, c.Parties[0].AOR = name, aor
		wellFormed(t, "it", c.Document())
	})
}
