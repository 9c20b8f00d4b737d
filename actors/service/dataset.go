package service

import (
	"context"

	"tandem/actors/pbx/task"
	"tandem/ximss/object"
)

// datasetServices are the functions of programs about the data sets of the current account.
func (s *Services) datasetServices() []task.Service {
	change := func(name, what string, argument func(p *object.Dictionary, args []object.Value)) task.Service {
		return task.Service{Name: name, Run: func(ctx context.Context, c task.Caller, args []object.Value) object.Value {
			p := object.NewFolded()
			argument(p, args)
			return failureText(s.changeSetOf(ctx, c, name, what, args[0].Text(), p))
		}}
	}
	return []task.Service{
		{Name: "DatasetList", Quick: true, Run: s.datasetList},
		change("DatasetCreate", "createset", func(*object.Dictionary, []object.Value) {}),
		change("DatasetRemove", "removeset", func(p *object.Dictionary, args []object.Value) {
			p.Set("ifExists", argument(args, 1))
		}),
		change("DatasetSet", "setentry", func(p *object.Dictionary, args []object.Value) {
			p.Set("entryName", argument(args, 1))
			p.Set("data", argument(args, 2))
			p.Set("ifExists", argument(args, 3))
		}),
		change("DatasetDelete", "deleteentry", func(p *object.Dictionary, args []object.Value) {
			p.Set("entryName", argument(args, 1))
			p.Set("ifExists", argument(args, 2))
		}),
	}
}

// changeSetOf does one change to a data set of the current account.
func (s *Services) changeSetOf(ctx context.Context, c task.Caller, service, what, set string, p *object.Dictionary) error {
	self, err := s.current(c)
	if err != nil {
		return err
	}
	if what == "setentry" && p.Get("data").Dictionary() == nil {
		return task.ErrParameter
	}
	return s.Ledger.ChangeSet(ctx, self.AOR, what, set, p, writtenBy(c, service))
}

// datasetList is DatasetList(set, field, value): a dictionary of the entries, those only whose field has that
// value where one is named; or an error text.
func (s *Services) datasetList(_ context.Context, c task.Caller, args []object.Value) object.Value {
	self, err := s.current(c)
	if err != nil {
		return failureText(err)
	}
	v, err := s.Ledger.Entries(self.AOR, argument(args, 0).Text(), argument(args, 1).Text(), argument(args, 2))
	if err != nil {
		return failureText(err)
	}
	return v
}
