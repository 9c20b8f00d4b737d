package actors

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"tandem/actors/pbx/environment"
	"tandem/actors/store"
	"tandem/signal"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// domainWorks are the commands about domains.
var domainWorks = map[string]work{
	"LISTDOMAINS": func(c commands, _ *request) (object.Value, *cli.Failure) { return found(list(c.domains())) },
	"MAINDOMAINNAME": func(c commands, _ *request) (object.Value, *cli.Failure) {
		return found(object.String(c.ingress.Table().Domain()))
	},
	"CREATEDOMAIN":               commands.createDomain,
	"GETDOMAINALIASES":           commands.getDomainAliases,
	"SETDOMAINALIASES":           commands.setDomainAliases,
	"DELETEDOMAIN":               commands.deleteDomain,
	"SUSPENDDOMAIN":              func(c commands, r *request) (object.Value, *cli.Failure) { return c.suspendDomain(r, true) },
	"RESUMEDOMAIN":               func(c commands, r *request) (object.Value, *cli.Failure) { return c.suspendDomain(r, false) },
	"GETDOMAINSETTINGS":          commands.getDomainSettings,
	"UPDATEDOMAINSETTINGS":       commands.updateDomainSettings,
	"SETDOMAINSETTINGS":          commands.setDomainSettings,
	"GETDOMAINEFFECTIVESETTINGS": commands.getDomainSettings,
	"GETDOMAINSTAT":              commands.getDomainStat,
	"RESETDOMAINSTAT":            commands.resetDomainStat,
}

func (c commands) createDomain(r *request) (object.Value, *cli.Failure) {
	name := strings.ToLower(r.Text("domain"))
	switch {
	case !domainName(name):
		return fail("%s is no domain name", object.Quote(name))
	case c.domainExists(name) || c.isAlias(name):
		return fail("the domain exists already")
	case len(c.storedDomains()) >= maxDomains:
		return fail("no further domain: there are %d", maxDomains)
	}
	d := object.NewFolded()
	merge(d, r.Dictionary("settings"))
	text, err := textOf(d)
	if err == nil {
		err = c.changeDomain(r, name, func(d *domain) error {
			if !d.Created.IsZero() {
				return cli.Fail("the domain exists already")
			}
			d.Created, d.Settings = time.Now().UTC(), text
			return nil
		})
	}
	return c.done(err)
}

// isAlias tells whether a name is that of another domain.
func (c commands) isAlias(name string) bool {
	_, ok := aliasesOf(c.storedDomains())[name]
	return ok
}

func (c commands) getDomainAliases(r *request) (object.Value, *cli.Failure) {
	name, f := c.domain(r)
	if f != nil {
		return object.Null, f
	}
	d, _ := c.storedDomain(name)
	return found(list(d.Aliases))
}

// setDomainAliases replaces the other names of a domain.
func (c commands) setDomainAliases(r *request) (object.Value, *cli.Failure) {
	name, f := c.domain(r)
	names, ok := strs(r.Value("aliases"))
	switch {
	case f != nil:
		return object.Null, f
	case !ok:
		return object.Null, cli.ErrIllegal
	case len(names) > maxDomainAliases:
		return fail("%d aliases: at most %d", len(names), maxDomainAliases)
	}
	taken := aliasesOf(c.storedDomains())
	var aliases []string
	for _, alias := range names {
		alias = strings.ToLower(alias)
		switch owner := taken[alias]; {
		case !domainName(alias):
			return fail("%s is no domain name", object.Quote(alias))
		case c.domainExists(alias), owner != "" && owner != name, slices.Contains(aliases, alias):
			return fail("%s is used already", object.Quote(alias))
		}
		aliases = append(aliases, alias)
	}
	return c.done(c.changeDomain(r, name, func(d *domain) error { d.Aliases = aliases; return nil }))
}

// domainName tells whether a text can be a domain (RFC 1123 section 2.1).
func domainName(s string) bool {
	if s == "" || len(s) > maxDomainName {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || strings.ContainsFunc(label, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
		}) {
			return false
		}
	}
	return true
}

// changeDomain changes what the store has of a domain, and obeys at once.
func (c commands) changeDomain(r *request, name string, f func(*domain) error) error {
	err := c.changeKey(r.ctx, store.Settings, domainKind+name, r.write(), func(old []byte) ([]byte, error) {
		var d domain
		if old != nil {
			if err := json.Unmarshal(old, &d); err != nil {
				return nil, err
			}
		}
		if err := f(&d); err != nil {
			return nil, err
		}
		return json.Marshal(d)
	})
	if err == nil {
		c.ingress.SetPolicy(c.policyNow())
	}
	return err
}

