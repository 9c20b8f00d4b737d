package filter

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Person is what a Group asks of an agent.
type Person interface {
	// Skill is the level of a skill. False: the agent does not have it.
	Skill(name string) (level int, ok bool)
	// OnQueue tells whether the agent is logged in to a queue of a switch, "": of none, OnSwitch whether on any device of it.
	OnQueue(queue, from string) bool
	OnSwitch(name string) bool
	// IsSwitch tells whether there is a switch of that name: it hides a queue that is written in the same way.
	IsSwitch(name string) bool
}

// Group says which agents belong to a virtual group.
type Group struct {
	text string
	test test[Person]
}

// ParseGroup reads the expression of a virtual group. The error is an *Error.
func ParseGroup(text string) (Group, error) {
	t, err := parse(text, groupTerm)
	return Group{text, t}, err
}

// Has answers whether an agent belongs to the group. Nobody belongs to the zero Group.
func (g Group) Has(p Person) bool { return g.test != nil && g.test(p) }

func (g Group) String() string { return g.text }

func groupTerm(p *parser[Person]) (test[Person], error) {
	name, err := p.take('a', "Skill, SkillExists or LoggedIn")
	if err != nil {
		return nil, err
	}
	switch name.text {
	case "SkillExists":
		texts, err := p.arguments(1)
		if err != nil {
			return nil, err
		}
		return func(a Person) bool { _, ok := a.Skill(texts[0]); return ok }, nil
	case "LoggedIn":
		texts, err := p.arguments(1)
		if err != nil {
			return nil, err
		}
		return func(a Person) bool { return loggedIn(a, texts[0]) }, nil
	case "Skill":
		return skillTerm(p)
	}
	return nil, &Error{name.at, fmt.Sprintf("%q is neither Skill, SkillExists nor LoggedIn", name.text)}
}

// loggedIn looks for a switch of that name first, then for QUEUE@SWITCH, or a queue of ours, which has none.
func loggedIn(a Person, where string) bool {
	if a.IsSwitch(where) {
		return a.OnSwitch(where)
	}
	queue, from, _ := strings.Cut(where, "@")
	return a.OnQueue(queue, from)
}

// skillTerm compares a level with a number or with another level. A skill that is not there has the level 0.
func skillTerm(p *parser[Person]) (test[Person], error) {
	texts, err := p.arguments(1)
	if err != nil {
		return nil, err
	}
	holds, err := p.comparison()
	if err != nil {
		return nil, err
	}
	level := func(a Person, skill string) int { n, _ := a.Skill(skill); return n }
	if p.word.kind == 'a' && p.word.text == "Skill" {
		if err := p.step(); err != nil {
			return nil, err
		}
		others, err := p.arguments(1)
		if err != nil {
			return nil, err
		}
		return func(a Person) bool { return holds(cmp.Compare(level(a, texts[0]), level(a, others[0]))) }, nil
	}
	number, err := p.take('1', "a whole number or Skill")
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(number.text)
	if err != nil {
		return nil, &Error{number.at, fmt.Sprintf("%q is no whole number", number.text)}
	}
	return func(a Person) bool { return holds(cmp.Compare(level(a, texts[0]), n)) }, nil
}
