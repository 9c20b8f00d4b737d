package conf

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// Routing is what the router may do with one request.
type Routing struct {
	// Main domain; a request for an address of this host or for localhost means it.
	Domain string `change:"restart"`
	// Further domains that are served here.
	Domains []string `change:"now"`
	// How long a call rings before it is forwarded or refused.
	RingTimeout time.Duration `range:"1s..1h" change:"next call"`
	// Branches of one request; targets beyond it are not tried.
	MaxForks int `unit:"branches" range:"1..100" change:"next call"`
	// Forwards of one request from account to account; the next one ends it.
	MaxForwards int `unit:"forwards" range:"0..70" change:"next call"`
	// Whether a caller on loopback may call applications without authentication.
	OpenNumbers bool `change:"now"`
	// Numbers that run an application; the first that matches wins.
	Numbers []Number `change:"next call"`
	// Numbers that call for help, as they are dialled: such calls are let in however much there is to do.
	Emergency []string `change:"now"`
	// Requests on their way at once; beyond it a request is refused with 503.
	MaxSignals int `unit:"requests" range:"1..10000000" change:"now"`
}

// Number gives an application to the numbers that match.
type Number struct {
	// Digits, '*' and '#'; each 'n' stands for one digit: 30nn.
	Match string
	// Name of the application, such as echo, or the address of a program, such as menu{en}#pbx.
	App string
}

// DefaultRouting returns the section's defaults.
func DefaultRouting() Routing {
	return Routing{Domain: "localhost", RingTimeout: 60 * time.Second, MaxForks: 20,
		MaxForwards: 10, MaxSignals: 20000, Emergency: []string{"112", "911"}}
}

func (r Routing) check(k *checker) {
	if !hostLike(r.Domain) {
		k.wrong("routing.domain", quote(r.Domain)+" is no domain", "a name such as example.com")
	}
	for i, d := range r.Domains {
		if !hostLike(d) {
			k.wrong(part("routing.domains", i), quote(d)+" is no domain", "a name such as example.com")
		}
	}
	k.once("routing.domains", r.Domains)
	for i, n := range r.Emergency {
		if n == "" || len(n) > 32 || strings.Trim(n, "0123456789*#") != "" {
			k.wrong(part("routing.emergency", i), quote(n)+" is no number", "up to 32 of the digits, '*' and '#'")
		}
	}
	k.once("routing.emergency", r.Emergency)
	for i, n := range r.Numbers {
		n.check(k, part("routing.numbers", i), r.Numbers[:i])
	}
}

// check looks at one number and at those before it, which may leave nothing for it to match.
func (n Number) check(k *checker, at string, before []Number) {
	if n.Match == "" || len(n.Match) > 32 || strings.Trim(n.Match, "0123456789*#n") != "" {
		k.wrong(at+".match", quote(n.Match)+" is no pattern",
			"up to 32 of the digits, '*', '#' and n for any digit: 30nn")
	}
	if !nameLike(n.App) && !programLike(n.App) {
		k.wrong(at+".app", quote(n.App)+" is no application", "a name such as echo, or a program such as menu{en}#pbx")
	}
	for _, b := range before {
		if covers(b.Match, n.Match) {
			k.wrong(at+".match", quote(n.Match)+" never matches: "+quote(b.Match)+" before it takes every such number",
				"the narrower pattern first")
			return
		}
	}
}

// Limits of a program's address, as routing has them.
const (
	maxProgram       = 64  // bytes of its name
	maxProgramParams = 15  // one is left for the digits that a pattern leaves open
	maxProgramParam  = 256 // bytes of one of them
)

// programLike says whether s can be the address of a program: name{param,param}#account[@domain], where
// the name begins with a letter and the parameters are plain text.
func programLike(s string) bool {
	i := strings.LastIndexByte(s, '#')
	if i < 0 {
		return false
	}
	user, domain, hasDomain := strings.Cut(s[i+1:], "@")
	name, params, hasParams := strings.Cut(s[:i], "{")
	if hasParams {
		var closed bool
		params, closed = strings.CutSuffix(params, "}")
		list := strings.Split(params, ",")
		if !closed || len(list) > maxProgramParams || strings.ContainsFunc(params, unicode.IsControl) ||
			slices.ContainsFunc(list, func(p string) bool { return len(p) > maxProgramParam }) {
			return false
		}
	}
	letter := name != "" && (name[0]|0x20 >= 'a' && name[0]|0x20 <= 'z')
	return letter && len(name) <= maxProgram && nameLike(name) && !strings.Contains(name, ".") && nameLike(user) &&
		(!hasDomain || hostLike(domain))
}

// covers says whether every number that narrow matches is matched by wide.
func covers(wide, narrow string) bool {
	if len(wide) != len(narrow) {
		return false
	}
	for i := range wide {
		digit := wide[i] == 'n' && narrow[i] != '*' && narrow[i] != '#'
		if wide[i] != narrow[i] && !digit {
			return false
		}
	}
	return true
}
