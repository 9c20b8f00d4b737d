package service

import (
	"context"
	"strings"
	"time"

	"tandem/actors/pbx/task"
	"tandem/actors/store"
	"tandem/ximss/object"
)

// statisticServices are the functions of programs that count and keep records (reference cgpl.md 2.10).
func (s *Services) statisticServices() []task.Service {
	return []task.Service{
		{Name: "Statistics", Run: s.statistics},
		{Name: "StoreCDR", Quick: true, Run: s.storeCDR},
	}
}

// statistics is Statistics(name, null|"inc"|"set", n): the value, the new one where it was changed, or an
// error text.
func (s *Services) statistics(_ context.Context, _ task.Caller, args []object.Value) object.Value {
	name, op := argument(args, 0).Text(), argument(args, 1)
	if op.IsNull() {
		n, err := s.Elements.Value(name)
		if err != nil {
			return failureText(err)
		}
		return object.Number(n)
	}
	add := strings.EqualFold(op.Text(), "inc")
	n, ok := argument(args, 2).Int()
	if !ok {
		n, ok = object.ParseNumber(argument(args, 2).Text())
	}
	if !ok || !add && !strings.EqualFold(op.Text(), "set") {
		return failureText(task.ErrParameter)
	}
	n, err := s.Elements.Change(name, add, n)
	if err != nil {
		return failureText(err)
	}
	return object.Number(n)
}

// FactCDR is the kind of a program's own call record in the journal: its text is the body, its owner's
// address the subject.
const FactCDR = "cdr"

// maxCDR bounds a program's call record, in bytes.
const maxCDR = 4096

// storeCDR is StoreCDR(text): the text goes as one line into the journal and the log.
func (s *Services) storeCDR(_ context.Context, c task.Caller, args []object.Value) object.Value {
	text := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(argument(args, 0).Text(), "?"))
	if text = "APP " + text; len(text) > maxCDR {
		text = strings.ToValidUTF8(text[:maxCDR], "")
	}
	s.Log.Info("call record of a program", "id", c.Task, "program", c.Program, "account", c.Owner, "record", text)
	err := s.Ledger.Store.Journal().Append(store.Fact{Kind: FactCDR, Subject: c.Owner, At: time.Now(), Body: []byte(text)}, nil)
	if err != nil {
		s.Log.Warn("a program's call record is not in the journal", "program", c.Program, "err", err)
	}
	return object.Null
}
