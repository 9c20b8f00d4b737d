package conf

import (
	"slices"
	"strings"
)

const (
	envPrefix = "TANDEM_"
	envJoint  = "__"    // between section and key
	envFile   = "_FILE" // after the name of a secret: the value is a file that holds it
)

// variable names the environment variable of a key: TANDEM_SIP__UDP for sip.udp.
func variable(key string) string {
	return envPrefix + strings.ToUpper(strings.Replace(key, ".", envJoint, 1))
}

// variables maps every variable that may be set to its setting.
func variables() map[string]Field {
	m := map[string]Field{}
	for _, f := range fields() {
		m[variable(f.Key)] = f
		if f.typ == secretType {
			m[variable(f.Key)+envFile] = f
		}
	}
	return m
}

func lookup(environ []string, name string) (string, bool) {
	for _, pair := range slices.Backward(environ) {
		if n, v, ok := strings.Cut(pair, "="); ok && n == name {
			return v, true
		}
	}
	return "", false
}

// environment reads the variables in the order of their names, so that errors come in one order.
func (l *loader) environment() {
	known := variables()
	names := map[string]bool{}
	for _, pair := range l.Environ {
		name, value, _ := strings.Cut(pair, "=")
		if value != "" && strings.HasPrefix(name, envPrefix) {
			names[name] = true
		}
	}
	sorted := make([]string, 0, len(names))
	for name := range names {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted)
	for _, name := range sorted {
		value, _ := lookup(l.Environ, name)
		l.variable(name, value, known)
	}
}

func (l *loader) variable(name, value string, known map[string]Field) {
	at := Origin{source: fromEnvironment, name: name}
	f, ok := known[name]
	if !ok {
		l.unknownVariable(name, at, known)
		return
	}
	if name == variable(f.Key)+envFile {
		if other, _ := lookup(l.Environ, variable(f.Key)); other != "" {
			l.bad[f.Key] = true
			l.errs.add(Error{at, f.Key, "is set twice, also by " + variable(f.Key), "one of the two variables"})
			return
		}
		value = "file:" + value
	}
	l.textual(f, value, at, l.over(f))
}

// unknownVariable leaves alone what belongs to others: only a name with the joint in it, or one
// that would be ours with the joint, was meant for us.
func (l *loader) unknownVariable(name string, at Origin, known map[string]Field) {
	flat := map[string]string{}
	all := make([]string, 0, len(known))
	for k := range known {
		all = append(all, k)
		flat[strings.Replace(k, envJoint, "_", 1)] = k
	}
	slices.Sort(all)
	if right := flat[name]; right != "" {
		l.errs.add(Error{at, "", "is unknown", right})
		return
	}
	if !strings.Contains(name, envJoint) {
		return
	}
	if secret, ok := strings.CutSuffix(name, envFile); ok && known[secret].Key != "" {
		l.errs.add(Error{at, known[secret].Key,
			"is no secret, and only secrets are read from a file of their own", secret})
		return
	}
	right := nearest(strings.ToUpper(name), all)
	if right == "" {
		right = envPrefix + "SECTION" + envJoint + "KEY, such as " + variable("sip.udp")
	}
	l.errs.add(Error{at, "", "is unknown", right})
}

// flags reads the pairs, then the flags made for one setting; the last to name a key wins.
func (l *loader) flags() {
	for _, pair := range l.Set {
		key, value, ok := strings.Cut(pair, "=")
		at := Origin{source: fromFlag, name: "flag " + shorten(key)}
		if !ok {
			l.errs.add(Error{at, "", "has no value", "section.key=value, such as sip.udp=5070"})
			continue
		}
		l.flag(key, value, at)
	}
	for _, f := range l.Flags {
		l.flag(f.Key, f.Value, Origin{source: fromFlag, name: f.Name})
	}
}

func (l *loader) flag(key, value string, at Origin) {
	f, ok := byKey()[key]
	if !ok {
		l.errs.add(Error{at, shorten(key), "is unknown", suggestKey(key)})
		return
	}
	l.textual(f, value, at, l.over(f))
}
