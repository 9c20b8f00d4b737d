package syntax

import "fmt"

// statements reads up to the end of the block, which the caller passes: "}", or "end" in the basic
// spelling. A branch of an if in that spelling is ended by "elif" and "else" too.
func (p *parser) statements(end kind, branch bool) []Stmt {
	p.enter()
	outer := p.branch
	p.branch = branch
	defer func() { p.branch = outer; p.leave() }()
	list := []Stmt{}
	for !p.is(end) && !p.is(kindEnd) && !p.startsSection() {
		if branch && (p.handed != nil || p.in(branchEnds)) {
			break
		}
		start := p.now.at
		p.guard(func() {
			if s := p.statement(); s != nil {
				list = append(list, s)
			}
		}, func() {
			if p.now.at == start && !p.startsSection() {
				p.advance()
			}
			p.nextStatement()
		})
	}
	return list
}

// statement reads one statement; nil for one that does nothing.
func (p *parser) statement() Stmt {
	at := p.now.at
	switch p.now.kind {
	case ";":
		p.advance()
		return nil
	case "stop":
		p.advance()
		p.semicolon("stop")
		return &Stop{at}
	case "return":
		p.advance()
		s := &Return{At: at}
		if !p.is(";") {
			s.X = p.expression()
		}
		p.semicolon("return")
		return s
	case "var":
		return p.variables()
	case "const":
		return p.constants()
	case "if":
		return p.branches()
	case "loop", "while", "for":
		return p.loop()
	case "exitif":
		p.advance()
		s := &ExitIf{at, p.expression()}
		p.semicolon("exitif")
		return s
	case "{":
		p.report.Fault(at, `a block stands after if, loop, while or for alone: take "{" and its "}" out`)
		p.broken = true
		p.advance()
		p.braced("block", at)
		return nil
	case "elif", "else", "end", "}":
		p.fail(at, fmt.Sprintf("found %s, but nothing that it belongs to is open here", p.now))
	case "null":
		if p.then.kind == ";" {
			p.advance()
			p.advance()
			return nil
		}
	}
	s := p.simple()
	p.semicolon("a statement")
	return s
}

// semicolon ends a statement. One that is missing at the end of a line is only reported.
func (p *parser) semicolon(after string) {
	if !p.is(";") && p.now.at.Line > p.last.Line {
		p.report.Fault(p.now.at, fmt.Sprintf("expected \";\" after %s, found %s in the next line", after, p.now))
		p.broken = true
		return
	}
	p.expect(";", "after "+after)
}

// Signs of assignments, and what may follow for where nothing is set first.
var (
	letSigns  = setOf("= += -= *= /= %= &= |=")
	loopWords = setOf("while by loop {")
)

// simple is an assignment, or an expression alone.
func (p *parser) simple() Stmt {
	x := p.expression()
	if !p.in(letSigns) {
		return &Do{x}
	}
	s := &Assign{At: p.now.at, Target: x, Op: p.now.text[:len(p.now.text)-1]}
	switch x.(type) {
	case *Name, *Field, *Key, *Index:
	default:
		p.fail(p.now.at, "nothing can be assigned to this: the left side is a variable or a part of an object")
	}
	p.advance()
	s.X = p.expression()
	return s
}

func (p *parser) variables() *Var {
	p.advance()
	v := &Var{}
	for {
		t := p.expect(kindName, "for a variable")
		v.Names = append(v.Names, &Name{t.at, t.text})
		var x Expr
		if p.accept("=") {
			x = p.expression()
		}
		v.Values = append(v.Values, x)
		if !p.accept(",") {
			p.expect(";", `or "," after a variable`)
			return v
		}
	}
}

func (p *parser) constants() *Const {
	p.advance()
	c := &Const{}
	for {
		t := p.expect(kindName, "for a constant")
		p.expect("=", "after the name of a constant")
		c.Names = append(c.Names, &Name{t.at, t.text})
		c.Values = append(c.Values, p.expression())
		if !p.accept(",") {
			p.expect(";", `or "," after a constant`)
			return c
		}
	}
}

// branches reads an if in either spelling: the token after the first condition decides.
func (p *parser) branches() Stmt {
	began := p.now.at
	p.advance()
	s := &If{}
	cond := p.header("then", "the condition of if")
	if p.accept("{") {
		s.Arms = append(s.Arms, Arm{cond, p.braced("if", began)})
		p.bracedRest(s, began)
		return s
	}
	p.expect("then", `or "{" after the condition of if`)
	s.Arms = append(s.Arms, Arm{cond, p.statements("end", true)})
	for p.handed != nil || p.accept("elif") {
		if cond = p.handed; cond == nil {
			cond = p.header("then", "the condition of elif")
		}
		p.handed = nil
		p.expect("then", "after the condition of elif")
		s.Arms = append(s.Arms, Arm{cond, p.statements("end", true)})
	}
	if p.accept("else") {
		s.Else = p.statements("end", true)
		p.afterElse(began)
	}
	p.close("if", began, "if")
	p.semicolon("the end of if")
	return s
}

