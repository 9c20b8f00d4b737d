package screen

import (
	"strings"
	"time"
)

// Right is what somebody may do on the pages.
type Right int

// The rights; each includes those before it.
const (
	Nobody        Right = iota
	Supervisor          // reads the realm Monitors
	Administrator       // everything
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

// realm is one of the parts of the site.
type realm struct {
	Name, Label, Href string
	Right             Right
	Pages             []place
}

// place is a page of a realm. Key is pressed after g to go there.
type place struct{ Group, Label, Href, Key string }

var realms = []realm{
	{"home", "Home", "/", Administrator, nil},
	{"monitors", "Monitors", "/monitors/members", Supervisor, []place{
		{"Cluster", "Members", "/monitors/members", "m"},
		{"Call centre", "Queues", "/monitors/queues", "q"},
		{"", "Agents", "/monitors/agents", "a"},
		{"Traffic", "Legs", "/monitors/legs", "l"},
		{"", "Tasks", "/monitors/tasks", "k"},
		{"", "Sessions", "/monitors/sessions", "x"},
		{"", "Registrations", "/monitors/registrations", "p"},
	}},
	{"reports", "Reports", "/reports/overview", Supervisor, []place{
		{"Reports", "Overview", "/reports/overview", "r"},
		{"", "Answered calls", "/reports/answered", ""},
		{"", "Lost calls", "/reports/lost", ""},
		{"", "Service level", "/reports/level", ""},
		{"", "Distribution", "/reports/distribution", ""},
		{"", "Agents", "/reports/agents", ""},
		{"", "Calls, one by one", "/reports/calls", ""},
		{"", "IVR and outcomes", "/reports/outcomes", ""},
	}},
	{"settings", "Settings", "/settings/cluster", Administrator, []place{
		{"General", "Cluster", "/settings/cluster", "c"},
		{"Call centre", "Queues", "/settings/queues", "u"},
		{"", "Agents", "/settings/agents", "e"},
	}},
}

// Realms are those that the reader may enter.
func (p Page) Realms() []realm {
	var out []realm
	for _, r := range realms {
		if p.Person != nil && p.Person.Right >= r.Right {
			out = append(out, r)
		}
	}
	return out
}

// Places are the pages of the realm that the page is in.
func (p Page) Places() []place {
	for _, r := range p.Realms() {
		if r.Name == p.Realm {
			return r.Pages
		}
	}
	return nil
}

// Find is a page by its name and realm, for a search.
type Find struct{ Realm, Label, Href string }

// PagesFor lists the pages that somebody with a right may see.
func PagesFor(right Right) (out []Find) {
	for _, r := range realms {
		if right < r.Right {
			continue
		}
		if len(r.Pages) == 0 {
			out = append(out, Find{r.Label, r.Label, r.Href})
		}
		for _, p := range r.Pages {
			out = append(out, Find{r.Label, p.Label, p.Href})
		}
	}
	return out
}

// Known reports whether a path is that of a page where a login may lead to.
func Known(path string) bool {
	for _, r := range realms {
		if path == r.Href {
			return true
		}
		for _, p := range r.Pages {
			if path == p.Href || strings.HasPrefix(path, p.Href+"/") {
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
