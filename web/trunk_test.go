package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"
)

// houseTrunks are two trunks, of which one has lost a target.
type houseTrunks struct{}

func (houseTrunks) Find(_ context.Context, name string) (all []Trunk, _ error) {
	asr, ner, acd, pdd := 0.5, 0.75, Seconds(90), Seconds(1.25)
	for _, t := range []Trunk{
		{Name: "carrier", State: "impaired", Why: "b.example;transport=tcp: no answer to OPTIONS", Member: "tandem1", Registration: "registered",
			RegisteredAt: moment, Expires: moment.Add(time.Hour), Channels: 3, Incoming: 1, MaxChannels: 30, Peak: 12, Rate: 2, MaxRate: 10, Refused: 4,
			Targets: []TrunkTarget{{Address: "a.example;transport=udp", State: "up", Since: moment, Answered: moment, Trip: 0.0125, Weight: 1},
				{Address: "b.example;transport=tcp", State: "down", Why: "no answer to OPTIONS", Since: moment, Priority: 1, Weight: 1}},
			Hour:      TrunkFigures{Out: 40, In: 12, Answered: 30, ASR: &asr, NER: &ner, ACD: &acd, PDD: &pdd, TalkTotal: 2700},
			LastError: "b.example;transport=tcp: no answer to OPTIONS", LastErrorAt: moment},
		{Name: "pbx", State: "up", Member: "tandem2", Registration: "none", Targets: []TrunkTarget{}},
	} {
		if name == "" || name == t.Name {
			all = append(all, t)
		}
	}
	return all, nil
}

func (h houseTrunks) Try(ctx context.Context, name, _ string) (Trunk, error) {
	all, _ := h.Find(ctx, name)
	if len(all) == 0 {
		return Trunk{}, noTrunk(name)
	}
	return all[0], nil
}

func (houseTrunks) Stand() []TrunkStand {
	return []TrunkStand{{Name: "carrier", Known: true, Up: true}, {Name: "pbx", Known: true, Why: "no answer to OPTIONS"}, {Name: "new"}}
}

// Home tells how many trunks take calls, and which one does not.
func TestTrunksAtHome(t *testing.T) {
	s := inTown(t, newTown())
	s.services.Trunks = houseTrunks{}
	page := as(t, s, "admin").get("/").Body.String()
	for _, want := range []string{"Trunks up", "of 3", "Trunk pbx", "takes no calls: no answer to OPTIONS", `href="/monitors/trunks"`} {
		if !strings.Contains(page, want) {
			t.Errorf("Home lacks %q", want)
		}
	}
	if strings.Contains(page, "Trunk new") {
		t.Error("a trunk of which nothing is known yet is a worry")
	}
}

// keptRules stand in for what the cluster keeps of numbers, which must be lists.
type keptRules struct{ houseStored }

func (k *keptRules) Save(ctx context.Context, w SettingWrite) (StoredSetting, error) {
	if !strings.HasPrefix(*w.Value, "[") {
		return StoredSetting{}, Invalid("nothing was set: %s: is no list", w.Key)
	}
	return k.houseStored.Save(ctx, w)
}

// Administrators see how trunks stand and give numbers to them; what is no list is refused, with its key.
func TestTrunkSettings(t *testing.T) {
	s := inTown(t, newTown())
	stored := &keptRules{}
	s.services.Trunks, s.services.Stored = houseTrunks{}, stored
	u := as(t, s, "admin")
	page := u.get(trunkSettingsPath).Body.String()
	for _, want := range []string{"a.example;transport=udp up", "b.example;transport=tcp down: no answer to OPTIONS", "3 of 30", "Registered",
		`name="trunks.numbers" value="[]"`, `name="revision.trunks.numbers" value="7"`, "the cluster keeps none"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, c := range []struct{ form, says, saved string }{
		{"trunks.numbers=[]&trunks.incoming=[]", "Nothing was changed.", ""},
		{"trunks.numbers=00n&revision.trunks.numbers=7", "trunks.numbers: is no list", ""},
		{"trunks.numbers=[a]&revision.trunks.numbers=x", "is no number", ""},
		{"trunks.numbers=[a]&revision.trunks.numbers=7", "Saved.", "trunks.numbers of  [a] upon 7 by admin "},
	} {
		stored.last = ""
		w := u.do("POST", trunkSettingsPath, c.form)
		if page := u.get(w.Header().Get("Location")).Body.String(); !strings.Contains(page, c.says) || stored.last != c.saved {
			t.Errorf("%s: saved %q, and the page does not say %q", c.form, stored.last, c.says)
		}
	}
	if w := as(t, s, "watcher").do("POST", trunkSettingsPath, "trunks.numbers=[a]"); w.Code != http.StatusForbidden {
		t.Errorf("a supervisor changes numbers: %d", w.Code)
	}
}

func TestTrunkPages(t *testing.T) {
	s := inTown(t, newTown())
	s.services.Trunks = houseTrunks{}
	admin, watcher := as(t, s, "admin"), as(t, s, "watcher")
	page := admin.get(trunksPath).Body.String()
	for _, want := range []string{"carrier", "Impaired", "Registered", "3 of 30", "2 of 10", "50.0 %", "75.0 %", "1.2 s", "b.example;transport=tcp",
		"no answer to OPTIONS", "12.5 ms", `href="/monitors/trunks/carrier/test"`, "pbx"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of trunks lacks %q", want)
		}
	}
	if page := watcher.get(trunksPath).Body.String(); !strings.Contains(page, "carrier") || strings.Contains(page, "/test") {
		t.Error("a supervisor sees no trunks, or may test them")
	}
	if page := admin.get(trunksPath + "?state=down").Body.String(); !strings.Contains(page, "2 trunks in all") {
		t.Error("a filter that leaves nothing does not say so")
	}
	if page := admin.follow(admin.post(trunksPath + "/carrier/test")); !strings.Contains(page, "carrier is impaired") {
		t.Error("a test does not tell what came of it")
	}
	if w := watcher.post(trunksPath + "/carrier/test"); w.Code != http.StatusForbidden {
		t.Errorf("a supervisor tests a trunk: %d", w.Code)
	}
	s.services.Trunks = nil
	if page := admin.get(trunksPath).Body.String(); !strings.Contains(page, "There is no trunk.") {
		t.Error("a member without trunks does not say so")
	}
}
