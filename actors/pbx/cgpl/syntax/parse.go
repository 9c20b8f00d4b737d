package syntax

import "fmt"

// Bounds of what is read, so that a file costs no more than its size.
const (
	MaxSource = 1 << 20 // bytes
	maxDepth  = 200     // statements and expressions inside of one another
	maxParts  = 5000    // parts of one expression
)

// Parse reads a file. What is wrong with it goes to the report; the tree is what could be read.
func Parse(source string, report *Report) *File {
	if len(source) > MaxSource {
		report.Fault(Position{1, 1}, fmt.Sprintf("the file has %d bytes, and %d is the most: divide it into modules",
			len(source), MaxSource))
		return &File{}
	}
	p := &parser{scanner: newScanner(source, report), report: report}
	p.advance()
	p.advance()
	return p.file()
}

// parser reads one file by recursive descent, with one token of looking ahead. A mistake is reported
// and thrown as a bail; whoever can find the place where sense begins again catches it (guard).
type parser struct {
	scanner   *scanner
	report    *Report
	now, then token
	last      Position // of the token before now
	depth     int      // of nesting
	parts     int      // of the expression that is being read
	broken    bool     // there was a mistake in this section
	branch    bool     // the innermost block is a branch of an if in the basic spelling
	handed    Expr     // condition of an elif of that if, read by an if in braces inside of the branch
}

// bail is thrown after a mistake was reported.
type bail struct{}

func (p *parser) advance() {
	p.last = p.now.at
	p.now = p.then
	p.then = p.scanner.next()
}

func (p *parser) is(k kind) bool { return p.now.kind == k }

// in tells whether the token is one of a set.
func (p *parser) in(s set) bool { return s[p.now.kind] }

// accept passes a token if it is there.
func (p *parser) accept(k kind) bool {
	if !p.is(k) {
		return false
	}
	p.advance()
	return true
}

// expect passes a token that must be there; where says what for.
func (p *parser) expect(k kind, where string) token {
	t := p.now
	if t.kind != k {
		what := `"` + string(k) + `"`
		if k == kindName || k == kindNumber || k == kindString {
			what = string(k)
		}
		p.fail(t.at, fmt.Sprintf("expected %s %s, found %s", what, where, t))
	}
	p.advance()
	return t
}

// fail reports a mistake and gives up what is being read.
func (p *parser) fail(at Position, text string) {
	p.report.Fault(at, text)
	p.broken = true
	if p.report.Full() {
		p.scanner.place = len(p.scanner.source)
		p.advance()
		p.advance()
	}
	panic(bail{})
}

// enter is called where one thing is read inside of another; leave undoes it.
func (p *parser) enter() {
	if p.depth++; p.depth > maxDepth {
		p.depth-- // leave will not be called
		p.fail(p.now.at, fmt.Sprintf("this is nested deeper than %d levels: make it simpler", maxDepth))
	}
}

func (p *parser) leave() { p.depth-- }

// guard reads something, and after a mistake goes on where synced finds sense. It tells whether there
// was none.
func (p *parser) guard(read, synced func()) (ok bool) {
	depth := p.depth
	defer func() {
		if e := recover(); e != nil {
			if _, is := e.(bail); !is {
				panic(e)
			}
			p.depth, p.handed = depth, nil
			synced()
		}
	}()
	read()
	return true
}

// Where statements and sections begin and end, and what may follow end.
var (
	sectionWords = setOf("entry procedure function")
	blockEnds    = setOf("end elif else }")
	branchEnds   = setOf("elif else")
	constructs   = setOf("if loop entry procedure function")
)

// nextStatement passes the rest of a statement that could not be read.
func (p *parser) nextStatement() {
	for !p.is(kindEnd) && !p.in(blockEnds) && !p.startsSection() {
		if p.accept(";") {
			return
		}
		p.advance()
	}
}

// startsSection tells whether a section begins here: "end procedure" and such have been passed as one.
func (p *parser) startsSection() bool { return p.in(sectionWords) && p.then.kind == kindName }

// nextItem passes everything up to the next section or declaration of the file.
func (p *parser) nextItem() {
	for !p.is(kindEnd) && !p.startsSection() {
		p.advance()
	}
}