// afterElse reports branches behind the last one, and reads them.
func (p *parser) afterElse(began Position) {
	for p.handed != nil || p.in(branchEnds) {
		p.report.Fault(p.now.at, fmt.Sprintf("found %s after else: else is the last branch of the if in line %d",
			p.now, began.Line))
		p.broken = true
		if p.handed == nil && !p.accept("else") {
			p.advance()
			p.header("then", "the condition of elif")
		}
		p.handed = nil
		p.accept("then")
		p.statements("end", true)
	}
}

// bracedRest reads what follows the first block in braces. Inside of a branch in the other spelling an elif
// or else may belong to that one: then it has no brace.
func (p *parser) bracedRest(s *If, began Position) {
	for p.is("elif") || p.elseIf() {
		p.accept("elif")
		cond := p.header("then", "the condition of elif")
		if p.branch && p.is("then") {
			p.handed = cond
			return
		}
		p.expect("{", "after the condition of elif")
		s.Arms = append(s.Arms, Arm{cond, p.braced("elif", began)})
	}
	if p.is("else") && (!p.branch || p.then.kind == "{") {
		p.advance()
		p.expect("{", "after else")
		s.Else = p.braced("else", began)
	}
}

// elseIf passes "else if", which is reported, and tells whether it was there.
func (p *parser) elseIf() bool {
	if p.branch || !p.is("else") || p.then.kind != "if" {
		return false
	}
	p.report.Fault(p.then.at, `expected "{" after else, found "if": write elif`)
	p.broken = true
	p.advance()
	p.advance()
	return true
}

// braced reads statements and the brace that ends them.
func (p *parser) braced(what string, began Position) []Stmt {
	list := p.statements("}", false)
	if !p.is("}") {
		p.fail(p.now.at, fmt.Sprintf("expected \"}\", found %s: the block of %s in line %d is not closed",
			p.now, what, began.Line))
	}
	p.advance()
	return list
}

// header reads a condition.
func (p *parser) header(word kind, what string) (x Expr) {
	p.opening(func() {
		if p.is(word) || p.is("{") {
			p.fail(p.now.at, fmt.Sprintf("expected an expression for %s, found %s", what, p.now))
		}
		x = p.expression()
	}, word)
	return x
}

// opening reads what stands before a block. After a mistake it goes on at the word or brace that begins
// the block, so that the block is not taken for something else; where there is none it fails too.
func (p *parser) opening(read func(), word kind) {
	p.guard(read, func() {
		for !p.is(word) && !p.is("{") {
			if p.is(kindEnd) || p.in(blockEnds) || p.startsSection() {
				panic(bail{}) // it is reported already
			}
			p.advance()
		}
	})
}

// loop reads while, for and loop in either spelling.
func (p *parser) loop() Stmt {
	began := p.now.at
	s := &Loop{At: began}
	what := "loop"
	switch {
	case p.accept("for"):
		what = "for"
		p.opening(func() { p.counting(s) }, "loop")
	case p.accept("while"):
		what = "while"
		s.While = p.header("loop", "the condition of while")
	}
	p.tail(s, what, began)
	return s
}

// counting reads what stands between for and the body.
func (p *parser) counting(s *Loop) {
	if p.is("(") {
		p.classic(s)
		return
	}
	if !p.in(loopWords) {
		s.Init = p.step()
	}
	if p.accept("while") {
		s.While = p.expression()
	}
	if p.accept("by") {
		s.Step = p.step()
	}
}

// classic reads the three parts in parentheses.
func (p *parser) classic(s *Loop) {
	p.advance()
	if !p.is(";") {
		s.Init = p.step()
	}
	p.expect(";", "after the start of for")
	if !p.is(";") {
		s.While = p.expression()
	}
	p.expect(";", "after the condition of for")
	if !p.is(")") {
		s.Step = p.step()
	}
	p.expect(")", "after the step of for")
}

// step is the start or the step of a for.
func (p *parser) step() Stmt {
	if !p.accept("var") {
		return p.simple()
	}
	t := p.expect(kindName, "after var")
	p.expect("=", "after the variable of for")
	return &Var{[]*Name{{t.at, t.text}}, []Expr{p.expression()}}
}

// tail reads the body of a loop.
func (p *parser) tail(s *Loop, what string, began Position) {
	word := p.accept("loop")
	if p.accept("{") {
		s.Body = p.statements("}", false)
		if !p.is("}") {
			p.fail(p.now.at, fmt.Sprintf("expected \"}\", found %s: the block of %s in line %d is not closed",
				p.now, what, began.Line))
		}
		p.advance()
		return
	}
	if !word {
		p.expect("loop", fmt.Sprintf(`or "{" before the body of %s`, what))
	}
	s.Body = p.statements("end", false)
	p.close("loop", began, "loop")
	p.semicolon("the end of loop")
}
