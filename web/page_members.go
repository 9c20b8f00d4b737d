package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tandem/web/screen"
)

const membersPath = "/monitors/members"

func (s *Server) membersPage(r *http.Request, v visitor) (screen.Page, error) {
	view, err := s.membersView(r.Context(), nil, v.right)
	return screen.Page{Title: "Members", Realm: "monitors", Topic: "members", View: view,
		Crumbs: []screen.Crumb{{Label: "Monitors", Href: membersPath}}}, err
}

func (s *Server) membersView(ctx context.Context, _ url.Values, right screen.Right) (screen.View, error) {
	v, err := s.services.Cluster.Cluster(ctx)
	if err != nil {
		return screen.View{}, err
	}
	return membersScreen(v, right, s.now()), nil
}

// membersScreen shows how the members are and how they see each other.
func membersScreen(v ClusterView, right screen.Right, now time.Time) screen.View {
	panels := []screen.Panel{membersPanel(v, right, now)}
	if !v.Alone {
		panels = append(panels, sightsPanel(v, now), eventsPanel(v, now))
	}
	if !v.Quorum {
		panels[0].Notes = append(panels[0].Notes, screen.Remark{State: screen.StateOf("member", "cut off").With(v.Member),
			Text: "This is the view of " + v.Member + "; it is in the minority, or its store is away: it keeps its calls, " +
				"takes nothing over, and settings cannot be changed here."})
	}
	return screen.View{Figures: memberFigures(v), Panels: panels}
}

func memberFigures(v ClusterView) []screen.Figure {
	up, suspect, dead, oldest := 0, 0, 0, ""
	for _, m := range v.Members {
		switch m.State {
		case MemberUp:
			up++
		case MemberSuspect, MemberLost:
			suspect++
		case MemberDead:
			dead++
		}
		if m.living() && (oldest == "" || m.Version < oldest) {
			oldest = m.Version
		}
	}
	controller := orElse(v.Controller.Member, screen.Dash)
	all := fmt.Sprintf("of %d", len(v.Members))
	return []screen.Figure{{Key: "up", Label: "Up", Value: strconv.Itoa(up), Of: all},
		{Key: "suspect", Label: "Suspect", Value: strconv.Itoa(suspect), Of: all},
		{Key: "dead", Label: "Dead", Value: strconv.Itoa(dead), Of: all},
		{Key: "oldest", Label: "Oldest version", Value: orElse(oldest, screen.Dash)},
		{Key: "controller", Label: "Controller", Value: controller, Note: fmt.Sprintf("epoch %d", v.Controller.Epoch)}}
}

func membersPanel(v ClusterView, right screen.Right, now time.Time) screen.Panel {
	t := &screen.Table{Sticky: true, Columns: []screen.Column{{Label: "Member", Width: "w17"}, {Label: "State", Width: "w6"},
		{Label: "For", Num: true, Width: "w6"}, {Label: "Heartbeat", Width: "w6"}, {Label: "Load", Width: "w9"},
		{Label: "Calls", Num: true, Width: "w4"}, {Label: "Legs", Num: true, Width: "w4"}, {Label: "Tasks", Num: true, Width: "w4"},
		{Label: "Sessions", Num: true, Width: "w5"}, {Label: "Names", Num: true, Width: "w4"},
		{Label: "Clock", Num: true, Width: "w5"}, {Label: "Settings", Num: true, Width: "w5"},
		{Label: "Address", Width: "w8"}, {Label: "Boot", Width: "w6"}, {Label: "Version", Width: "w5"}}}
	acts := right == screen.Administrator && !v.Alone
	if acts {
		t.Columns = append(t.Columns, screen.Column{Label: "Acts", Width: "w9"})
	}
	p := screen.Panel{ID: "members", Title: "Members", Quiet: "as " + v.Member + " sees them", Table: t}
	for _, m := range v.Members {
		row := screen.Row{Key: m.Name, ID: memberAnchor(m.Name), Cells: memberCells(v, m, now)}
		if m.State == MemberDead {
			row.Tone = "bad"
		}
		if acts {
			row.Cells = append(row.Cells, screen.Cell{Acts: memberActs(m)})
		}
		t.Rows = append(t.Rows, row)
		if m.State == MemberDead || m.State == MemberLost || m.Draining || m.CutOff {
			if note, ok := memberNote(v, m, acts, now); ok {
				note.Act = nil // the row has it
				p.Notes = append(p.Notes, note)
			}
		}
	}
	return p
}

