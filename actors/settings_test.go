package actors

import (
	"net/http"
	"strings"
	"testing"

	"tandem/web"
)

// A setting that the cluster keeps acts at once where it can, and else from the next start on.
func TestSettingsOfTheCluster(t *testing.T) {
	c := settingsOf(t.TempDir())
	h := start(t, c)
	save := func(key, value string) web.StoredSetting {
		t.Helper()
		row, err := h.stored.Save(t.Context(), web.SettingWrite{Key: key, Value: &value, Author: "ann"})
		if err != nil {
			t.Fatal(err)
		}
		return row
	}
	save("routing.domains", "further.example")
	if !h.ledger.DomainExists("further.example") {
		t.Error("a domain that the cluster names is none")
	}
	if row := save("routing.domain", "main.example"); len(row.Except) != 1 || row.Except[0].State != "after restart" {
		t.Errorf("%+v", row)
	}
	nobody := "[{match: '1', app: nobody}]"
	_, err := h.stored.Save(t.Context(), web.SettingWrite{Key: "routing.numbers", Value: &nobody})
	if err == nil || !strings.Contains(err.Error(), `"nobody" is no application`) {
		t.Errorf("what the house can not run is set: %v", err)
	}
	rule := "A=https://reader:swordfish@a.example.net:x/{callid}"
	_, err = h.stored.Save(t.Context(), web.SettingWrite{Key: "reports.recordings", Value: &rule})
	if err == nil || !strings.Contains(err.Error(), "is no address") || strings.Contains(err.Error(), "swordfish") {
		t.Errorf("a rule of recordings that can not be read is set: %v", err)
	}
	if status, _ := get(t, h, "/api/v1/settings"); status != http.StatusUnauthorized {
		t.Errorf("strangers see the settings: %d", status)
	}
	for _, check := range h.Health().Checks {
		if !check.OK || check.Message != "" {
			t.Errorf("%+v", check)
		}
	}
	stop(t, h)

	h = start(t, c)
	if got := h.live.Conf().Routing; got.Domain != "main.example" || len(got.Domains) != 1 {
		t.Errorf("after the restart: %s %v", got.Domain, got.Domains)
	}
	if e, err := h.stored.Explain("routing.domain"); err != nil || !strings.HasPrefix(e.Origin.String(), "cluster, revision ") {
		t.Errorf("%v %v", e.Origin, err)
	}
}

// A value that this member can not take does not keep it from working, and is told.
func TestASettingThatIsNotTaken(t *testing.T) {
	c := settingsOf(t.TempDir())
	h := start(t, c)
	value := "3s"
	if _, err := h.stored.Save(t.Context(), web.SettingWrite{Key: "sip.t2", Value: &value}); err != nil {
		t.Fatal(err)
	}
	stop(t, h)
	c.SIP.T1 = 3500 * 1e6
	h = start(t, c)
	health := h.Health()
	if !health.Ready || !strings.Contains(health.Checks[2].Message, "sip.t1: 3.5s is longer than t2, 3s") {
		t.Errorf("%+v", health)
	}
}
