package cli

import (
	"context"
	"strings"

	"tandem/ximss/object"
)

// Identity is in whose name commands are run.
type Identity struct {
	Account       string // user@domain
	Administrator bool   // when it logged in; what it may do is asked at each command
}

// Executor runs commands. It must be safe for concurrent use, and heed ctx.
type Executor interface {
	// Execute runs a command. The result of one without output is not looked at.
	Execute(ctx context.Context, who Identity, c Command) (object.Value, *Failure)
}

// Command is one command as it was read.
type Command struct {
	Row    *Row
	values map[string]object.Value // parameters, by their names in Row.Syntax
	words  map[string]bool         // option words, upper case
}

// Name is the command's name, upper case.
func (c Command) Name() string { return c.Row.Name }

// Value is a parameter; null where it was not given.
func (c Command) Value(name string) object.Value { return c.values[name] }

// Text is a parameter that is a string; "" where it was not given.
func (c Command) Text(name string) string { return c.values[name].Text() }

// Dictionary is a parameter that is a dictionary; nil where it was not given.
func (c Command) Dictionary(name string) *object.Dictionary { return c.values[name].Dictionary() }

// Number is a parameter that is a number; 0 where it was not given.
func (c Command) Number(name string) int64 {
	n, _ := c.values[name].Int()
	return n
}

// Has tells whether a parameter was given.
func (c Command) Has(name string) bool { _, ok := c.values[name]; return ok }

// Word tells whether an option word was written.
func (c Command) Word(word string) bool { return c.words[word] }

// Parse reads a command. Names and option words may be written in any case.
func Parse(line string) (Command, *Failure) {
	l := &words{rest: line}
	name := strings.ToUpper(l.name())
	row, ok := byName()[name]
	switch {
	case !ok && refused()[name]:
		return Command{}, ErrUnsupported
	case !ok:
		return Command{}, ErrUnknown
	}
	c := Command{Row: row, values: map[string]object.Value{}, words: map[string]bool{}}
	if f := match(row.syntax, l, &c); f != nil {
		return Command{}, f
	}
	if !l.end() {
		return Command{}, ErrIllegal
	}
	return c, nil
}