// memberAnchor is the row of a member in an address. No other part of a page is named like that.
func memberAnchor(name string) string { return "member-" + name }

func memberCells(v ClusterView, m MemberRow, now time.Time) []screen.Cell {
	name := screen.Text(m.Name)
	if m.Controller {
		name.Tags = append(name.Tags, screen.Tag{Word: "Controller", Shape: "key", Title: "Holder of the Controller lease"})
	}
	if m.Store {
		name.Tags = append(name.Tags, screen.Tag{Word: "Store", Title: "Keeps a replica of the store"})
	}
	self := m.Name == v.Member
	heard, offset := screen.Cell{Text: "itself", Muted: true}, screen.Unknown()
	switch {
	case !m.Heard.IsZero():
		text, state := screen.Age(m.Heard, now)
		heard = screen.Mark(state.With(text))
		offset = screen.Cell{Text: screen.Offset(m.ClockOffset.Duration()), Num: true}
	case !self:
		heard = screen.Text("")
	}
	settings := screen.Number(m.Settings)
	if m.Settings < v.Settings && m.living() {
		settings = behind(settings.Text)
	}
	return []screen.Cell{name, screen.Mark(m.state()), screen.Since(m.Since, now), heard,
		{Text: screen.Percent(m.Load), Bar: &m.Load}, screen.Count(m.Calls, ""),
		screen.Count(m.Legs, legsHref("lives", m.Name)),
		screen.Count(m.Tasks, addressOf("/monitors/tasks", url.Values{"member": {m.Name}})),
		screen.Count(m.Sessions, addressOf(sessionsPath, url.Values{"member": {m.Name}})), screen.Count(m.Names, ""), offset, settings,
		screen.Mono(m.Address), screen.Mono(m.Boot), screen.Text(m.Version)}
}

func memberActs(m MemberRow) []screen.Act {
	path := memberPath(m.Name)
	switch {
	case m.Draining && m.living():
		return []screen.Act{{Label: "Stop draining", About: m.Name, Action: path + "/undrain"}}
	case m.living():
		return []screen.Act{{Label: "Drain", About: m.Name, Href: path + "/drain"}}
	case m.State == MemberDead || m.State == MemberLeft:
		return []screen.Act{{Label: "Forget", About: m.Name, Href: path + "/forget"}}
	}
	return nil
}

