package syntax

import (
	"fmt"
	"strings"
)

// expression reads a whole expression, whose parts are counted.
func (p *parser) expression() Expr {
	p.parts = 0
	return p.choice()
}

// part counts what the expression is made of: trees of one statement stay shallow enough to walk.
func (p *parser) part() {
	if p.parts++; p.parts > maxParts {
		p.fail(p.now.at, fmt.Sprintf("the expression has more than %d parts: divide it", maxParts))
	}
}

// choice is level 7: ?: from right to left.
func (p *parser) choice() Expr {
	p.enter()
	defer p.leave()
	x := p.logic()
	if !p.is("?") {
		return x
	}
	c := &Choice{Position: p.now.at, If: x}
	p.advance()
	c.Then = p.choice()
	p.expect(":", "between the two values after ?")
	c.Else = p.choice()
	return c
}

// logic is level 6: all logical operators are equal.
func (p *parser) logic() Expr {
	x := p.comparison()
	for {
		at, op := p.now.at, ""
		switch p.now.kind {
		case "and", "&":
			op = "&"
			if p.is("and") && p.then.kind == "then" {
				op = "&&"
				p.advance()
			}
		case "or", "|":
			op = "|"
			if p.is("or") && p.then.kind == "else" {
				op = "||"
				p.advance()
			}
		case "xor", "^":
			op = "^"
		case "&&", "||":
			op = p.now.text
		default:
			return x
		}
		p.advance()
		p.part()
		x = &Binary{at, op, x, p.comparison()}
	}
}

// comparison, sum and product are levels 5 to 3.
func (p *parser) comparison() Expr { return p.binary(comparisonSigns, p.sum) }
func (p *parser) sum() Expr        { return p.binary(sumSigns, p.product) }
func (p *parser) product() Expr    { return p.binary(productSigns, p.unary) }

var (
	comparisonSigns = setOf("< <= == != >= >")
	sumSigns        = setOf("+ -")
	productSigns    = setOf("* / %")
)

// binary reads operators of one level, from left to right.
func (p *parser) binary(signs set, operand func() Expr) Expr {
	x := operand()
	for p.in(signs) {
		at, op := p.now.at, p.now.text
		p.advance()
		p.part()
		x = &Binary{at, op, x, operand()}
	}
	return x
}

// unary is level 2.
func (p *parser) unary() Expr {
	op := ""
	switch p.now.kind {
	case "+", "-", "!":
		op = p.now.text
	case "not":
		op = "!"
	default:
		return p.postfix()
	}
	p.enter()
	defer p.leave()
	at := p.now.at
	p.advance()
	p.part()
	return &Unary{at, op, p.unary()}
}

// postfix is level 1.
func (p *parser) postfix() Expr {
	x := p.primary()
	for {
		at := p.now.at
		switch {
		case p.accept("["):
			x = &Index{at, x, p.choice()}
			p.expect("]", "after an index")
		case p.accept("."):
			x = p.dot(x, at)
		default:
			return x
		}
		p.part()
	}
}

// dot reads what follows a dot: an element, or the call of a section with what is before the dot.
func (p *parser) dot(x Expr, at Position) Expr {
	if p.accept("(") {
		k := p.choice()
		p.expect(")", "after a key")
		return &Key{at, x, k}
	}
	t := p.now
	if _, keyword := keywords[Fold(t.text)]; !keyword || t.kind == kindString { // any word may be a key
		p.expect(kindName, `or "(" after "."`)
	} else {
		p.advance()
	}
	if t.kind == kindName && (p.is("(") || p.is("::")) {
		return p.call(t, []Expr{x})
	}
	return &Field{at, x, t.text}
}

// call reads the rest of a call after the first name.
func (p *parser) call(t token, args []Expr) Expr {
	c := &Call{Position: t.at, Name: t.text, Args: args}
	if p.accept("::") {
		c.Module, c.Name = t.text, p.expect(kindName, "after ::").text
	}
	p.expect("(", "after the name of a section")
	for n := 0; !p.accept(")"); n++ {
		if n > 0 {
			p.expect(",", `or ")" after an argument`)
		}
		p.part()
		c.Args = append(c.Args, p.choice())
	}
	return c
}

func (p *parser) primary() Expr {
	t := p.now
	switch t.kind {
	case kindNumber:
		p.advance()
		return &Number{t.at, t.number}
	case kindString:
		return p.joined()
	case "true", "false", "null":
		p.advance()
		return &Truth{t.at, t.kind == "true"}
	case kindName:
		p.advance()
		if p.is("(") || p.is("::") {
			return p.call(t, nil)
		}
		return &Name{t.at, t.text}
	case "(":
		p.advance()
		x := p.choice()
		p.expect(")", "after an expression in parentheses")
		return x
	case "spawn":
		return p.spawn()
	}
	p.fail(t.at, fmt.Sprintf("expected an expression, found %s", t))
	return nil
}

// joined reads a string and those right after it.
func (p *parser) joined() Expr {
	at := p.now.at
	var b strings.Builder
	for p.is(kindString) {
		b.WriteString(p.now.text)
		p.part()
		p.advance()
	}
	return &String{at, b.String()}
}

func (p *parser) spawn() Expr {
	s := &Spawn{Position: p.now.at}
	p.advance()
	s.Module, s.Entry = p.codeName("for an entry after spawn")
	p.expect("(", "after the entry")
	if !p.is(")") {
		s.Arg = p.choice()
	}
	p.expect(")", "after the parameter of spawn")
	return s
}
