package reader

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/actors/store"
)

// registers is a fact that an account's contacts run out at these seconds, as the owner of an epoch has written it.
func registers(at int64, account string, epoch uint64, ends ...int64) store.Fact {
	all := &msg.AccountBindings{Form: 1, Epoch: epoch}
	for _, e := range ends {
		all.Until = max(all.Until, e*1000)
		all.Bindings = append(all.Bindings, &msg.AccountBinding{Expires: e * int64(time.Second)})
	}
	body, _ := proto.Marshal(all)
	return store.Fact{Kind: RegisteredKind, Subject: account, At: time.Unix(at, 0), Body: body}
}

func runsOut(account string, end int64) store.Fact {
	return store.Fact{Kind: ExpiredKind, Subject: account, At: time.Unix(end, 0), Body: fmt.Appendf(nil, `{"until":%d}`, end*1000)}
}

// TestRegistrations: a device is on hook from its first registration to its last one's end, whoever says so and however often;
// one that was renewed meanwhile has not run out, and the word of an earlier owner is none.
func TestRegistrations(t *testing.T) {
	for name, c := range map[string]struct {
		facts []store.Fact
		want  string
	}{
		"renewed, and gone": {[]store.Fact{registers(10, "1002@t.local", 1, 70), registers(60, "1002@t.local", 1, 120, 90), registers(100, "1002@t.local", 1)},
			`10 RegDN:1002 begin OnHook as "1002@t.local"; 100 RegDN:1002 end OnHook as "1002@t.local"`},
		"run out": {[]store.Fact{registers(10, "1002@t.local", 1, 70), runsOut("1002@t.local", 70), runsOut("1002@t.local", 70)},
			`10 RegDN:1002 begin OnHook as "1002@t.local"; 70 RegDN:1002 end OnHook as "1002@t.local"`},
		"renewed when it had run out": {[]store.Fact{registers(10, "1002@t.local", 1, 70), registers(71, "1002@t.local", 1, 130), runsOut("1002@t.local", 70)},
			`10 RegDN:1002 begin OnHook as "1002@t.local"`},
		"an earlier owner": {[]store.Fact{registers(10, "1002@t.local", 2, 70), registers(20, "1002@t.local", 1)},
			`10 RegDN:1002 begin OnHook as "1002@t.local"`},
		"none at all": {[]store.Fact{registers(10, "1002@t.local", 1), registers(20, "1002@t.local", 1, 15), runsOut("1003@t.local", 70)}, ""},
	} {
		for keep := range len(c.facts) + 1 {
			r, all := New(), []string(nil)
			for i, f := range c.facts {
				if i == keep {
					r = again(t, r)
				}
				told, err := r.Read(f)
				if err != nil {
					t.Fatal(err)
				}
				for _, x := range told {
					all = append(all, line(x))
				}
			}
			if got := strings.Join(all, "; "); !strings.EqualFold(got, c.want) {
				t.Errorf("%s, kept before %d: %s", name, keep, got)
			}
		}
	}
	r := New()
	for i := range 5 {
		if _, err := r.Read(registers(10, fmt.Sprintf("100%d@t.local", i), 1, int64(70+i))); err != nil {
			t.Fatal(err)
		}
	}
	accounts, ends := r.RunOut(73_000, 2)
	if !slices.Equal(accounts, []string{"1000@t.local", "1001@t.local"}) || ends[1].Until != 71_000 {
		t.Errorf("run out are %v %v", accounts, ends)
	}
	if all, _ := r.RunOut(73_000, 100); len(all) != 3 {
		t.Errorf("run out are %v", all)
	}
}

// TestEnds: whatever comes and goes, those are over whose ends are before a moment, in their order.
func TestEnds(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	e, all := newEnds(), map[string]int64{}
	for range 5000 {
		account, until := fmt.Sprint(random.IntN(200)), random.Int64N(1000)
		if random.IntN(3) == 0 {
			_, known := all[account]
			if delete(all, account); e.drop(account) != known {
				t.Fatalf("of %s it was not known that it is registered", account)
			}
		} else {
			all[account] = until
			e.note(account, registration{Until: until})
		}
		before, want := random.Int64N(300), 0
		for _, until := range all {
			if until < before {
				want++
			}
		}
		if n := len(e.over(before, 7)); n != min(want, 7) {
			t.Fatalf("%d of at most 7 are over, there are %d", n, want)
		}
		over := e.over(before, 1000)
		if len(over) != want || !slices.IsSortedFunc(over, func(a, b *ending) int { return cmp.Compare(a.Until, b.Until) }) {
			t.Fatalf("%d are over before %d, want %d in order", len(over), before, want)
		}
		for _, x := range over {
			if all[x.account] != x.Until || x.Until >= before {
				t.Fatalf("%+v is over before %d", x, before)
			}
		}
	}
}