// sightsPanel shows a split: each cell is how long ago the member of the row heard the one of the column.
func sightsPanel(v ClusterView, now time.Time) screen.Panel {
	sights := map[[2]string]Sight{}
	for _, x := range v.Sights {
		sights[[2]string{x.By, x.Of}] = x
	}
	t := &screen.Table{Columns: []screen.Column{{Label: "Sees", Width: "w8"}}}
	for _, m := range v.Members {
		t.Columns = append(t.Columns, screen.Column{Label: m.Name, Width: "w6"})
	}
	for _, by := range v.Members {
		row := screen.Row{Key: by.Name, Cells: []screen.Cell{screen.Text(by.Name)}}
		for _, of := range v.Members {
			x, ok := sights[[2]string{by.Name, of.Name}]
			switch {
			case by.Name == of.Name:
				row.Cells = append(row.Cells, screen.Cell{Text: "itself", Muted: true})
			case !ok || x.Heard.IsZero():
				row.Cells = append(row.Cells, screen.Text(""))
			default:
				text, state := screen.Age(x.Heard, now)
				row.Cells = append(row.Cells, screen.Mark(state.With(text)))
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return screen.Panel{ID: "sights", Title: "Who sees whom", Quiet: "age of the last heartbeat that the row had from the column",
		Half: true, Table: t}
}

func eventsPanel(v ClusterView, now time.Time) screen.Panel {
	t := &screen.Table{Empty: "Nothing has happened yet.", Wrap: true, Columns: []screen.Column{{Label: "Time", Width: "w6"},
		{Label: "Member", Width: "w6"}, {Label: "What", Width: "w6"}, {Label: "Says", Width: "w6"}, {Label: "Why", Width: "w10"}}}
	for i, e := range v.Events {
		if i == 20 {
			break
		}
		t.Rows = append(t.Rows, screen.Row{Key: fmt.Sprintf("%d-%d", e.Time.UnixMilli(), len(v.Events)-i), Cells: []screen.Cell{
			screen.Text(screen.Clock(e.Time, now)), screen.Text(e.Member), screen.Text(e.What), screen.Text(e.By), screen.Text(e.Why)}})
	}
	return screen.Panel{ID: "events", Title: "Events", Half: true, Table: t}
}

// memberNamed is a member that a page asks about.
func (s *Server) memberNamed(r *http.Request) (MemberRow, error) {
	view, err := s.services.Cluster.Cluster(r.Context())
	if err != nil {
		return MemberRow{}, err
	}
	for _, m := range view.Members {
		if m.Name == r.PathValue("name") {
			return m, nil
		}
	}
	return MemberRow{}, NotFound("there is no member %q", clip(r.PathValue("name"), 60))
}

// question is a page that asks before something is done.
func question(title, realm, path string, ask screen.Ask, crumbs ...screen.Crumb) screen.Page {
	ask.Back = path
	return screen.Page{Title: title, Realm: realm, Path: path, Crumbs: crumbs, Ask: &ask}
}

var memberCrumbs = []screen.Crumb{{Label: "Monitors", Href: membersPath}, {Label: "Members", Href: membersPath}}

func (s *Server) drainPage(r *http.Request, _ visitor) (screen.Page, error) {
	m, err := s.memberNamed(r)
	if err != nil {
		return screen.Page{}, err
	}
	return question("Drain "+m.Name, "monitors", membersPath, screen.Ask{Action: memberPath(m.Name) + "/drain",
		Text: []string{"It takes nothing new. What it has goes on until it ends by itself, or until the limit: then it is ended.",
			fmt.Sprintf("Now it has %s, %s and %s.", counted(m.Calls, "call"), counted(m.Legs, "leg"), counted(m.Tasks, "task"))},
		Inputs: []screen.Input{{Name: "minutes", Label: "Limit", Value: "1440", Options: []screen.Option{
			{Value: "5", Label: "5 minutes"}, {Value: "30", Label: "30 minutes"}, {Value: "120", Label: "2 hours"},
			{Value: "1440", Label: "24 hours"}}}},
		Button: fmt.Sprintf("Drain %s: %s may end", m.Name, counted(m.Calls, "call")), Risk: true}, memberCrumbs...), nil
}

func (s *Server) drainDo(r *http.Request, _ visitor) (outcome, error) {
	name := r.PathValue("name")
	minutes, err := strconv.Atoi(r.PostForm.Get("minutes"))
	if err != nil || minutes < 0 || time.Duration(minutes)*time.Minute > maxDrain {
		return outcome{To: membersPath}, Invalid("the limit is a number of minutes from 0 to %d", int(maxDrain/time.Minute))
	}
	err = s.services.Cluster.Drain(r.Context(), name, time.Duration(minutes)*time.Minute, author(r))
	return outcome{To: membersPath, Text: name + " is draining.",
		Act: undoIf(err, &screen.Act{Label: "Stop draining", Action: memberPath(name) + "/undrain"})}, err
}

// undoIf is the way back from what was done, and nothing from what was not.
func undoIf(err error, undo *screen.Act) *screen.Act {
	if err != nil {
		return nil
	}
	return undo
}

func (s *Server) undrainDo(r *http.Request, _ visitor) (outcome, error) {
	name := r.PathValue("name")
	err := s.services.Cluster.Undrain(r.Context(), name, author(r))
	return outcome{To: membersPath, Text: name + " takes calls again."}, err
}

func (s *Server) forgetPage(r *http.Request, _ visitor) (screen.Page, error) {
	m, err := s.memberNamed(r)
	if err != nil {
		return screen.Page{}, err
	}
	return question("Forget "+m.Name, "monitors", membersPath, screen.Ask{Action: memberPath(m.Name) + "/forget",
		Text:   []string{"Its row and the settings that are its own go. If it comes back, it comes as a new member."},
		Button: "Forget " + m.Name, Risk: true}, memberCrumbs...), nil
}

func (s *Server) forgetDo(r *http.Request, _ visitor) (outcome, error) {
	name := r.PathValue("name")
	err := s.services.Cluster.Forget(r.Context(), name, author(r))
	return outcome{To: membersPath, Text: name + " is forgotten."}, err
}
