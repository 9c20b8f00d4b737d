package environment

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Scope says whose an environment is.
type Scope string

// The scopes, in the order in which a name is looked for.
const (
	Domain  Scope = "domain"  // of one domain
	Server  Scope = "server"  // of one member
	Cluster Scope = "cluster" // of all members
	Stock   Scope = "stock"   // part of the binary; never changes
)

// Limits of names, in bytes.
const (
	maxBase     = 100 // a file's name without its directory
	maxLanguage = 32
	maxOwner    = 253 // a domain (RFC 1035 section 2.3.4)
)

// Place is one environment.
type Place struct {
	Scope Scope
	Owner string // the domain, or the member's name; "" for the cluster's and the stock
}

// StockPlace is the environment in the binary.
var StockPlace = Place{Scope: Stock}

// Check refuses a Place that there can not be.
func (p Place) Check() error {
	switch p.Scope {
	case Domain, Server:
		if p.Owner == "" || len(p.Owner) > maxOwner || !printable(p.Owner) || strings.Contains(p.Owner, "/") {
			return fmt.Errorf("%w: %q owns no environment", ErrBadName, p.Owner)
		}
	case Cluster, Stock:
		if p.Owner != "" {
			return fmt.Errorf("%w: the %s environment has no owner", ErrBadName, p.Scope)
		}
	default:
		return fmt.Errorf("%w: no scope %q", ErrBadName, string(p.Scope))
	}
	return nil
}

// String is the place as messages and store keys show it: "domain/tandem.local", "cluster".
func (p Place) String() string {
	if p.Owner == "" {
		return string(p.Scope)
	}
	return string(p.Scope) + "/" + strings.ToLower(p.Owner)
}

// prefix is what the store keys of all environments begin with.
const prefix = "pbx/"

// Prefix is what the store keys of a place begin with; that of the zero Place, those of all places.
func Prefix(p Place) string {
	if p == (Place{}) {
		return prefix
	}
	return prefix + p.String() + "/"
}

// Key is the name of an environment's file in the store. The path is "name" or "language/name", or
// "language/" for the directory itself, or "" for the environment itself. Case goes: so there is one file
// of a name.
func Key(p Place, path string) string { return Prefix(p) + strings.ToLower(path) }

// ParseKey is the inverse of Key. ErrBadName: the key is none of an environment that can be stored.
func ParseKey(key string) (p Place, path string, err error) {
	rest, ok := strings.CutPrefix(key, prefix)
	p, path, err = parse(rest)
	if err == nil && (!ok || p.Scope == Stock) {
		err = fmt.Errorf("%w: %q is no key of an environment", ErrBadName, key)
	}
	return p, path, err
}

// parse reads a place and a path behind it: "domain/tandem.local/fr/menu.sppr".
func parse(s string) (p Place, path string, err error) {
	scope, path, cut := strings.Cut(s, "/")
	p.Scope = Scope(scope)
	if p.Scope == Domain || p.Scope == Server {
		p.Owner, path, cut = strings.Cut(path, "/")
	}
	if !cut {
		return Place{}, "", fmt.Errorf("%w: %q is no place of a file", ErrBadName, s)
	}
	if err := p.Check(); err != nil {
		return Place{}, "", err
	}
	return p, path, checkPath(path)
}

// Split parts and checks the name of a file: "menu.sppr" or "french/menu.sppr".
func Split(name string) (language, base string, err error) {
	language, base, deep := strings.Cut(name, "/")
	if !deep {
		language, base = "", language
	} else if err := CheckLanguage(language); err != nil {
		return "", "", err
	}
	if !component(base, maxBase) {
		return "", "", fmt.Errorf("%w: %q: 1 to %d bytes without control characters, '/' and '\\', no leading dot",
			ErrBadName, name, maxBase)
	}
	return language, base, nil
}

// CheckLanguage refuses what can not be the name of a language directory.
func CheckLanguage(language string) error {
	if !component(language, maxLanguage) {
		return fmt.Errorf("%w: %q is no language directory: 1 to %d bytes without control characters, "+
			"'/' and '\\', no leading dot", ErrBadName, language, maxLanguage)
	}
	return nil
}

// component says whether s can be one part of a path. A leading dot is refused, and with it ".." and the
// hidden files of whoever copies an environment to a disk.
func component(s string, longest int) bool {
	return s != "" && len(s) <= longest && s[0] != '.' && !strings.ContainsAny(s, `/\`) && printable(s)
}

func printable(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}

// join is a path of its parts.
func join(language, base string) string {
	if language == "" {
		return base
	}
	return language + "/" + base
}