// deleteDomain ends a domain; with FORCE also its accounts, groups, forwarders and tasks.
func (c commands) deleteDomain(r *request) (object.Value, *cli.Failure) {
	name, f := c.domain(r)
	switch {
	case f != nil:
		return object.Null, f
	case slices.Contains(configured(c.live.Conf().Routing), name):
		return fail("the domain is named by the member's settings: routing.domain and routing.domains")
	case name == r.who.AOR.Domain():
		return fail("nobody ends his own domain")
	}
	var users []signal.AOR
	for _, a := range c.directory.Records() {
		if a.AOR.Domain() == name {
			users = append(users, a.AOR)
		}
	}
	if len(users) > 0 && !r.Word("FORCE") {
		return fail("the domain has %d accounts: delete them first, or use FORCE", len(users))
	}
	for _, aor := range users {
		if err := accounts(c).end(r.ctx, aor, 0); err != nil {
			return c.done(err)
		}
	}
	for _, kind := range []string{groupKind, forwarderKind, taskKind} {
		for _, user := range c.names(kind, name) {
			if err := c.remove(r, kind, signal.NewAOR(user, name), nil); err != nil {
				return c.done(err)
			}
		}
	}
	err := c.clearDomain(r, name)
	if err == nil {
		err = c.store.Bucket(store.Settings).Delete(r.ctx, domainKind+name, r.write())
	}
	if err == nil {
		c.tally.drop("@" + name)
		c.ingress.SetPolicy(c.policyNow())
	}
	return c.done(err)
}

// clearDomain removes the rules and the application environment of a domain: whoever has the name next must
// not be served by them.
func (c commands) clearDomain(r *request, name string) error {
	err := c.store.Bucket(store.Settings).Delete(r.ctx, domainRules+name, r.write())
	if err == nil {
		err = c.readRules(domainRules + name)
	}
	if err != nil {
		return err
	}
	err = pbxFiles(c).DeleteLanguage(r.ctx, string(r.who.AOR), environment.Domain, name, "")
	if errors.Is(err, environment.ErrNotFound) {
		return nil
	}
	return err
}

func (c commands) suspendDomain(r *request, suspended bool) (object.Value, *cli.Failure) {
	name, f := c.domain(r)
	switch {
	case f != nil:
		return object.Null, f
	case name == c.ingress.Table().Domain():
		return fail("the main domain can not be suspended")
	case suspended && name == r.who.AOR.Domain():
		return fail("nobody suspends his own domain")
	}
	return c.done(c.changeDomain(r, name, func(d *domain) error { d.Suspended = suspended; return nil }))
}

func (c commands) getDomainSettings(r *request) (object.Value, *cli.Failure) {
	name, f := c.domain(r)
	if f != nil {
		return object.Null, f
	}
	d, _ := c.storedDomain(name)
	settings := dictionaryOf(d.Settings)
	if d.Suspended {
		settings.Set("Suspended", object.Yes)
	}
	return found(settings.Value())
}

func (c commands) updateDomainSettings(r *request) (object.Value, *cli.Failure) {
	return c.domainSettings(r, true)
}

func (c commands) setDomainSettings(r *request) (object.Value, *cli.Failure) {
	return c.domainSettings(r, false)
}

// domainSettings changes the settings of a domain, or replaces them. Whether it is suspended is none.
func (c commands) domainSettings(r *request, keep bool) (object.Value, *cli.Failure) {
	name, f := c.domain(r)
	if f != nil {
		return object.Null, f
	}
	return c.done(c.changeDomain(r, name, func(d *domain) (err error) {
		settings := object.NewFolded()
		if keep {
			settings = dictionaryOf(d.Settings)
		}
		merge(settings, r.Dictionary("settings"))
		settings.Delete("Suspended")
		d.Settings, err = textOf(settings)
		return err
	}))
}

func (c commands) getDomainStat(r *request) (object.Value, *cli.Failure) {
	name, f := c.domain(r)
	if f != nil {
		return object.Null, f
	}
	return c.readCounts(r, "@"+name)
}

func (c commands) resetDomainStat(r *request) (object.Value, *cli.Failure) {
	name, f := c.domain(r)
	if f != nil {
		return object.Null, f
	}
	return c.resetCounts(r, "@"+name)
}
