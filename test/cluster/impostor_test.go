package cluster

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// TestImpostors lets come to a cluster who is no member of it, or not the one it says: a copy of a member, a member of
// another cluster, one with the papers of another name. Then a member starts while the store is away. A call goes on
// all the while, all members stay members, and no name has two owners.
func TestImpostors(t *testing.T) {
	lab.Long(t)
	of := map[string][]string{} // what the fourth one says of itself; read whenever it begins
	all := start(t, lab.ClusterOptions{Members: 4, Late: []string{"tandem4"}, SetOf: of})
	proper, fourth := all[:3], all[3]
	began := time.Now()
	kept := call(t, proper[0], "1000", "9197")
	kept.AwaitTones(t, time.Second, 1004)

	t.Run("papers of another name", func(t *testing.T) {
		of[fourth.Name] = []string{"member.name=tandem9"}
		fourth.Begin()
		if code := fourth.AwaitExit(settle); code == 0 || !said(fourth, "is that of tandem4, but member.name is tandem9") {
			t.Errorf("it ended with code %d and said:\n%s", code, fourth.Story())
		}
	})
	t.Run("another cluster", func(t *testing.T) { foreignerComes(t, proper) })
	for _, m := range proper {
		if words := blamed(m.Name, began, others(proper, m)...); len(words) > 0 {
			t.Errorf("%s was doubted: %+v", m.Name, words)
		}
	}
	t.Run("copy", func(t *testing.T) { copyComes(t, of, proper, fourth) })

	kept.AwaitTones(t, time.Second, 1004)
	if lost := kept.Traffic().Missing; lost > 0 {
		t.Errorf("the call has lost %d packets", lost)
	}
	kept.Hangup()
	history(t, all)
}

// copyComes starts a copy of the second member, all of its data and its name, at another address while the second one
// lives. The copy ends by itself, and says why.
func copyComes(t *testing.T, of map[string][]string, proper []*lab.Member, copied *lab.Member) {
	const fenced = "this member was declared dead by others"
	original := proper[1]
	if err := os.RemoveAll(copied.Data); err != nil {
		t.Fatal(err)
	}
	copyTree(t, original.Data, copied.Data)
	of[copied.Name] = []string{"member.name=" + original.Name}
	came := time.Now()
	copied.Begin()
	lab.Wait(t, settle, "one of the two gives up", func() bool { return said(copied, fenced) || said(original, fenced) })
	if said(original, fenced) {
		t.Fatal("the original has given up")
	}
	if code := copied.AwaitExit(2 * settle); code == 0 {
		t.Error("the copy has ended as if all were well")
	}
	if why := "belongs to the member at " + original.Bind + ":" + deliveryPort; !said(copied, why) {
		t.Errorf("the copy does not say whose its name is:\n%s", copied.Story())
	}
	t.Logf("the copy ended %v after its start", since(came))
	lab.Wait(t, settle, "the original is ready", func() bool { return answers(original, "/readyz") })
	for _, m := range []*lab.Member{proper[0], proper[2]} {
		if words := blamed(original.Name, came, m); len(words) > 0 {
			t.Errorf("%s doubted the original: %+v", m.Name, words)
		}
		awaitState(t, m, original.Name, settle, "up")
	}
	lab.Wait(t, settle, "a phone can register at the original", func() bool {
		return original.Phone(t, "1002").TryRegister(60) == 200
	})
}

// copyTree copies the files of a member that runs, as a backup of its machine does: some go away meanwhile.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		switch {
		case os.IsNotExist(err):
			return nil
		case err != nil:
			return err
		}
		target := filepath.Join(to, strings.TrimPrefix(path, from))
		if d.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		if !d.Type().IsRegular() || d.Name() == "ports.json" {
			return nil
		}
		text, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// foreignerComes points a member of another cluster, with a name that is taken here, at the members of this one.
func foreignerComes(t *testing.T, proper []*lab.Member) {
	var seeds []string
	for _, m := range proper {
		seeds = append(seeds, m.Bind+":"+deliveryPort)
	}
	came := time.Now()
	foreign := lab.StartCluster(t, lab.ClusterOptions{Members: 2, Late: []string{"tandem2"}, Set: common,
		SetOf: map[string][]string{"tandem1": {"cluster.seeds=" + strings.Join(seeds, ",")}}})[0]
	for _, m := range proper {
		lab.Wait(t, settle, m.Name+" says that it has refused a stranger", func() bool {
			for _, l := range lines(m, "a connection that is no member's was refused") {
				if l.Time.After(came) && strings.Contains(l.Err, "certificate") {
					return true
				}
			}
			return false
		})
	}
	lab.Wait(t, settle, "the foreigner says that it was not let in", func() bool {
		return len(lines(foreign, "an address is no member's of this cluster")) > 0
	})
	for _, name := range []string{"tandem1", "tandem2", "tandem3"} {
		if words := states(foreign, name); len(words) > 0 {
			t.Errorf("the foreigner took %s for a member: %+v", name, words)
		}
	}
}

// TestStartWithoutStore starts a member when the other two that keep the store are away. It waits, says so, and is there
// soon after them.
func TestStartWithoutStore(t *testing.T) {
	proper := start(t, lab.ClusterOptions{})
	late := proper[2]
	late.Stop()
	away := others(proper, late)
	for _, m := range away {
		m.Stop()
	}
	began := time.Now()
	late.Begin()
	lab.Wait(t, settle, "it says that it waits for the store", func() bool {
		for _, l := range lines(late, "waits for the members that keep the store") {
			if l.Time.After(began) {
				return true
			}
		}
		return false
	})
	if !answers(late, "/healthz") {
		t.Error("it does not say that it lives")
	}
	if answers(late, "/readyz") {
		t.Error("it says that it is ready")
	}
	back := time.Now()
	for _, m := range away {
		m.Begin()
	}
	for _, m := range proper {
		m.AwaitReady()
	}
	awaitAll(t, proper)
	t.Logf("all see each other %v after the store is back", since(back))
}

// answers reports that a member answers a question with 200.
func answers(m *lab.Member, path string) bool {
	answer, err := http.Get(m.URL() + path)
	if err != nil {
		return false
	}
	_ = answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}
