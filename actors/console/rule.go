package console

import (
	"tandem/actors/account"
	"tandem/actors/form"
	"tandem/actors/ledger"
	"tandem/signal"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// ruleWorks are the commands about signal rules: of accounts, of domains, of the server and the cluster.
var ruleWorks = map[string]work{
	"GETACCOUNTSIGNALRULES":   (*Console).getAccountRules,
	"SETACCOUNTSIGNALRULES":   (*Console).setAccountRules,
	"UPDATEACCOUNTSIGNALRULE": (*Console).updateAccountRule,
	"GETDOMAINSIGNALRULES":    (*Console).getDomainRules,
	"SETDOMAINSIGNALRULES":    (*Console).setDomainRules,
	"GETSERVERSIGNALRULES":    func(c *Console, _ *request) (object.Value, *cli.Failure) { return c.getRules(ledger.ServerRules) },
	"SETSERVERSIGNALRULES":    func(c *Console, r *request) (object.Value, *cli.Failure) { return c.setRules(r, ledger.ServerRules) },
	"GETCLUSTERSIGNALRULES":   func(c *Console, _ *request) (object.Value, *cli.Failure) { return c.getRules(ledger.ClusterRules) },
	"SETCLUSTERSIGNALRULES":   func(c *Console, r *request) (object.Value, *cli.Failure) { return c.setRules(r, ledger.ClusterRules) },
}

// getAccountRules lists the account's own rules, without those that its forwards come to.
func (c *Console) getAccountRules(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f != nil {
		return object.Null, f
	}
	return found(form.Rules(a.SignalRules))
}

func (c *Console) setAccountRules(r *request) (object.Value, *cli.Failure) {
	return c.changeAccountRules(r, func(old []signal.Rule) ([]signal.Rule, error) {
		return form.ReadRules(r.Value("rules"), old)
	})
}

// updateAccountRule sets the rule of that name, or takes it away; that there was none is no failure.
func (c *Console) updateAccountRule(r *request) (object.Value, *cli.Failure) {
	change := r.Value("rule")
	if r.Word("DELETE") {
		change = object.String(r.Text("name"))
	}
	return c.changeAccountRules(r, func(old []signal.Rule) ([]signal.Rule, error) { return form.ChangeRules(change, old) })
}

func (c *Console) changeAccountRules(r *request, f func(old []signal.Rule) ([]signal.Rule, error)) (object.Value, *cli.Failure) {
	return c.editAccount(r, func(a *account.Record) error {
		rules, err := f(a.SignalRules)
		if err != nil {
			return cli.Fail("%v", err)
		}
		a.SignalRules = rules
		return nil
	})
}

func (c *Console) getDomainRules(r *request) (object.Value, *cli.Failure) {
	domain, f := c.domain(r)
	if f != nil {
		return object.Null, f
	}
	return c.getRules(ledger.DomainRules(domain))
}

func (c *Console) setDomainRules(r *request) (object.Value, *cli.Failure) {
	domain, f := c.domain(r)
	if f != nil {
		return object.Null, f
	}
	return c.setRules(r, ledger.DomainRules(domain))
}

func (c *Console) getRules(key string) (object.Value, *cli.Failure) {
	rules, err := c.Ledger.Rules(key)
	if err != nil {
		return fail("the stored rules can not be read: %v", err)
	}
	return found(form.Rules(rules))
}

func (c *Console) setRules(r *request, key string) (object.Value, *cli.Failure) {
	return c.done(c.Ledger.ChangeRules(r.ctx, key, r.write(), func(old []signal.Rule) ([]signal.Rule, error) {
		rules, err := form.ReadRules(r.Value("rules"), old)
		if err != nil {
			return nil, cli.Fail("%v", err)
		}
		return rules, nil
	}))
}
