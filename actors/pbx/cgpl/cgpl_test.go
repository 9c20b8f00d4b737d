package cgpl

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tandem/actors/acttest"
)

// TestTranscripts runs the programs in testdata. Lines up to one of these words are source:
//
//	file NAME   the lines that follow are another file; the first one is main.sppr
//	run         compiles and runs: what was said of the source, what was printed, how it ended
//	same        runs another spelling of the program before, whose outcome must be the same
//	compile     compiles only
func TestTranscripts(t *testing.T) {
	acttest.Play(t, "testdata", func(t *testing.T) acttest.Player { return &player{} })
}

type player struct {
	names  []string
	files  map[string]string
	before []string // outcome of the program before
}

func (p *player) Do(line string) []string {
	if p.files == nil {
		p.files, p.names = map[string]string{}, []string{"main.sppr"}
	}
	word, rest, _ := strings.Cut(line, " ")
	switch {
	case word == "file":
		p.names = append(p.names, rest)
		return nil
	case line == "run":
		p.before = p.run()
		return p.before
	case line == "same":
		before := p.before
		if p.before = p.run(); !slices.Equal(p.before, before) {
			return p.before
		}
		return []string{"the same"}
	case line == "compile":
		_, said := p.compile()
		return said
	}
	name := p.names[len(p.names)-1]
	p.files[name] += line + "\n"
	return nil
}

// compile compiles all files and forgets them.
func (p *player) compile() (modules map[string]*Module, said []string) {
	modules = map[string]*Module{}
	for _, name := range p.names {
		m, list := Compile(name, p.files[name], kit)
		for _, d := range list {
			said = append(said, d.Error())
		}
		if m != nil {
			modules[m.Name()] = m
		}
	}
	p.files, p.names = nil, nil
	return modules, said
}

func (p *player) run() []string {
	modules, said := p.compile()
	main := modules["main"]
	if main == nil {
		return said
	}
	load := func(name string) (*Module, error) {
		said = append(said, "loads "+name)
		if m := modules[name]; m != nil {
			return m, nil
		}
		return nil, fmt.Errorf("file is not found")
	}
	out := perform(main, load, Limits{Slice: 100, Steps: 2_000_000, Memory: 4 << 20})
	return append(said, out...)
}
