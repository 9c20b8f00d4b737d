package lib

import (
	"regexp"
	"regexp/syntax"

	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
)

// findRegEx searches by an extended regular expression of POSIX: of the matches that begin first the
// longest counts, and "." matches a line end. Programs use \w and its like too. The first element of the
// result is the whole string, as documented, not the match.
func findRegEx(c *call) (object.Value, error) {
	s, okText := c.Arg(0).Str()
	pattern, okPattern := c.Arg(1).Str()
	if !okText || !okPattern || len(pattern) > maxPattern {
		return null, nil
	}
	pattern = "(?s)" + pattern
	steps := effort(pattern)
	if steps == 0 {
		return null, nil
	}
	if steps*int64(len(s)) > maxSteps {
		return null, cgpl.Throw("FindRegEx: the expression is too complex for a string of this size")
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return null, nil
	}
	re.Longest()
	match := re.FindStringSubmatch(s)
	if match == nil {
		return null, nil
	}
	result := object.NewArray(c.Arg(0))
	for _, group := range match[1:] {
		result.Append(part(group))
	}
	return result.Value(), nil
}

// effort is how much a pattern does for each byte; 0 if it is no expression.
func effort(pattern string) int64 {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return 0
	}
	groups := tree.MaxCap()
	code, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return 0
	}
	return int64(len(code.Inst)) * int64(1+groups)
}
