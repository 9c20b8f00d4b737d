package actors

import (
	"errors"
	"slices"
	"strings"
	"time"

	"tandem/actors/form"
	"tandem/actors/ledger"
	"tandem/actors/pbx/environment"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// domainWorks are the commands about domains.
var domainWorks = map[string]work{
	"LISTDOMAINS": func(c commands, _ *request) (object.Value, *cli.Failure) { return found(form.List(c.ledger.Domains())) },
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
	_, isAlias := c.ledger.AliasOf(name)
	switch {
	case !ledger.DomainName(name):
		return fail("%s is no domain name", object.Quote(name))
	case c.ledger.DomainExists(name) || isAlias:
		return fail("the domain exists already")
	case c.ledger.StoredDomains() >= ledger.MaxDomains:
		return fail("no further domain: there are %d", ledger.MaxDomains)
	}
	d := object.NewFolded()
	form.Merge(d, r.Dictionary("settings"))
	text, err := form.Text(d)
	if err == nil {
		err = c.ledger.ChangeDomain(r.ctx, name, r.write(), func(d *ledger.Domain) error {
			if !d.Created.IsZero() {
				return cli.Fail("the domain exists already")
			}
			d.Created, d.Settings = time.Now().UTC(), text
			return nil
		})
	}
	return c.done(err)
}

func (c commands) getDomainAliases(r *request) (object.Value, *cli.Failure) {
	name, f := c.domain(r)
	if f != nil {
		return object.Null, f
	}
	d, _ := c.ledger.Domain(name)
	return found(form.List(d.Aliases))
}

// setDomainAliases replaces the other names of a domain.
func (c commands) setDomainAliases(r *request) (object.Value, *cli.Failure) {
	name, f := c.domain(r)
	names, ok := form.Strings(r.Value("aliases"))
	switch {
	case f != nil:
		return object.Null, f
	case !ok:
		return object.Null, cli.ErrIllegal
	case len(names) > ledger.MaxDomainAliases:
		return fail("%d aliases: at most %d", len(names), ledger.MaxDomainAliases)
	}
	var aliases []string
	for _, alias := range names {
		alias = strings.ToLower(alias)
		switch owner, _ := c.ledger.AliasOf(alias); {
		case !ledger.DomainName(alias):
			return fail("%s is no domain name", object.Quote(alias))
		case c.ledger.DomainExists(alias), owner != "" && owner != name, slices.Contains(aliases, alias):
			return fail("%s is used already", object.Quote(alias))
		}
		aliases = append(aliases, alias)
	}
	return c.done(c.ledger.ChangeDomain(r.ctx, name, r.write(), func(d *ledger.Domain) error { d.Aliases = aliases; return nil }))
}

// deleteDomain ends a domain; with FORCE also its accounts, groups, forwarders and tasks.
func (c commands) deleteDomain(r *request) (object.Value, *cli.Failure) {
	name, f := c.domain(r)
	switch {
	case f != nil:
		return object.Null, f
	case c.ledger.Configured(name):
		return fail("the domain is named by the member's settings: routing.domain and routing.domains")
	case name == r.who.AOR.Domain():
		return fail("nobody ends his own domain")
	}
	if n := len(c.ledger.AccountsOf(name)); n > 0 && !r.Word("FORCE") {
		return fail("the domain has %d accounts: delete them first, or use FORCE", n)
	}
	return c.done(c.ledger.EndDomain(r.ctx, name, r.write(), func() error {
		err := pbxFiles(c).DeleteLanguage(r.ctx, string(r.who.AOR), environment.Domain, name, "")
		if errors.Is(err, environment.ErrNotFound) {
			return nil
		}
		return err
	}))
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
	return c.done(c.ledger.ChangeDomain(r.ctx, name, r.write(), func(d *ledger.Domain) error { d.Suspended = suspended; return nil }))
}

func (c commands) getDomainSettings(r *request) (object.Value, *cli.Failure) {
	name, f := c.domain(r)
	if f != nil {
		return object.Null, f
	}
	d, _ := c.ledger.Domain(name)
	settings := form.Dictionary(d.Settings)
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
	return c.done(c.ledger.ChangeDomain(r.ctx, name, r.write(), func(d *ledger.Domain) (err error) {
		settings := object.NewFolded()
		if keep {
			settings = form.Dictionary(d.Settings)
		}
		form.Merge(settings, r.Dictionary("settings"))
		settings.Delete("Suspended")
		d.Settings, err = form.Text(settings)
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
