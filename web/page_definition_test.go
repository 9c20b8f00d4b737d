package web

import (
	"context"
	"encoding/json"
	"net/url"
	"reflect"
	"strings"
	"testing"
)

// Queues and agents are added, changed and removed on the settings pages, by administrators.
func TestQueueSettings(t *testing.T) {
	s := newServer(t, newHouse(), settings())
	u := as(t, s, "admin")
	for path, words := range map[string][]string{
		"/settings/queues":              {"leastrecent", "2000", "Add queue"},
		"/settings/queues/sales":        {`name="timeout" value="15s"`, "Save", `name="revision" value="7"`, "by ann"},
		"/settings/queues/sales/remove": {"Remove sales", "belong to it no more"},
		"/settings/agents":              {"1002@tandem.local", "Add agent"},
		"/settings/agents/1002":         {"Save", "Wrap-up"},
		"/settings/queues/none":         {"no queue"},
	} {
		page := u.get(path).Body.String()
		for _, w := range words {
			if !strings.Contains(page, w) {
				t.Errorf("%s does not say %q\n%s", path, w, page)
			}
		}
	}
	for _, c := range []struct {
		path, form, to, says string
	}{
		{"/settings/queues/sales", "revision=7&timeout=20s", "/settings/queues/sales", "Saved."},
		{"/settings/queues/sales", "revision=7&timeout=15s", "/settings/queues/sales", "Nothing was changed."},
		{"/settings/queues/sales", "revision=6&timeout=20s", "/settings/queues/sales", "it has changed"},
		{"/settings/queues/sales", "revision=x", "/settings/queues/sales", "no number"},
		{"/settings/queues", "name=support", "/settings/queues/support", ""},
		{"/settings/queues", "name=", "/settings/queues", "needs a name"},
		{"/settings/queues/sales/remove", "revision=7", "/settings/queues", "sales was removed."},
		{"/settings/agents", "name=1003", "/settings/agents/1003", ""},
	} {
		w := u.do("POST", c.path, c.form)
		if to := w.Header().Get("Location"); to != c.to {
			t.Errorf("%s %s leads to %q", c.path, c.form, to)
			continue
		}
		if page := u.get(c.to).Body.String(); !strings.Contains(page, c.says) {
			t.Errorf("%s %s: the page does not say %q", c.path, c.form, c.says)
		}
	}
}

// What a form says is what the definition takes: nothing but what was changed, in the types that stand there.
func TestFormsOfDefinitions(t *testing.T) {
	queue := Definition{Definition: json.RawMessage(`{"display":"","numbers":["2000"],"closed":false,"target":80,"timeout":"15s",` +
		`"overflow":{"queue":"","when_full":false},"rules":[],"exits":[{"key":"0","to":"operator"}]}`)}
	agent := Definition{Definition: json.RawMessage(`{"skills":{"french":3},"memberships":[{"queue":"sales","penalty":0,"level":2}]}`)}
	for _, c := range []struct {
		def              Definition
		knobs            []knob
		form, want, says string
	}{
		{queue, queueKnobs, "display=&numbers=2000&closed=false&target=80&timeout=15s&rules=", "{}", ""},
		{queue, queueKnobs, "display=Sales&numbers=2000, 2010&closed=true&target=90", `{"closed":true,"display":"Sales","numbers":["2000","2010"],"target":90}`, ""},
		{queue, queueKnobs, "overflow.queue=support&overflow.when_full=true", `{"overflow":{"queue":"support","when_full":true}}`, ""},
		{queue, queueKnobs, `rules=[{"after":"30s"}]&exits=`, `{"exits":[],"rules":[{"after":"30s"}]}`, ""},
		{queue, queueKnobs, "target=much", "", "Percent of them"},
		{queue, queueKnobs, "rules=[{", "", "JSON"},
		{agent, agentKnobs, "memberships=sales&skills=french:3", "{}", ""},
		{agent, agentKnobs, "memberships=sales:1, support&skills=french:5, billing",
			`{"memberships":[{"level":2,"penalty":1,"queue":"sales"},{"penalty":0,"queue":"support"}],"skills":{"billing":1,"french":5}}`, ""},
		{agent, agentKnobs, "memberships=sales:x", "", "no number"},
	} {
		form := url.Values{}
		for pair := range strings.SplitSeq(c.form, "&") {
			key, value, _ := strings.Cut(pair, "=")
			form.Set(key, value)
		}
		changed, err := definitions{knobs: c.knobs}.change(c.def, form)
		if c.says != "" {
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %v", c.form, err)
			}
			continue
		}
		if text, _ := json.Marshal(changed); err != nil || string(text) != c.want {
			t.Errorf("%s: %s, %v", c.form, text, err)
		}
	}
}

// Each field of the forms is there once.
func TestKnobsAreDifferent(t *testing.T) {
	for _, knobs := range [][]knob{queueKnobs, agentKnobs} {
		seen := map[string]int{}
		for _, k := range knobs {
			seen[k.key]++
			seen[k.label]++
		}
		for word, n := range seen {
			if n > 1 {
				t.Errorf("%q is there %d times", word, n)
			}
		}
	}
	d := (&Server{services: Services{Queues: houseQueues{}, Agents: houseAgents{}}}).queueDefinitions()
	if def, err := d.find(context.Background(), Asker{Master: true}, "sales"); err != nil || !reflect.DeepEqual(def.Name, "sales") {
		t.Error(def, err)
	}
}
