package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"tandem/conf"
	"tandem/web/screen"
)

// settingForm is a change as the page sends it.
type settingForm struct {
	member, key, value string
	revision           uint64
	sure               bool // the question was answered
}

func settingOf(r *http.Request) (f settingForm, err error) {
	f = settingForm{member: r.PostForm.Get("member"), key: r.PostForm.Get("key"), value: r.PostForm.Get("value"),
		sure: r.PostForm.Get("sure") == "yes"}
	words := wordsOf(f.key)
	if words == nil {
		return f, Invalid("%q is no setting of this page", clip(f.key, 60))
	}
	if labelOf(words, f.value) == f.value {
		return f, Invalid("%q is no value of %s", clip(f.value, 60), f.key)
	}
	if (f.member == "") != (f.key == KeyFallback) {
		return f, Invalid("%s is set for each member, and cluster.fallback for all", f.key)
	}
	if f.revision, err = strconv.ParseUint(r.PostForm.Get("revision"), 10, 64); err != nil {
		return f, Invalid("the revision %q is no number", clip(r.PostForm.Get("revision"), 60))
	}
	return f, nil
}

// clusterSet changes a setting at once; the notice has Undo.
func (s *Server) clusterSet(r *http.Request, _ visitor) (outcome, error) {
	out := outcome{To: clusterPath}
	f, err := settingOf(r)
	if err != nil {
		return out, err
	}
	view, err := s.services.Cluster.Cluster(r.Context())
	if err != nil {
		return out, err
	}
	if refused := refusing(view, f); refused != "" && !f.sure {
		out.Ask = askSetting(f, refused)
		return out, nil
	}
	done, err := s.services.Cluster.Set(r.Context(), f.member, f.key, f.value, f.revision, author(r))
	if err != nil {
		out.Act = s.insist(r.Context(), f, err)
		return out, err
	}
	words := wordsOf(f.key)
	out.Text = fmt.Sprintf("%s of %s is now %s.", keyLabels[f.key], f.member, labelOf(words, f.value))
	if f.member == "" {
		out.Text = fmt.Sprintf("%s: %s.", keyLabels[f.key], labelOf(words, f.value))
	}
	out.Act = setAct("Undo", "undo", f.member, f.key, done.Old, done.Revision)
	return out, nil
}

func setAct(label, shape, member, key, value string, revision uint64) *screen.Act {
	return &screen.Act{Label: label, Shape: shape, Action: clusterPath, Fields: append(settingFields(member, key, revision),
		screen.Field{Name: "value", Value: value}, screen.Field{Name: "sure", Value: "yes"})}
}

// insist offers to change a setting although somebody else was first.
func (s *Server) insist(ctx context.Context, f settingForm, err error) *screen.Act {
	if e, ok := err.(*Error); !ok || e.Status != http.StatusConflict {
		return nil
	}
	view, err := s.services.Cluster.Cluster(ctx)
	if err != nil || view.Alone {
		return nil
	}
	revision := view.FallbackAt
	for _, m := range view.Members {
		if m.Name == f.member {
			revision = map[string]uint64{KeyCallLegs: m.CallLegsAt, KeyFarm: m.FarmAt}[f.key]
		}
	}
	return setAct("Set "+labelOf(wordsOf(f.key), f.value), "", f.member, f.key, f.value, revision)
}

// refusing says whose calls would be refused after a change, and were not before; "" for nobody's.
func refusing(v ClusterView, f settingForm) string {
	if f.key == KeyFarm {
		return ""
	}
	before, after := stranded(v.Members, v.Fallback), ""
	members := make([]MemberRow, len(v.Members))
	copy(members, v.Members)
	for i := range members {
		if members[i].Name == f.member && f.key == KeyCallLegs {
			members[i].CallLegs = f.value
		}
	}
	fallback := v.Fallback
	if f.key == KeyFallback {
		fallback = f.value == "true"
	}
	if after = stranded(members, fallback); after == before {
		return ""
	}
	return after
}

// stranded names the members that place legs remotely while nobody takes them.
func stranded(members []MemberRow, fallback bool) (names string) {
	for _, m := range members {
		takes := m.CallLegs == conf.LocallyForOthers && m.living() && !m.Draining
		if fallback || takes {
			return ""
		}
		if m.CallLegs == conf.Remotely && m.living() {
			if names != "" {
				names += ", "
			}
			names += m.Name
		}
	}
	return names
}

// askSetting is the question before calls are refused.
func askSetting(f settingForm, refused string) *screen.Page {
	label := labelOf(wordsOf(f.key), f.value)
	return &screen.Page{Title: "Refuse calls?", Realm: "settings", Path: clusterPath,
		Crumbs: []screen.Crumb{{Label: "Settings", Href: clusterPath}, {Label: "Cluster", Href: clusterPath}},
		Ask: &screen.Ask{Action: clusterPath, Risk: true, Back: clusterPath,
			Fields: append(settingFields(f.member, f.key, f.revision), screen.Field{Name: "value", Value: f.value},
				screen.Field{Name: "sure", Value: "yes"}),
			Text: []string{"No member would be willing to make call legs for others.",
				"Every new call of " + refused + " would be refused with 503 until one is, or until legs may be placed locally."},
			Button: fmt.Sprintf("Set %s and refuse the calls of %s", label, refused)}}
}
