package cgpl

import (
	"errors"
	"fmt"
	"strings"

	"tandem/ximss/object"
)

// stage is the platform of a program under test: it keeps what the program printed.
type stage struct {
	said   []string
	waited object.Value // what Wait was given last
}

func (s *stage) say(format string, args ...any) {
	s.said = append(s.said, fmt.Sprintf(format, args...))
}

// kit are the functions that test programs have.
var kit = func() Library {
	lib := Library{}
	lib.Add(
		Builtin{Name: "Print", Max: -1, Procedure: true, Call: printed},
		Builtin{Name: "Wait", Min: 1, Max: 1, Call: wait},
		Builtin{Name: "Hold", Min: 1, Max: 1, Either: true, Call: wait},
		Builtin{Name: "Fail", Min: 1, Max: 1, Procedure: true, Call: func(c *Call) (object.Value, error) {
			return object.Null, Throw(c.Arg(0).Text())
		}},
		Builtin{Name: "Break", Procedure: true, Call: func(*Call) (object.Value, error) {
			return object.Null, errors.New("the disk is full")
		}},
		Builtin{Name: "Where", Call: func(c *Call) (object.Value, error) {
			return object.String(fmt.Sprint(c.Machine.Where())), nil
		}},
		Builtin{Name: "NewArray", Max: -1, Call: func(c *Call) (object.Value, error) {
			return object.NewArray(append([]object.Value(nil), c.Args...)...).Value(), nil
		}},
		Builtin{Name: "NewDictionary", Call: func(*Call) (object.Value, error) {
			return object.NewDictionary().Value(), nil
		}},
		Builtin{Name: "NewXML", Min: 1, Max: 1, Call: func(c *Call) (object.Value, error) {
			sub := (&object.XML{Type: "sub"}).Value()
			return (&object.XML{Type: c.Arg(0).Text(), Body: []object.Value{object.String("text"), sub}}).Value(), nil
		}},
		Builtin{Name: "Data", Min: 1, Max: 1, Call: func(c *Call) (object.Value, error) {
			return object.Data([]byte(c.Arg(0).Text())), nil
		}},
		Builtin{Name: "Date", Min: 1, Max: 1, Call: func(c *Call) (object.Value, error) {
			n, _ := c.Arg(0).Int()
			return object.Date(n), nil
		}},
		Builtin{Name: "AddElement", Min: 2, Max: 2, Procedure: true, Call: func(c *Call) (object.Value, error) {
			a := c.Arg(0).Array()
			if a == nil {
				return object.Null, Throw("not an array")
			}
			a.Append(c.Arg(1))
			return object.Null, nil
		}},
		Builtin{Name: "Copy", Min: 1, Max: 1, Call: func(c *Call) (object.Value, error) {
			return object.Copy(c.Arg(0)), nil
		}},
		Builtin{Name: "Same", Min: 2, Max: 2, Call: func(c *Call) (object.Value, error) {
			return object.Bool(object.Same(c.Arg(0), c.Arg(1))), nil
		}},
		Builtin{Name: "Length", Min: 1, Max: 1, Call: func(c *Call) (object.Value, error) {
			v := c.Arg(0)
			return object.Number(int64(len(v.Text()) + v.Array().Len() + v.Dictionary().Len())), nil
		}},
		Builtin{Name: "spawn", Min: 2, Max: 2, Call: func(c *Call) (object.Value, error) {
			c.Host.(*stage).say("spawns %s with %s", c.Arg(0).Text(), object.Format(c.Arg(1)))
			return (&object.Handle{Class: object.ClassTask, ID: "1"}).Value(), nil
		}},
	)
	return lib
}()

func printed(c *Call) (object.Value, error) {
	var words []string
	for _, v := range c.Args {
		words = append(words, object.Format(v))
	}
	c.Host.(*stage).say("%s", strings.Join(words, " "))
	return object.Null, nil
}

func wait(c *Call) (object.Value, error) {
	c.Host.(*stage).waited = c.Arg(0)
	return object.Null, ErrSuspend
}

// perform runs a program from main to its end and tells what it printed and how it ended. What it waits
// for comes at once, and is what it gave to Wait.
func perform(m *Module, load Loader, limits Limits) []string {
	s := &stage{}
	task := New(m, load, s, limits)
	if err := task.Start("main", nil); err != nil {
		return []string{err.Error()}
	}
	for {
		o := task.Run()
		switch o.State {
		case Sliced:
		case Blocked:
			s.say("waits at %v", task.Where())
			task.Resume(s.waited)
		case Done, Stopped:
			return append(s.said, strings.ToLower(o.State.String()))
		case Failed:
			return append(s.said, "failed: "+o.Err.Error())
		}
	}
}
