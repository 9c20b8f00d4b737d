package service

import (
	"context"
	"strings"

	"tandem/actors/account"
	"tandem/actors/form"
	"tandem/actors/ledger"
	"tandem/actors/pbx/task"
	"tandem/signal"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// accountServices are the functions of programs that read and change accounts (reference cgpl.md 2.8).
func (s *Services) accountServices() []task.Service {
	return []task.Service{
		{Name: "GetAccountPreferences", Quick: true, Run: s.getPreferences},
		{Name: "SetAccountPreferences", Run: s.setPreferences},
		{Name: "ReadGroupMembers", Quick: true, Run: s.readGroupMembers},
		{Name: "ReadTelnums", Quick: true, Run: s.readTelnums},
		{Name: "UpdateAccountSignalRule", Run: s.updateSignalRule},
		{Name: "UpdateAccountMailRule", Quick: true, Run: s.updateMailRule},
		{Name: "ReadCallInfo", Quick: true, Run: s.readCallInfo},
		{Name: "CallToAttend", Run: s.callToAttend},
		{Name: "MayImpersonate", Quick: true, Run: s.mayImpersonate},
		{Name: "ExecuteCLI", Run: s.executeCLI},
	}
}

// preferenceName reads "key" or "~user/key".
func preferenceName(v object.Value) (user, key string) {
	text, _ := v.Str()
	if rest, ok := strings.CutPrefix(text, "~"); ok {
		user, key, _ = strings.Cut(rest, "/")
		return user, key
	}
	return "", text
}

// getPreferences is GetAccountPreferences(key): the value, or a dictionary of all where no key is named; null
// without the right.
func (s *Services) getPreferences(_ context.Context, c task.Caller, args []object.Value) object.Value {
	user, key := preferenceName(argument(args, 0))
	a, err := s.subject(c, user, cli.BasicSettings)
	if err != nil {
		return object.Null
	}
	all := s.Ledger.EffectivePreferences(a)
	if key == "" {
		return all.Value()
	}
	return all.Get(key)
}

// setPreferences is SetAccountPreferences(value, key): null takes a preference away; without a key a
// dictionary of them is merged.
func (s *Services) setPreferences(ctx context.Context, c task.Caller, args []object.Value) object.Value {
	value := argument(args, 0)
	user, key := preferenceName(argument(args, 1))
	if key == "" && value.Dictionary() == nil || len(key) > ledger.MaxSetName {
		return failureText(task.ErrParameter)
	}
	a, err := s.subject(c, user, cli.BasicSettings)
	if err != nil {
		return failureText(err)
	}
	return failureText(s.Ledger.ChangePreferences(ctx, a.AOR, writtenBy(c, "SetAccountPreferences"), func(d *object.Dictionary) {
		if key == "" {
			form.Merge(d, value.Dictionary())
			return
		}
		d.Set(key, object.Copy(value))
	}))
}

// readGroupMembers is ReadGroupMembers(group): addresses as they were written; null where there is no such
// group, or no right.
func (s *Services) readGroupMembers(_ context.Context, c task.Caller, args []object.Value) object.Value {
	self, err := s.current(c)
	if err != nil {
		return object.Null
	}
	name := strings.ToLower(argument(args, 0).Text())
	if !strings.Contains(name, "@") {
		name += "@" + self.AOR.Domain()
	}
	if !ledger.MayIn(self, signal.AOR(name).Domain(), cli.CanCreateGroups, cli.BasicSettings) {
		return object.Null
	}
	members, ok := s.Ledger.Members(signal.AOR(name))
	if !ok {
		return object.Null
	}
	return form.List(members)
}

// readTelnums is ReadTelnums([account]).
func (s *Services) readTelnums(_ context.Context, c task.Caller, args []object.Value) object.Value {
	a, err := s.subject(c, argument(args, 0).Text(), cli.CanCreateTelnums, cli.BasicSettings)
	if err != nil {
		return object.Null
	}
	return form.List(a.Telnums)
}

// updateSignalRule is UpdateAccountSignalRule(rule[, account]): an array sets a rule, a string takes one away.
func (s *Services) updateSignalRule(ctx context.Context, c task.Caller, args []object.Value) object.Value {
	rule := argument(args, 0)
	if _, isName := rule.Str(); !isName && rule.Array() == nil {
		return failureText(task.ErrParameter)
	}
	a, err := s.subject(c, argument(args, 1).Text(), cli.SignalRulesAllowed)
	if err != nil {
		return failureText(err)
	}
	_, err = s.Ledger.ChangeAccount(ctx, a.AOR, writtenBy(c, "UpdateAccountSignalRule"), func(r *account.Record) error {
		rules, err := form.ChangeRules(rule, r.SignalRules)
		if err == nil {
			r.SignalRules = rules
		}
		return err
	})
	return failureText(err)
}

// updateMailRule is UpdateAccountMailRule: there is no mail here that a rule could act upon.
func (s *Services) updateMailRule(context.Context, task.Caller, []object.Value) object.Value {
	return object.String("there are no mail rules: this server delivers no mail")
}

// readCallInfo is ReadCallInfo([account]): the account's living dialogs by their handlers. The
// "" entry of each tells about it, with connected once it is answered.
func (s *Services) readCallInfo(ctx context.Context, c task.Caller, args []object.Value) object.Value {
	a, err := s.subject(c, argument(args, 0).Text(), cli.BasicSettings)
	if err != nil {
		return object.Null
	}
	all := object.NewFolded()
	for _, l := range s.Legs(ctx, form.LegQuery{Account: string(a.AOR)}) {
		one := object.NewFolded()
		one.Put("", l.Dialog().Value())
		all.Set(l.Record.Leg, one.Value())
	}
	return all.Value()
}

// mayImpersonate tells a Task whether its current account may act for another one: that gives it the other's
// rights, so nobody but an administrator acts for an administrator.
func (s *Services) mayImpersonate(_ context.Context, c task.Caller, args []object.Value) object.Value {
	a, ok := s.Ledger.Directory.Account(signal.AOR(strings.ToLower(argument(args, 0).Text())))
	self, err := s.current(c)
	if !ok || err != nil {
		return object.Null
	}
	r, ok := s.Ledger.Directory.Record(a.AOR)
	switch {
	case !ok:
		return object.Null
	case r.AOR == self.AOR:
		return object.Yes
	case r.Disabled || r.Is(account.Administrator) && !self.Is(account.Administrator):
		return object.Null
	}
	return object.Bool(ledger.MayIn(self, r.AOR.Domain(), cli.CanImpersonate))
}

// executeCLI is ExecuteCLI(text): an array of the error text or null, and what the command gave.
func (s *Services) executeCLI(ctx context.Context, c task.Caller, args []object.Value) object.Value {
	self, err := s.current(c)
	if err != nil {
		return failureText(err)
	}
	v, _, f := s.Commands.ExecuteLine(ctx, self.AOR, argument(args, 0).Text())
	if f != nil {
		return object.NewArray(object.String(f.Text), object.Null).Value()
	}
	return object.NewArray(object.Null, v).Value()
}
