package cluster

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// Words of cluster.call_legs.
const (
	locally  = "locally"
	others4  = "locally-for-others"
	remotely = "remotely"
)

// processing sets the Call Legs Processing of members, by the settings that the cluster keeps, and waits until each
// has taken its own.
func processing(t *testing.T, members []*lab.Member, words ...string) {
	t.Helper()
	for i, word := range words {
		path := "settings/cluster.call_legs?member=" + members[i].Name
		if err := members[0].Ask(http.MethodPut, path, map[string]string{"value": word}, nil); err != nil {
			t.Fatal(err)
		}
	}
	for i, word := range words {
		lab.Wait(t, settle, members[i].Name+" has taken the setting "+word, func() bool {
			var have struct{ Value string }
			err := members[i].Ask(http.MethodGet, "settings/cluster.call_legs", nil, &have)
			return err == nil && have.Value == word
		})
	}
}

// lives is the member on which the leg of a call lives, by where it wants its audio.
func lives(members []*lab.Member, c *lab.Call) *lab.Member {
	for _, m := range members {
		if m.Bind == c.Media().Addr().String() {
			return m
		}
	}
	return nil
}

// TestPlacement goes through all settings of three members: a leg lives where the first words say.
func TestPlacement(t *testing.T) {
	lab.Long(t)
	all := start(t, lab.ClusterOptions{})
	phones := map[*lab.Member]*lab.Phone{}
	for _, m := range all {
		phones[m] = m.Phone(t, "1000")
		phones[m].Deaf = true
	}
	began := time.Now()
	for _, words := range combinations() {
		processing(t, all, words...)
		for i, m := range all {
			want := homes(all, i, words)
			what := fmt.Sprintf("legs that %s needs live on %s under %v", m.Name, names(want), words)
			lab.Wait(t, settle, what, func() bool { return right(t, all, phones[m], want) })
			if !right(t, all, phones[m], want) { // and the next too: it was no accident
				t.Errorf("not always: %s", what)
			}
		}
	}
	t.Logf("27 combinations in %v", since(began))
}

// right makes a call and says whether its leg lives on one of these members; none: it is refused with 503.
func right(t *testing.T, all []*lab.Member, p *lab.Phone, want []*lab.Member) bool {
	t.Helper()
	c := p.Call("9196")
	if c.Status != 200 {
		return len(want) == 0 && c.Status == 503
	}
	defer c.Hangup()
	return slices.Contains(want, lives(all, c))
}

// homes are the members where a leg that member i needs may live, by the words of the manual.
func homes(all []*lab.Member, i int, words []string) (may []*lab.Member) {
	if words[i] != remotely {
		return []*lab.Member{all[i]}
	}
	for n, m := range all {
		if n != i && words[n] == others4 {
			may = append(may, m)
		}
	}
	return may
}

// combinations are all three words on three members, each differing from the one before in one member.
func combinations() (all [][]string) {
	three := []string{locally, others4, remotely}
	for i := range 27 {
		a, b, c := i/9, i/3%3, i%3
		if a%2 == 1 {
			b = 2 - b
		}
		if (a*3+b)%2 == 1 {
			c = 2 - c
		}
		all = append(all, []string{three[a], three[b], three[c]})
	}
	return all
}

func names(members []*lab.Member) string {
	var all []string
	for _, m := range members {
		all = append(all, m.Name)
	}
	if len(all) == 0 {
		return "no member"
	}
	return strings.Join(all, " or ")
}
