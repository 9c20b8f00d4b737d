package trust

import (
	"path/filepath"
	"slices"
	"testing"

	"tandem/conf"
)

func TestNeighboursFillWhatIsNotSet(t *testing.T) {
	n := Neighbours{Seeds: []string{"127.0.0.1:7010", "127.0.0.2:7010"}, Store: []string{"127.0.0.1:7011"}}
	c, s := n.Fill(conf.Cluster{Address: "127.0.0.2:7010"}, conf.Store{})
	if !slices.Equal(c.Seeds, n.Seeds[:1]) || !slices.Equal(s.Members, n.Store) {
		t.Errorf("%v %v", c.Seeds, s.Members)
	}
	own := []string{"127.0.0.9:1"}
	for _, set := range []conf.Store{{Members: own}, {Listen: own[0]}, {URL: "nats://127.0.0.9:1"}} {
		c, s := n.Fill(conf.Cluster{Seeds: own}, set)
		if !slices.Equal(c.Seeds, own) || !slices.Equal(s.Members, set.Members) {
			t.Errorf("%+v: %v %v", set, c.Seeds, s.Members)
		}
	}
	if len(n.Seeds) != 2 || n.Seeds[1] != "127.0.0.2:7010" {
		t.Error("Fill has changed what it was given")
	}
}

func TestNeighboursAreRemembered(t *testing.T) {
	a := founded(t)
	n := Neighbours{Seeds: []string{"127.0.0.5:7010"}}
	if err := a.Remember(n); err != nil {
		t.Fatal(err)
	}
	if b, err := open(filepath.Dir(a.dir), at(today)); err != nil || !slices.Equal(b.Neighbours().Seeds, n.Seeds) {
		t.Errorf("%v", err)
	}
	if a.Remember(Neighbours{Seeds: []string{"nowhere"}}) == nil || len(a.Neighbours().Seeds) != 1 {
		t.Error("an address that is none is kept")
	}
}
