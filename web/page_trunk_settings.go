package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"tandem/web/screen"
)

// trunkSettingsPath is where numbers are given to trunks.
const trunkSettingsPath = "/settings/trunks"

// trunkRules are the settings of trunks that the page can change: those that hold no secret, since the cluster keeps none.
var trunkRules = []struct{ key, label, note string }{
	{"trunks.numbers", "Numbers that are called over trunks",
		`the first that matches: [{match: "00n.", trunks: [carrier], strip: 2, prepend: "+"}], with callers and emergency as needed`},
	{"trunks.incoming", "Where calls from trunks go",
		`the first that matches: [{trunk: carrier, match: "+4989700nn", strip: 8}, {match: ".", to: "2000"}]`},
}

// trunkSettings shows how each trunk stands, and what may be changed of them here.
func (s *Server) trunkSettings(r *http.Request, _ visitor) (screen.Page, error) {
	all, err := s.trunks(r.Context(), "")
	if err != nil {
		return screen.Page{}, err
	}
	now := s.now()
	t := &screen.Table{Columns: []screen.Column{{Label: "Trunk", Width: "w8"}, {Label: "State", Width: "w8"}, {Label: "Registration", Width: "w8"},
		{Label: "Targets", Width: "w14"}, {Label: "Channels", Width: "w6", Num: true}, {Label: "Last failure", Width: "w14"}},
		Empty: "There is no trunk. Name the carrier in trunks.list, in the file of each member."}
	for _, x := range all[:min(len(all), maxShown)] {
		t.Rows = append(t.Rows, screen.Row{Key: x.Name, Cells: []screen.Cell{screen.Link(x.Name, trunksPath+"?search="+x.Name),
			screen.Mark(screen.StateOf("trunk", x.State)), trunkRegistration(x), targetsCell(x.Targets), ofMost(x.Channels, x.MaxChannels), trunkError(x, now)}})
	}
	ask, err := s.trunkRulesAsk(r.Context())
	return screen.Page{Title: "Trunks", Realm: "settings", Crumbs: []screen.Crumb{{Label: "Settings", Href: clusterPath}}, Ask: ask,
		View: screen.View{Panels: []screen.Panel{{ID: "trunks", Title: "Trunks", Quiet: counted(len(all), "trunk"), Table: t}}}}, err
}

// targetsCell has all targets with their health.
func targetsCell(all []TrunkTarget) screen.Cell {
	texts := make([]string, len(all))
	for i, t := range all {
		texts[i] = t.Address + " " + strings.ToLower(screen.StateOf("trunk", t.State).Word)
		if t.Why != "" {
			texts[i] += ": " + t.Why
		}
	}
	c := screen.Text(strings.Join(texts, ", "))
	c.Whole = c.Text
	return c
}

// trunkRulesAsk is the form.
func (s *Server) trunkRulesAsk(ctx context.Context) (*screen.Ask, error) {
	ask := &screen.Ask{Action: trunkSettingsPath, Button: "Save", Text: []string{"Trunks themselves have secrets, and the cluster " +
		"keeps none: they are in trunks.list in the file of each member. What is saved here is for all members."}}
	for _, x := range trunkRules {
		value, revision, err := s.trunkRule(ctx, x.key)
		if err != nil {
			return nil, err
		}
		ask.Fields = append(ask.Fields, screen.Field{Name: "revision." + x.key, Value: strconv.FormatUint(revision, 10)})
		ask.Inputs = append(ask.Inputs, screen.Input{Name: x.key, Label: x.label, Note: x.note, Value: value, Max: maxRule})
	}
	return ask, nil
}

// maxRule bounds such a list, in characters: as long as the cluster keeps one.
const maxRule = 64 << 10

// trunkRule is the value of such a setting, and the revision of what the cluster keeps for it; 0: nothing.
func (s *Server) trunkRule(ctx context.Context, key string) (value string, revision uint64, err error) {
	e, err := s.services.Stored.Explain(key)
	if err != nil {
		return "", 0, err
	}
	found, err := s.services.Stored.Find(ctx, SettingQuery{Key: key})
	for _, f := range found {
		if f.Member == "" {
			revision = f.Revision
		}
	}
	return e.Value, revision, err
}

// trunkSettingsDo saves what the form has changed; whoever was first in between is not written over.
func (s *Server) trunkSettingsDo(r *http.Request, _ visitor) (outcome, error) {
	out := outcome{To: trunkSettingsPath, Text: "Nothing was changed."}
	for _, x := range trunkRules {
		value, _, err := s.trunkRule(r.Context(), x.key)
		if err != nil {
			return out, err
		}
		wanted := strings.TrimSpace(r.PostForm.Get(x.key))
		if !r.PostForm.Has(x.key) || wanted == value {
			continue
		}
		revision, err := strconv.ParseUint(r.PostForm.Get("revision."+x.key), 10, 64)
		if err != nil {
			return out, Invalid("the revision %q is no number", clip(r.PostForm.Get("revision."+x.key), 60))
		}
		if _, err := s.services.Stored.Save(r.Context(), SettingWrite{Key: x.key, Value: &wanted, Revision: &revision, Author: author(r)}); err != nil {
			return out, err
		}
		out.Text = "Saved."
	}
	return out, nil
}
