package filter

import "fmt"

// Limits of one condition.
const (
	maxText  = 8192 // bytes
	maxDepth = 50   // parentheses and negations within each other
)

// test answers a condition about something of type T.
type test[T any] func(T) bool

// parser makes a test of a condition. Its term reads what is particular to T.
type parser[T any] struct {
	scan  scanner
	word  word // the next one
	depth int
	term  func(*parser[T]) (test[T], error)
}

// parse reads a whole condition.
func parse[T any](text string, term func(*parser[T]) (test[T], error)) (test[T], error) {
	if len(text) > maxText {
		return nil, &Error{maxText, fmt.Sprintf("a condition has at most %d bytes", maxText)}
	}
	p := &parser[T]{scan: scanner{text: text}, term: term}
	if err := p.step(); err != nil {
		return nil, err
	}
	t, err := p.either()
	if err != nil {
		return nil, err
	}
	if p.word.kind != 0 {
		return nil, p.wants("& or |")
	}
	return t, nil
}

// step goes on to the next word.
func (p *parser[T]) step() (err error) {
	p.word, err = p.scan.next()
	return err
}

// wants says what should stand where the next word does.
func (p *parser[T]) wants(what string) error {
	if p.word.kind == 0 {
		return &Error{p.word.at, what + " is missing at the end"}
	}
	return &Error{p.word.at, fmt.Sprintf("%s is wanted here, not %q", what, p.word.text)}
}

// take demands a word of a kind and gives it.
func (p *parser[T]) take(kind rune, what string) (word, error) {
	w := p.word
	if w.kind != kind {
		return w, p.wants(what)
	}
	return w, p.step()
}

// either is terms with | between.
func (p *parser[T]) either() (test[T], error) {
	return p.chain('|', (*parser[T]).both, func(a, b test[T]) test[T] { return func(v T) bool { return a(v) || b(v) } })
}

// both is terms with & between.
func (p *parser[T]) both() (test[T], error) {
	return p.chain('&', (*parser[T]).single, func(a, b test[T]) test[T] { return func(v T) bool { return a(v) && b(v) } })
}

func (p *parser[T]) chain(sign rune, part func(*parser[T]) (test[T], error), join func(a, b test[T]) test[T]) (test[T], error) {
	all, err := part(p)
	for err == nil && p.word.kind == sign {
		var next test[T]
		if err = p.step(); err == nil {
			next, err = part(p)
		}
		all = join(all, next)
	}
	return all, err
}

// single is one term, one that is denied, or a condition in parentheses.
func (p *parser[T]) single() (test[T], error) {
	if p.depth++; p.depth > maxDepth {
		return nil, &Error{p.word.at, fmt.Sprintf("more than %d parentheses and negations are within each other", maxDepth)}
	}
	defer func() { p.depth-- }()
	switch p.word.kind {
	case '~':
		if err := p.step(); err != nil {
			return nil, err
		}
		t, err := p.single()
		return func(v T) bool { return !t(v) }, err
	case '(':
		if err := p.step(); err != nil {
			return nil, err
		}
		t, err := p.either()
		if err == nil {
			_, err = p.take(')', "a closing parenthesis")
		}
		return t, err
	}
	return p.term(p)
}

// arguments reads texts in parentheses behind a name.
func (p *parser[T]) arguments(n int) (texts []string, err error) {
	if _, err = p.take('(', "an opening parenthesis"); err != nil {
		return nil, err
	}
	for i := range n {
		if i > 0 {
			if _, err = p.take(',', "a comma"); err != nil {
				return nil, err
			}
		}
		text, err := p.take('"', "a text in quotes")
		if err != nil {
			return nil, err
		}
		texts = append(texts, text.text)
	}
	_, err = p.take(')', "a closing parenthesis")
	return texts, err
}

// comparison reads an operator. It tells what must hold of how two values compare: below, equal, above.
func (p *parser[T]) comparison() (holds func(int) bool, err error) {
	w, err := p.take('o', "one of = != < <= > >=")
	if err != nil {
		return nil, err
	}
	switch w.text {
	case "=", "==":
		return func(c int) bool { return c == 0 }, nil
	case "!=", "<>":
		return func(c int) bool { return c != 0 }, nil
	case "<":
		return func(c int) bool { return c < 0 }, nil
	case "<=":
		return func(c int) bool { return c <= 0 }, nil
	case ">":
		return func(c int) bool { return c > 0 }, nil
	case ">=":
		return func(c int) bool { return c >= 0 }, nil
	}
	return nil, &Error{w.at, fmt.Sprintf("%q is no comparison: = != < <= > >=", w.text)}
}
