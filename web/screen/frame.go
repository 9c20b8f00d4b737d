package screen

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Right is what somebody may do on the pages.
type Right int

// The rights; each includes those before it.
const (
	Nobody          Right = iota
	QueueSupervisor       // sees the queues that he supervises, and their agents
	Supervisor            // reads the realm Monitors
	Administrator         // everything
)

// Page is what is around a View, and what a page has beside it.
type Page struct {
	Title   string
	Realm   string // of the realms
	Path    string // of the page, to mark it among the others
	Crumbs  []Crumb
	Tags    []string
	Quiet   string // beside the heading
	Person  *Person
	Member  string // that serves the page
	Version string // of it
	Dark    bool
	Board   bool   // it can take the whole screen
	Search  string // word that was looked for
	Now     time.Time
	Topic   string // under which the View lives; "" stays as it is
	View    View
	Notice  *Notice
	News    *News
	Filter  *Filter
	Facts   []Fact
	Acts    []Act
	Ask     *Ask
	Login   *LoginForm
}

// Person is who reads the page.
type Person struct {
	Account string
	Display string
	Right   Right
}

// Crumb is a step on the way to the page.
type Crumb struct{ Label, Href string }

// Notice is what came of the last act.
type Notice struct {
	State State  `json:"state"`
	Text  string `json:"text"`
	Act   *Act   `json:"act,omitempty"` // Undo, or what else can be done now
}

// News is where a page that stays as it is asks for what has come since, and where that is shown.
type News struct{ From, Href string }

// Filter is a form that selects rows. Its fields are in the address.
type Filter struct {
	Action string
	Fields []FilterField
	Sort   string // kept while filtering
	Active bool
	Button string // "": Filter
}

// FilterField is one word to filter by; with Options it is one of them.
type FilterField struct {
	Name, Label, Value string
	Options            []Option
}

// Fact is a line of a page about one thing.
type Fact struct {
	Label string
	Cell  Cell
}

// Ask is a question before something that can not be taken back: its button tells the consequence.
type Ask struct {
	Text   []string
	Action string
	Fields []Field
	Inputs []Input
	Button string
	Risk   bool
	Back   string // address of the page that it came from
}

// Input is a field to fill in.
type Input struct {
	Name, Label, Value, Note string
	Options                  []Option
	Max                      int // characters
}

// LoginForm is the way in.
type LoginForm struct {
	To      string // page that was asked for
	Account string
	Fault   string
	Hint    string
}

// Realm is one of the parts of the site.
type Realm struct {
	Name, Label string
	Right       Right // that its pages need, but those that say otherwise
	Pages       []Place
}

// Place is a page of a realm. Key is pressed after g to go there.
type Place struct {
	Group, Label, Href, Key string
	Right                   Right // that it needs; Nobody: the one of its realm
}

// Href is where the realm begins for those who may see its pages.
func (r Realm) Href() string { return r.Pages[0].Href }

var realms = []Realm{
	{"home", "Home", Administrator, []Place{{"", "Home", "/", "h", Nobody}}},
	{"monitors", "Monitors", Supervisor, []Place{
		{"Cluster", "Members", "/monitors/members", "m", Nobody},
		{"Call centre", "Queues", "/monitors/queues", "q", QueueSupervisor},
		{"", "Servers live", "/monitors/live", "v", QueueSupervisor},
		{"", "Agents", "/monitors/agents", "a", QueueSupervisor},
		{"", "Statistics", "/monitors/statistics", "s", Nobody},
		{"", "Sources", "/monitors/sources", "o", Nobody},
		{"Traffic", "Legs", "/monitors/legs", "l", Nobody},
		{"", "Tasks", "/monitors/tasks", "k", Nobody},
		{"", "Sessions", "/monitors/sessions", "x", Nobody},
		{"", "Registrations", "/monitors/registrations", "p", Nobody},
		{"", "Trunks", "/monitors/trunks", "t", Nobody},
	}},
	{"reports", "Reports", QueueSupervisor, []Place{
		{"Reports", "Overview", "/reports/overview", "r", Nobody},
		{"", "Answered calls", "/reports/answered", "", Nobody},
		{"", "Lost calls", "/reports/lost", "", Nobody},
		{"", "Service level", "/reports/level", "", Nobody},
		{"", "Distribution", "/reports/distribution", "", Nobody},
		{"", "Agents", "/reports/agents", "", Nobody},
		{"", "Calls, one by one", "/reports/calls", "", Nobody},
		{"", "IVR and outcomes", "/reports/outcomes", "", Nobody},
		{"Sources", "Loads", "/reports/loads", "", Supervisor},
	}},
	{"settings", "Settings", Administrator, []Place{
		{"General", "Cluster", "/settings/cluster", "c", Nobody},
		{"Call centre", "Queues", "/settings/queues", "u", Nobody},
		{"", "Agents", "/settings/agents", "e", Nobody},
		{"Traffic", "Trunks", "/settings/trunks", "", Nobody},
	}},
}

// RealmsFor are the realms that somebody with a right may enter, with the pages that he may see.
func RealmsFor(right Right) (out []Realm) {
	for _, r := range realms {
		all := r.Pages
		r.Pages = nil
		for _, p := range all {
			if right >= cmp.Or(p.Right, r.Right) {
				r.Pages = append(r.Pages, p)
			}
		}
		if len(r.Pages) > 0 {
			out = append(out, r)
		}
	}
	return out
}

// Realms are those that the reader may enter.
func (p Page) Realms() []Realm {
	if p.Person == nil {
		return nil
	}
	return RealmsFor(p.Person.Right)
}

// Places are the pages of the realm that the page is in. Home has only itself, and lists none.
func (p Page) Places() []Place {
	for _, r := range p.Realms() {
		if r.Name == p.Realm && r.Name != "home" {
			return r.Pages
		}
	}
	return nil
}

// Trail are the crumbs of the page. The first one is its realm, which begins where the reader may be.
func (p Page) Trail() []Crumb {
	out := slices.Clone(p.Crumbs)
	for _, r := range p.Realms() {
		if len(out) > 0 && out[0].Label == r.Label {
			out[0].Href = r.Href()
		}
	}
	return out
}

// Known reports whether a path is that of a page where a login may lead to.
func Known(path string) bool {
	for _, r := range realms {
		for _, p := range r.Pages {
			if path == p.Href || p.Href != "/" && strings.HasPrefix(path, p.Href+"/") {
				return true
			}
		}
	}
	return false
}

// Zone is in which all times of the page are.
func (p Page) Zone() string { return p.Now.Format("MST") }

// Clock is when the page was made.
func (p Page) Clock() string { return p.Now.Format("15:04:05") }

// Millis is the same for scripts, which count from there.
func (p Page) Millis() int64 { return p.Now.UnixMilli() }
