package syntax

import "fmt"

func (p *parser) file() *File {
	f := &File{}
	for !p.is(kindEnd) {
		p.guard(func() { p.item(f) }, p.nextItem)
	}
	return f
}

func (p *parser) item(f *File) {
	switch {
	case p.accept(";"):
	case p.is("var"):
		v := p.variables()
		for i, x := range v.Values {
			if x != nil {
				p.report.Fault(v.Names[i].Position,
					"a variable of the task has no value at first: assign it in a section")
			}
		}
		f.Items = append(f.Items, v)
	case p.is("const"):
		f.Items = append(f.Items, p.constants())
	case p.in(sectionWords):
		p.section(f)
	default:
		at, found := p.now.at, p.now.String()
		p.advance()
		p.fail(at, fmt.Sprintf("expected a section (entry, procedure or function), var or const, found %s", found))
	}
}

// section reads one section. It is added before its body, so that its callers know it even when the
// body can not be read.
func (p *parser) section(f *File) {
	s := &Section{Kind: Kind(p.now.kind)}
	p.broken = false
	p.advance()
	s.At = p.now.at
	s.Module, s.Name = p.codeName("after " + string(s.Kind))
	f.Items = append(f.Items, s)
	defer func() { s.Broken = s.Broken || p.broken }()
	if p.is("(") {
		p.params(s)
	}
	switch {
	case p.accept("forward"):
		s.Forward = true
		p.expect(";", "after forward")
	case p.accept("external"):
		s.External = true
		p.expect(";", "after external")
	case p.accept("is"):
		s.Body = p.statements("end", false)
		p.close(string(s.Kind), s.At, string(s.Kind)+" "+s.Name)
		s.End = p.last
		p.expect(";", "after the end of "+s.Name)
	case p.accept("{"):
		s.Body = p.statements("}", false)
		s.End = p.now.at
		p.expect("}", "at the end of "+s.Name)
	default:
		p.fail(p.now.at, fmt.Sprintf("expected \"is\", \"{\", \"forward\" or \"external\" after the name and "+
			"parameters of %s, found %s", s.Name, p.now))
	}
}

func (p *parser) params(s *Section) {
	if s.Kind == Entry {
		p.fail(p.now.at, "an entry has no parameters: read Vars().startParameter")
	}
	p.advance()
	for !p.accept(")") {
		if len(s.Params) > 0 {
			p.expect(",", "or \")\" after a parameter")
		}
		t := p.expect(kindName, "for a parameter")
		s.Params = append(s.Params, &Name{t.at, t.text})
	}
}

// codeName is the name of a section, with its module where "::" parts them.
func (p *parser) codeName(where string) (module, name string) {
	name = p.expect(kindName, where).text
	if p.accept("::") {
		return name, p.expect(kindName, "after ::").text
	}
	return "", name
}

// close passes "end" and the word after it, which must be that of the construct.
func (p *parser) close(word string, began Position, whose string) {
	if !p.is("end") {
		p.fail(p.now.at, fmt.Sprintf("expected \"end %s\", found %s: the %s that begins in line %d is not ended",
			word, p.now, whose, began.Line))
	}
	p.advance()
	if p.accept(kind(word)) || !p.in(constructs) || p.startsSection() {
		return
	}
	p.report.Fault(p.now.at, fmt.Sprintf("expected \"end %s\", found \"end %s\": the %s that begins in line %d is "+
		"not ended", word, p.now.kind, whose, began.Line))
	p.broken = true
	p.advance()
}
