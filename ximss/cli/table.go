package cli

import (
	"slices"
	"strings"
	"sync"
)

// Row is a command as it is declared.
type Row struct {
	Name   string // upper case
	Syntax string // of its parameters: see compile
	Output bool   // it has a result
	Right  Right  // what one must be allowed to run it
	Self   bool   // an account may run it on itself without that right

	syntax []item
}

// Right is what an account may do. An administrator may do everything.
type Right string

// Rights of the whole installation.
const (
	Anybody    Right = ""           // whoever is logged in
	Master     Right = "Master"     // everything: that is what the role of administrator is
	AllDomains Right = "AllDomains" // all rights of domains, in every domain
	Settings   Right = "Settings"   // settings of server and cluster, router, domains
	Monitor    Right = "Monitor"    // statistics, living tasks, dialogs
)

// Rights over queues: over all of them, or, with a colon and its name behind it, over one (CanSupervise:sales).
const (
	CanSupervise Right = "CanSupervise" // to see callers and agents, to pause these and to take out or move those
	CanListen    Right = "CanListen"    // to hear and join conversations of agents, and their recordings
	CanOriginate Right = "CanOriginate" // to have calls made between others
)

// Rights in the own domain.
const (
	BasicSettings       Right = "BasicSettings"       // accounts' names, aliases, preferences, statistics
	UserAccounts        Right = "UserAccounts"        // to make and end accounts, passwords, rights
	CanImpersonate      Right = "CanImpersonate"      // to run tasks and read sessions in the name of others
	CanCreateNamedTasks Right = "CanCreateNamedTasks" // named and scheduled tasks
	CanCreateGroups     Right = "CanCreateGroups"     // groups
	CanCreateForwarders Right = "CanCreateForwarders" // forwarders
	CanCreateAliases    Right = "CanCreateAliases"    // other names of accounts
	CanCreateTelnums    Right = "CanCreateTelnums"    // telephone numbers of accounts
	SignalRulesAllowed  Right = "SignalRulesAllowed"  // signal rules of accounts and of the domain
	PBXSettings         Right = "PBXSettings"         // the domain's application environment
)

// Rights lists all that SETACCOUNTRIGHTS takes.
var Rights = []Right{Master, AllDomains, Settings, Monitor, CanSupervise, CanListen, CanOriginate, BasicSettings, UserAccounts, CanImpersonate,
	CanCreateNamedTasks, CanCreateGroups, CanCreateForwarders, CanCreateAliases, CanCreateTelnums,
	SignalRulesAllowed, PBXSettings}

// InDomain tells whether a right is one of a domain, rather than of the whole installation.
func (r Right) InDomain() bool { return slices.Index(Rights, r) >= slices.Index(Rights, BasicSettings) }

// queueRights are those that may be given for one queue.
var queueRights = []Right{CanSupervise, CanListen}

// Of is a right over one queue.
func (r Right) Of(queue string) Right { return r + ":" + Right(queue) }

// ReadRight is the right that an operator names, in whatever case.
func ReadRight(text string) (Right, bool) {
	name, queue, one := strings.Cut(text, ":")
	i := slices.IndexFunc(Rights, func(known Right) bool { return strings.EqualFold(string(known), name) })
	switch {
	case i < 0, one && (queue == "" || len(queue) > 63 || !slices.Contains(queueRights, Rights[i])):
		return "", false
	case one:
		return Rights[i].Of(queue), true
	}
	return Rights[i], true
}

// Subject is a parameter that says whom a command is about.
type Subject struct {
	Name    string // of the parameter
	Account bool   // else it is a domain
}

// Subjects are the parameters that name accounts, groups and the like, or domains.
func (r *Row) Subjects() []Subject {
	var out []Subject
	for part := range strings.FieldsSeq(strings.Map(func(c rune) rune {
		if strings.ContainsRune("[]()|", c) {
			return ' '
		}
		return c
	}, r.Syntax)) {
		if name, typ, ok := strings.Cut(part, ":"); ok && (typ == typeAccount || typ == typeDomain) {
			out = append(out, Subject{name, typ == typeAccount})
		}
	}
	return out
}

// table is every command that there is.
var table = slices.Concat(accountRows, domainRows, taskRows, signalRows, fileRows, serverRows)

// byName finds a row.
var byName = sync.OnceValue(func() map[string]*Row {
	m := make(map[string]*Row, len(table))
	for i := range table {
		r := &table[i]
		r.syntax = compile(r.Syntax)
		m[r.Name] = r
	}
	return m
})

// Find is the row of a command; names may be written in any case.
func Find(name string) (*Row, bool) {
	r, ok := byName()[strings.ToUpper(name)]
	return r, ok
}

// Names lists the commands in order: LISTCLICOMMANDS.
func Names() []string {
	names := make([]string, len(table))
	for i, r := range table {
		names[i] = r.Name
	}
	slices.Sort(names)
	return names
}

// refused are the ancestor's commands that have no meaning here.
var refused = sync.OnceValue(func() map[string]bool {
	m := make(map[string]bool, len(unsupported))
	for _, name := range unsupported {
		m[name] = true
	}
	return m
})
