package conf

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Change is one setting whose value differs after a reload.
type Change struct {
	Key    string `json:"key"`
	Old    string `json:"old"`    // the running value, a secret masked
	New    string `json:"new"`    // the value that was read, a secret masked
	Origin Origin `json:"origin"` // where the new value comes from
	Effect Effect `json:"effect"` // when it acts; Restart means that the old value still runs
}

// Report is what a reload changed, in the order of the settings.
type Report []Change

// String prints one change per line, or a sentence if there is none.
func (r Report) String() string {
	if len(r) == 0 {
		return "nothing changed"
	}
	lines := make([]string, len(r))
	for i, c := range r {
		lines[i] = fmt.Sprintf("%s: %s -> %s (%s; %s)", c.Key, c.Old, c.New, c.Origin, c.Effect)
	}
	return strings.Join(lines, "\n")
}

// Live is the configuration that a running member obeys.
type Live struct {
	sources Sources
	current atomic.Pointer[Conf]

	reloading sync.Mutex // one reload at a time, its subscribers included
	demands   []*Demand  // guarded by reloading
	ground    *Conf      // what the sources say; guarded by reloading
	overs     []Over     // what lies over it; guarded by reloading

	mu          sync.Mutex
	subscribers []*subscriber
	fates       []Fate // of overs
	followers   []*func([]Fate)
}

type subscriber struct {
	section string
	told    func(*Conf)
}

// Demand is what a configuration must meet beside the checks of this package: what its user alone
// knows. It calls wrong for everything that it does not like, with the key (that of a part is
// "routing.numbers[3].app"), what is wrong in words that follow the key, and what would be right.
type Demand func(c *Conf, wrong func(key, wrong, right string))

// NewLive loads the sources for the first time.
func NewLive(s Sources) (*Live, error) {
	c, err := Load(s)
	if err != nil {
		return nil, err
	}
	l := &Live{sources: s, ground: c}
	l.current.Store(c)
	return l, nil
}

// Conf returns the current configuration. It is never changed; ask again after a reload.
func (l *Live) Conf() *Conf { return l.current.Load() }

// Subscribe has told called after every swap that changed a value of the section, with the new
// configuration and in the order of the swaps. It must not call Reload or Overlay. After cancel it is not
// called for swaps that come later. An unknown section is an error.
func (l *Live) Subscribe(section string, told func(*Conf)) (cancel func(), err error) {
	if !slices.Contains(sections(), section) {
		return nil, fmt.Errorf("conf: section %s is unknown; right would be: %s",
			shorten(section), suggestion("", section, sections()))
	}
	s := &subscriber{section, told}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.subscribers = append(l.subscribers, s)
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.subscribers = slices.DeleteFunc(slices.Clone(l.subscribers), func(x *subscriber) bool { return x == s })
	}, nil
}

// Require makes a demand of the current configuration and of every one that would replace it, until
// cancel. What the current one lacks is an error, an Errors, and then nothing is demanded later.
func (l *Live) Require(d Demand) (cancel func(), err error) {
	l.reloading.Lock()
	defer l.reloading.Unlock()
	if errs := d.faults(l.Conf()); len(errs) > 0 {
		return nil, errs
	}
	l.demands = append(l.demands, &d)
	return func() {
		l.reloading.Lock()
		defer l.reloading.Unlock()
		l.demands = slices.DeleteFunc(slices.Clone(l.demands), func(x *Demand) bool { return x == &d })
	}, nil
}

// faults is all that the demand does not like, in the order of the file.
func (d Demand) faults(c *Conf) (errs Errors) {
	d(c, func(key, wrong, right string) {
		errs.add(Error{c.origins.of(key), key, wrong, right})
	})
	errs.sort()
	return errs
}

// Reload reads the sources again and swaps the configuration. Values that need a restart keep what
// is running, and are reported at every reload until the restart. On any error, an Errors, all
// stays as it was. What the cluster keeps lies over the new values as over the old ones.
func (l *Live) Reload() (Report, error) {
	l.reloading.Lock()
	defer l.reloading.Unlock()
	ground, err := Load(l.sources)
	if err != nil {
		return nil, err
	}
	return l.swap(ground, l.overs, false)
}

// merge makes the configuration that acts now: what was read, but what runs where that needs a restart.
func merge(running, read *Conf) (*Conf, Report) {
	next := *read
	next.origins = read.origins.clone()
	var report Report
	for _, f := range fields() {
		before, after := f.of(running), f.of(read)
		if equal(before, after) {
			continue
		}
		report = append(report, Change{f.Key, text(before), text(after), read.origins.of(f.Key), f.Change})
		if f.Change == Restart {
			f.set(&next, before)
			next.origins.replace(f.Key, running.origins)
		}
	}
	return &next, report
}

// untilRestart explains errors of a mix: what was read is right in itself, but not together with
// the values that run until the restart.
func untilRestart(errs Errors) Errors {
	for i := range errs {
		errs[i].Wrong += " (together with values that stay until a restart)"
	}
	return errs
}

func (l *Live) tell(c *Conf, report Report) {
	changed := map[string]bool{}
	for _, x := range report {
		if x.Effect != Restart {
			changed[sectionOf(x.Key)] = true
		}
	}
	l.mu.Lock()
	subscribers := l.subscribers
	l.mu.Unlock()
	for _, s := range subscribers {
		if changed[s.section] {
			s.told(c)
		}
	}
}
