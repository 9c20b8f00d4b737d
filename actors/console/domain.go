package console

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
	"LISTDOMAINS": func(c *Console, _ *request) (object.Value, *cli.Failure) { return found(form.List(c.Ledger.Domains())) },
	"MAINDOMAINNAME": func(c *Console, _ *request) (object.Value, *cli.Failure) {
		return found(object.String(c.Ledger.Table().Domain()))
	},
	"CREATEDOMAIN":               (*Console).createDomain,
	"GETDOMAINALIASES":           (*Console).getDomainAliases,
	"SETDOMAINALIASES":           (*Console).setDomainAliases,
	"DELETEDOMAIN":               (*Console).deleteDomain,
	"SUSPENDDOMAIN":              func(c *Console, r *request) (object.Value, *cli.Failure) { return c.suspendDomain(r, true) },
	"RESUMEDOMAIN":               func(c *Console, r *request) (object.Value, *cli.Failure) { return c.suspendDomain(r, false) },
	"GETDOMAINSETTINGS":          (*Console).getDomainSettings,
	"UPDATEDOMAINSETTINGS":       (*Console).updateDomainSettings,
	"SETDOMAINSETTINGS":          (*Console).setDomainSettings,
	"GETDOMAINEFFECTIVESETTINGS": (*Console).getDomainSettings,
	"GETDOMAINSTAT":              (*Console).getDomainStat,
	"RESETDOMAINSTAT":            (*Console).resetDomainStat,
}

func (c *Console) createDomain(r *request) (object.Value, *cli.Failure) {
	name := strings.ToLower(r.Text("domain"))
	_, isAlias := c.Ledger.AliasOf(name)
	switch {
	case !ledger.DomainName(name):
		return fail("%s is no domain name", object.Quote(name))
	case c.Ledger.DomainExists(name) || isAlias:
		return fail("the domain exists already")
	case c.Ledger.StoredDomains() >= ledger.MaxDomains:
		return fail("no further domain: there are %d", ledger.MaxDomains)
	}
	d := object.NewFolded()
	form.Merge(d, r.Dictionary("settings"))
	text, err := form.Text(d)
	if err == nil {
		err = c.Ledger.ChangeDomain(r.ctx, name, r.write(), func(d *ledger.Domain) error {
			if !d.Created.IsZero() {
				return cli.Fail("the domain exists already")
			}
			d.Created, d.Settings = time.Now().UTC(), text
			return nil
		})
	}
	return c.done(err)
}

func (c *Console) getDomainAliases(r *request) (object.Value, *cli.Failure) {
	name, f := c.domain(r)
	if f != nil {
		return object.Null, f
	}
	d, _ := c.Ledger.Domain(name)
	return found(form.List(d.Aliases))
}

// setDomainAliases replaces the other names of a domain.
func (c *Console) setDomainAliases(r *request) (object.Value, *cli.Failure) {
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
		switch owner, _ := c.Ledger.AliasOf(alias); {
		case !ledger.DomainName(alias):
			return fail("%s is no domain name", object.Quote(alias))
		case c.Ledger.DomainExists(alias), owner != "" && owner != name, slices.Contains(aliases, alias):
			return fail("%s is used already", object.Quote(alias))
		}
		aliases = append(aliases, alias)
	}
	return c.done(c.Ledger.ChangeDomain(r.ctx, name, r.write(), func(d *ledger.Domain) error { d.Aliases = aliases; return nil }))
}

// deleteDomain ends a domain; with FORCE also its accounts, groups, forwarders and tasks.
func (c *Console) deleteDomain(r *request) (object.Value, *cli.Failure) {
	name, f := c.domain(r)
	switch {
	case f != nil:
		return object.Null, f
	case c.Ledger.Configured(name):
		return fail("the domain is named by the member's settings: routing.domain and routing.domains")
	case name == r.who.AOR.Domain():
		return fail("nobody ends his own domain")
	}
	if n := len(c.Ledger.AccountsOf(name)); n > 0 && !r.Word("FORCE") {
		return fail("the domain has %d accounts: delete them first, or use FORCE", n)
	}
	return c.done(c.Ledger.EndDomain(r.ctx, name, r.write(), func() error {
		err := c.Files.DeleteLanguage(r.ctx, string(r.who.AOR), environment.Domain, name, "")
		if errors.Is(err, environment.ErrNotFound) {
			return nil
		}
		return err
	}))
}

func (c *Console) suspendDomain(r *request, suspended bool) (object.Value, *cli.Failure) {
	name, f := c.domain(r)
	switch {
	case f != nil:
		return object.Null, f
	case name == c.Ledger.Table().Domain():
		return fail("the main domain can not be suspended")
	case suspended && name == r.who.AOR.Domain():
		return fail("nobody suspends his own domain")
	}
	return c.done(c.Ledger.ChangeDomain(r.ctx, name, r.write(), func(d *ledger.Domain) error { d.Suspended = suspended; return nil }))
}

func (c *Console) getDomainSettings(r *request) (object.Value, *cli.Failure) {
	name, f := c.domain(r)
	if f != nil {
		return object.Null, f
	}
	d, _ := c.Ledger.Domain(name)
	settings := form.Dictionary(d.Settings)
	if d.Suspended {
		settings.Set("Suspended", object.Yes)
	}
	return found(settings.Value())
}

func (c *Console) updateDomainSettings(r *request) (object.Value, *cli.Failure) {
	return c.domainSettings(r, true)
}

func (c *Console) setDomainSettings(r *request) (object.Value, *cli.Failure) {
	return c.domainSettings(r, false)
}

// domainSettings changes the settings of a domain, or replaces them. Whether it is suspended is none.
func (c *Console) domainSettings(r *request, keep bool) (object.Value, *cli.Failure) {
	name, f := c.domain(r)
	if f != nil {
		return object.Null, f
	}
	return c.done(c.Ledger.ChangeDomain(r.ctx, name, r.write(), func(d *ledger.Domain) (err error) {
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

func (c *Console) getDomainStat(r *request) (object.Value, *cli.Failure) {
	name, f := c.domain(r)
	if f != nil {
		return object.Null, f
	}
	return c.readCounts(r, "@"+name)
}

func (c *Console) resetDomainStat(r *request) (object.Value, *cli.Failure) {
	name, f := c.domain(r)
	if f != nil {
		return object.Null, f
	}
	return c.resetCounts(r, "@"+name)
}
