package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/conf"
	"tandem/web/screen"
)

const clusterPath = "/settings/cluster"

// callLegsWords and farmWords are the values of the settings as the page names them.
var (
	callLegsWords = []screen.Option{{Value: conf.Locally, Label: "Locally"},
		{Value: conf.LocallyForOthers, Label: "Locally for Others"}, {Value: conf.Remotely, Label: "Remotely"}}
	farmWords = []screen.Option{{Value: conf.FarmMember, Label: "Member"}, {Value: conf.FarmRelay, Label: "Relay"},
		{Value: conf.FarmAuto, Label: "Auto"}, {Value: conf.FarmDisabled, Label: "Disabled"}}
	fallbackWords = []screen.Option{{Value: "false", Label: "Refuse with 503"}, {Value: "true", Label: "Place locally"}}
)

func labelOf(words []screen.Option, value string) string {
	for _, o := range words {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}

// keyLabels are the settings as people name them, and the words of what else is in the history.
var keyLabels = map[string]string{KeyCallLegs: "Call Legs Processing", KeyFarm: "SIP Farm",
	KeyFallback: "If nobody is willing", "drain": "drain", "undrain": "drain ended", "forget": "forgotten"}

func (s *Server) clusterPage(r *http.Request, v visitor) (screen.Page, error) {
	view, err := s.services.Cluster.Cluster(r.Context())
	if err != nil {
		return screen.Page{}, err
	}
	return screen.Page{Title: "Cluster", Realm: "settings", Topic: "cluster",
		Crumbs: []screen.Crumb{{Label: "Settings", Href: clusterPath}, {Label: "General"}},
		Tags:   []string{"settings v" + strconv.FormatUint(view.Settings, 10)},
		Quiet:  "Changes act on the next call. No Apply.",
		View:   clusterScreen(view, v.right, s.now())}, nil
}

func (s *Server) clusterView(ctx context.Context, _ url.Values, right screen.Right) (screen.View, error) {
	view, err := s.services.Cluster.Cluster(ctx)
	return clusterScreen(view, right, s.now()), err
}

// clusterScreen shows who makes call legs for whom, and lets it be changed.
func clusterScreen(v ClusterView, right screen.Right, now time.Time) screen.View {
	mayChange := right == screen.Administrator && v.Quorum && !v.Alone
	panels := []screen.Panel{processingPanel(v, mayChange, now), placedPanel(v), fallbackPanel(v, mayChange),
		changesPanel(v, now)}
	if v.Alone {
		panels = panels[:2]
		panels[0].Text = "This member is alone. To add a second one, give each an address (cluster.address) and name " +
			"this one in the seeds of the other (cluster.seeds); it joins with a ticket of this one."
	}
	return screen.View{Figures: clusterFigures(v, now), Panels: panels}
}

func clusterFigures(v ClusterView, now time.Time) []screen.Figure {
	knows, living := 0, 0
	for _, m := range v.Members {
		if m.living() {
			living++
			if m.ListEpoch == v.Willing.Epoch && m.ListVersion == v.Willing.Version {
				knows++
			}
		}
	}
	known := screen.StateOf("list", "current").With("all on " + listName(v.Willing.Epoch, v.Willing.Version))
	if knows < living {
		known = screen.StateOf("list", "behind").With(fmt.Sprintf("%d behind %s", living-knows,
			listName(v.Willing.Epoch, v.Willing.Version)))
	}
	controller := screen.Figure{Key: "controller", Label: "Controller", Value: screen.Dash, Note: "nobody holds the lease"}
	if c := v.Controller; c.Member != "" {
		controller.Value, controller.Note = c.Member, fmt.Sprintf("epoch %d, since %s", c.Epoch, screen.Clock(c.Since, now))
	}
	store := screen.Figure{Key: "store", Label: "Store, with quorum", Value: strconv.Itoa(v.Store.Up),
		Of: fmt.Sprintf("of %d", len(v.Store.Members)), Note: strings.Join(v.Store.Members, ", ")}
	if !v.Quorum || !v.Store.Ready {
		state := screen.StateOf("notice", "broken").With("can be changed again when the store is back")
		store.Label, store.State = "Store, without quorum", &state
	}
	all, elsewhere := 0, 0
	for _, p := range v.Placed {
		all += p.Legs
		if p.Needs != p.Lives {
			elsewhere += p.Legs
		}
	}
	willing := screen.Figure{Key: "willing", Label: "Willing list", Value: strconv.Itoa(len(v.Willing.Members)),
		Of: fmt.Sprintf("of %s", counted(living, "member")), Note: "nobody makes legs for others"}
	if len(v.Willing.Members) > 0 {
		willing.Note = strings.Join(v.Willing.Members, ", ") + " · " + listName(v.Willing.Epoch, v.Willing.Version)
	}
	return []screen.Figure{controller, willing,
		{Key: "known", Label: "List known by", Value: strconv.Itoa(knows), Of: fmt.Sprintf("of %d", living), State: &known},
		store,
		{Key: "elsewhere", Label: "Legs placed elsewhere", Value: strconv.Itoa(elsewhere), Of: fmt.Sprintf("of %d", all),
			Href: legsHref("where", "elsewhere"), Note: fmt.Sprintf("refused for want of a host: %d", v.Refused)}}
}

// listName is an edition of the list of willing members: epoch of the Controller and version under it.
func listName(epoch, version uint64) string { return fmt.Sprintf("%d.%d", epoch, version) }

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// living reports a member that is not known to be gone.
func (m MemberRow) living() bool {
	return m.State == MemberUp || m.State == MemberSuspect || m.State == MemberJoining
}

// state is what is shown of a member: its state, or what matters more.
func (m MemberRow) state() screen.State {
	switch {
	case m.State == MemberUp && m.CutOff:
		return screen.StateOf("member", "cut off")
	case m.State == MemberUp && m.Draining:
		return screen.StateOf("member", "draining")
	}
	return screen.StateOf("member", m.State)
}

func processingPanel(v ClusterView, mayChange bool, now time.Time) screen.Panel {
	t := &screen.Table{Roomy: true, Columns: []screen.Column{{Label: "Member", Width: "w11"}, {Label: "Address", Width: "w7"},
		{Label: "State", Width: "w6"}, {Label: "SIP Farm", Width: "w8"}, {Label: "Call Legs Processing", Width: "w11"},
		{Label: "For others", Width: "w5"}, {Label: "Own", Num: true, Width: "w4"},
		{Label: "Others’", Num: true, Width: "w4"}, {Label: "Elsewhere", Num: true, Width: "w5"},
		{Label: "List", Num: true, Width: "w5"}, {Label: "Settings", Num: true, Width: "w5"}}}
	p := screen.Panel{ID: "processing", Title: "SIP processing per member", Table: t,
		Quiet: "SIP Farm spreads packets. Call Legs Processing says where a leg lives."}
	for _, m := range v.Members {
		t.Rows = append(t.Rows, screen.Row{Key: m.Name, Cells: processingCells(v, m, mayChange)})
		if note, ok := memberNote(v, m, mayChange, now); ok {
			p.Notes = append(p.Notes, note)
		}
	}
	return p
}

func processingCells(v ClusterView, m MemberRow, mayChange bool) []screen.Cell {
	name := screen.Link(m.Name, membersPath+"#"+url.PathEscape(memberAnchor(m.Name)))
	if m.Controller {
		name.Tags = []screen.Tag{{Word: "Controller", Shape: "key", Title: "Holder of the Controller lease"}}
	}
	offered := screen.Cell{Text: "not offered", Muted: true}
	if m.Offered {
		offered = screen.Mark(screen.StateOf("list", "willing"))
	}
	farm, legs := m.farmCell(), screen.Text(labelOf(callLegsWords, m.CallLegs))
	if mayChange && m.living() {
		farm = settingCell(m, KeyFarm, m.Farm, m.FarmAt, m.farmOptions())
		legs = settingCell(m, KeyCallLegs, m.CallLegs, m.CallLegsAt, callLegsWords)
	}
	list := screen.Cell{Text: listName(m.ListEpoch, m.ListVersion), Num: true}
	if m.living() && (m.ListEpoch != v.Willing.Epoch || m.ListVersion != v.Willing.Version) {
		list = behind(list.Text)
	}
	settings := screen.Number(m.Settings)
	if m.living() && m.Settings < v.Settings {
		settings = behind(settings.Text)
	}
	return []screen.Cell{name, screen.Mono(m.Address), screen.Mark(m.state()), farm, legs, offered,
		screen.Count(m.OwnLegs, legsHref("lives", m.Name, "needs", m.Name)),
		screen.Count(m.OthersLegs, legsHref("lives", m.Name, "needs", "!"+m.Name)),
		screen.Count(m.Elsewhere, legsHref("lives", "!"+m.Name, "needs", m.Name)), list, settings}
}

// behind is a number that is not the latest one.
func behind(text string) screen.Cell {
	c := screen.Mark(screen.StateOf("list", "behind").With(text))
	c.Num = true
	return c
}

func (m MemberRow) farmCell() screen.Cell {
	for _, o := range m.farmOptions() {
		if o.Value == m.Farm {
			return screen.Text(o.Label)
		}
	}
	return screen.Text(m.Farm)
}

// farmOptions say what auto comes to.
func (m MemberRow) farmOptions() []screen.Option {
	all := slices.Clone(farmWords)
	for i := range all {
		if all[i].Value == conf.FarmAuto && m.Farm == conf.FarmAuto && m.FarmResolved != "" {
			all[i].Label += ": " + labelOf(farmWords, m.FarmResolved)
		}
	}
	return all
}

func settingCell(m MemberRow, key, value string, revision uint64, options []screen.Option) screen.Cell {
	return screen.Cell{Choice: &screen.Choice{Action: clusterPath, Label: keyLabels[key] + " of " + m.Name,
		Value: value, Options: options, Fields: settingFields(m.Name, key, revision)}}
}

func settingFields(member, key string, revision uint64) []screen.Field {
	return []screen.Field{{Name: "member", Value: member}, {Name: "key", Value: key},
		{Name: "revision", Value: strconv.FormatUint(revision, 10)}}
}

// memberNote is a sentence about a member that needs somebody's eye.
func memberNote(v ClusterView, m MemberRow, mayChange bool, now time.Time) (screen.Remark, bool) {
	path := memberPath(m.Name)
	switch {
	case m.State == MemberDead || m.State == MemberLost || m.State == MemberLeft:
		r := screen.Remark{State: m.state().With(m.Name), Text: fmt.Sprintf("is gone since %s: %s.",
			screen.Clock(m.Since, now), orElse(m.Why, "no reason is known"))}
		if mayChange && m.State != MemberLost {
			r.Act = &screen.Act{Label: "Forget", About: m.Name, Href: path + "/forget"}
		}
		return r, true
	case m.Draining:
		limit := ""
		if !m.DrainUntil.IsZero() {
			limit = ", limit " + screen.Clock(m.DrainUntil, now)
		}
		r := screen.Remark{State: m.state().With(m.Name), Text: "drains: " + counted(m.Legs, "leg") + " left" + limit + "."}
		if mayChange {
			r.Act = &screen.Act{Label: "Stop draining", About: m.Name, Action: path + "/undrain"}
		}
		return r, true
	case m.CutOff:
		return screen.Remark{State: m.state().With(m.Name), Text: "is cut off: it keeps its calls, takes nothing over."}, true
	case m.Settings < v.Settings && m.living():
		return screen.Remark{State: screen.StateOf("list", "behind").With(m.Name),
			Text: fmt.Sprintf("has settings v%d of v%d.", m.Settings, v.Settings)}, true
	}
	return screen.Remark{}, false
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// placedPanel is a matrix: which member needs the leg, which one holds it.
func placedPanel(v ClusterView) screen.Panel {
	legs := map[[2]string]int{}
	names := []string{}
	for _, m := range v.Members {
		names = append(names, m.Name)
	}
	for _, p := range v.Placed {
		legs[[2]string{p.Needs, p.Lives}] += p.Legs
		for _, name := range []string{p.Needs, p.Lives} {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	t := &screen.Table{Columns: []screen.Column{{Label: "Needed by", Width: "w8"}}}
	foot := screen.Row{Cells: []screen.Cell{screen.Text("All")}}
	all := 0
	for _, lives := range names {
		t.Columns = append(t.Columns, screen.Column{Label: lives, Num: true, Width: "w5"})
		held := 0
		for _, needs := range names {
			held += legs[[2]string{needs, lives}]
		}
		foot.Cells = append(foot.Cells, screen.Count(held, legsHref("lives", lives)))
		all += held
	}
	t.Columns = append(t.Columns, screen.Column{Label: "All", Num: true, Width: "w5"})
	foot.Cells = append(foot.Cells, screen.Count(all, "/monitors/legs"))
	for _, needs := range names {
		row := screen.Row{Key: needs, Cells: []screen.Cell{screen.Text(needs)}}
		sum := 0
		for _, lives := range names {
			n := legs[[2]string{needs, lives}]
			row.Cells = append(row.Cells, screen.Count(n, legsHref("lives", lives, "needs", needs)))
			sum += n
		}
		t.Rows = append(t.Rows, screen.Row{Key: row.Key,
			Cells: append(row.Cells, screen.Count(sum, legsHref("needs", needs)))})
	}
	t.Foot = &foot
	return screen.Panel{ID: "placed", Title: "Where legs live now", Quiet: "row needs the leg, column holds it",
		Half: true, Table: t}
}

func fallbackPanel(v ClusterView, mayChange bool) screen.Panel {
	p := screen.Panel{ID: "fallback", Title: "If nobody is willing", Half: true,
		Text: "Members set to Remotely refuse the call and log the setting’s name. Place locally needs a reachable " +
			"media address on each of them."}
	value := strconv.FormatBool(v.Fallback)
	if mayChange {
		p.Choice = &screen.Choice{Action: clusterPath, Label: p.Title, Value: value, Options: fallbackWords,
			Fields: settingFields("", KeyFallback, v.FallbackAt), Buttons: true}
	} else {
		p.Quiet = labelOf(fallbackWords, value)
	}
	return p
}

func changesPanel(v ClusterView, now time.Time) screen.Panel {
	t := &screen.Table{Empty: "Nothing was changed yet.", Wrap: true, Columns: []screen.Column{{Label: "Time", Width: "w6"},
		{Label: "Member", Width: "w6"}, {Label: "What", Width: "w8"}, {Label: "Change", Width: "w10"}, {Label: "By", Width: "w5"}}}
	for i, c := range v.Changes {
		if i == 20 {
			break
		}
		what := c.New
		if words := wordsOf(c.Key); words != nil {
			what = labelOf(words, c.Old) + " → " + labelOf(words, c.New)
		}
		t.Rows = append(t.Rows, screen.Row{Key: fmt.Sprintf("%d-%d", c.Time.UnixMilli(), len(v.Changes)-i),
			Cells: []screen.Cell{screen.Text(screen.Clock(c.Time, now)), screen.Text(orElse(c.Member, "cluster")),
				screen.Text(orElse(keyLabels[c.Key], c.Key)), screen.Text(what), screen.Text(c.Author)}})
	}
	return screen.Panel{ID: "changes", Title: "Last changes", Half: true, Table: t}
}

func wordsOf(key string) []screen.Option {
	switch key {
	case KeyCallLegs:
		return callLegsWords
	case KeyFarm:
		return farmWords
	case KeyFallback:
		return fallbackWords
	}
	return nil
}

func memberPath(name string) string { return "/monitors/members/" + url.PathEscape(name) }

// legsHref is the list of legs, filtered by pairs of field and word.
func legsHref(pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return addressOf("/monitors/legs", v)
}
