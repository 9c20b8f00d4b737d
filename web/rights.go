package web

import (
	"net/http"
	"slices"
	"strings"

	"tandem/web/screen"
)

// Roles of accounts that give rights on the pages.
const (
	roleAdministrator = "administrator"
	roleSupervisor    = "supervisor"
	roleLoader        = "loader"
	roleAdapter       = "adapter"
)

// Identity is an account as far as its rights matter.
type Identity struct {
	Account string   // AOR
	Display string   // name shown to people
	Roles   []string // see Account
	Leads   bool     // a right lets the account supervise some queue
	Stamp   string   // differs after each change of the password: logins made before it end
}

// Logins know who may log in to the pages.
type Logins interface {
	// Login returns the enabled account that the user names, if the password is right. It must take the
	// same time for a user that does not exist.
	Login(user, password string) (Identity, bool)
	// Identity returns an account as it is now, and false when it has gone or is disabled. It must answer
	// at once.
	Identity(account string) (Identity, bool)
}

// administratorsAlone are the Logins of a member that has only an Authenticator.
type administratorsAlone struct{ Authenticator }

// Login implements Logins.
func (a administratorsAlone) Login(user, password string) (Identity, bool) {
	who, _ := a.Identity(user)
	return who, a.Administrator(user, password)
}

// Identity implements Logins.
func (administratorsAlone) Identity(account string) (Identity, bool) {
	return Identity{Account: account, Roles: []string{roleAdministrator}}, true
}

// right is the highest right that an account has on the pages.
func (i Identity) right() (right screen.Right) {
	if i.Leads {
		right = screen.QueueSupervisor
	}
	for _, role := range i.Roles {
		switch role {
		case roleAdministrator:
			right = max(right, screen.Administrator)
		case roleSupervisor:
			right = max(right, screen.Supervisor)
		}
	}
	return right
}

// monitored are the parts of the REST interface that a supervisor may read.
var monitored = []string{"version", "health", "cluster", "legs", "tasks", "sessions", "registrations", "records", "stat", "trunks"}

// lacks refuses somebody what needs more than he may.
func lacks(who string, need screen.Right) error {
	needed := "role administrator"
	switch need {
	case screen.QueueSupervisor:
		needed = "right to supervise a queue"
	case screen.Supervisor:
		needed = "role supervisor"
	}
	return Refuse(http.StatusForbidden, "no_right", "%s may not do this or see this page: it needs the %s", who, needed)
}

// open are the parts of the REST interface that every account may ask: its rights over queues say what it sees and does.
var open = []string{"queues", "agents", "recordings", "queuelog", "reports"}

// partOf is the part of the REST interface that a request is for, and what follows.
func partOf(r *http.Request) (part, below string) {
	rest, _ := strings.CutPrefix(r.URL.Path, "/api/v1/")
	part, below, _ = strings.Cut(rest, "/")
	return part, below
}

// forEverybody tells whether a request is for such a part.
func forEverybody(r *http.Request) bool {
	part, _ := partOf(r)
	return slices.Contains(open, part)
}

func reads(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

// forSupervisors tells whether a request is one that supervisors may make.
func forSupervisors(r *http.Request) bool {
	part, below := partOf(r)
	return reads(r) && slices.Contains(monitored, part) && (part != "cluster" || below == "") // tickets are for administrators
}

// mayREST refuses a request of the REST interface that came with the login of a browser and is beyond its
// right, or may not come from one of our pages.
func mayREST(right screen.Right, r *http.Request) error {
	if !reads(r) && !ownOrigin(r) {
		return errOrigin
	}
	if forEverybody(r) || right >= screen.Administrator || right >= screen.Supervisor && forSupervisors(r) {
		return nil
	}
	return Refuse(http.StatusForbidden, "no_right", "this needs an administrator")
}
