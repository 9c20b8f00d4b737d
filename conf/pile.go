package conf

import (
	"cmp"
	"slices"
	"strings"
)

// pile is the settings of a member with what the cluster keeps laid over them. It finds the values that
// the member can take together: it keeps out as few as it can, the later of two that contradict each other.
type pile struct {
	ground   *Conf // what file, environment and flags say
	running  *Conf
	starting bool // nothing runs yet by what running says
	demands  []*Demand
	all      []*laid // oldest first
}

func newPile(ground, running *Conf, starting bool, demands []*Demand, overs []Over) *pile {
	p := &pile{ground: ground, running: running, starting: starting, demands: demands}
	for _, o := range overs {
		x, errs := o.decode()
		switch at := ground.origins.of(o.Key); {
		case len(errs) > 0:
			x.keepOut(errs)
		case at.source > fromMember:
			x.out, x.State, x.Why = true, Hidden, at.String()
		default:
			x.read = true
		}
		p.all = append(p.all, x)
	}
	slices.SortStableFunc(p.all, func(a, b *laid) int { return cmp.Compare(a.Revision, b.Revision) })
	return p
}

// seen are the values that are not kept out, by key; one for this member is over one for all.
func (p *pile) seen() map[string]*laid {
	all := map[string]*laid{}
	for _, x := range p.all {
		if below := all[x.Key]; !x.out && (below == nil || below.Member == "" || x.Member != "") {
			all[x.Key] = x
		}
	}
	return all
}

// lay makes the configuration of the values that are not kept out. None of them names a file, so that there
// is none to look at.
func (p *pile) lay() *Conf {
	laid := *p.ground
	laid.origins = p.ground.origins.clone()
	for _, x := range p.seen() {
		x.field.set(&laid, x.value)
		laid.origins.replace(x.Key, x.origins)
	}
	return &laid
}

// mix is what would act now, or what is wrong with it.
type mix struct {
	next     *Conf
	report   Report
	errs     Errors
	disagree []string // keys that errs are about
}

// mix lays the values that are not kept out and checks what they come to, in itself and together with what
// runs until a restart.
func (p *pile) mix() mix {
	read := p.lay()
	k := read.checked(nil)
	if len(k.errs) > 0 {
		return mix{errs: k.errs, disagree: k.disagree}
	}
	m := mix{next: read}
	m.next, m.report = merge(p.running, read)
	if p.starting {
		m.next = read
		for i := range m.report {
			m.report[i].Effect = ActsNow
		}
	}
	if k = m.next.checked(nil); len(k.errs) > 0 {
		return mix{errs: untilRestart(k.errs), disagree: k.disagree}
	}
	for _, d := range p.demands {
		if errs := d.faults(m.next); len(errs) > 0 {
			return mix{errs: errs, disagree: errs.keys()}
		}
	}
	return m
}

// keys are the settings that errors are about.
func (e Errors) keys() []string {
	keys := make([]string, len(e))
	for i := range e {
		keys[i], _, _ = strings.Cut(e[i].Key, "[")
	}
	return keys
}

// settle keeps out values until the rest can be taken. The error is that of the ground alone.
func (p *pile) settle() (mix, error) {
	m := p.mix()
	for len(m.errs) > 0 {
		x := p.culprit(m.disagree)
		if x == nil {
			return m, m.errs
		}
		x.keepOut(m.errs)
		m = p.mix()
	}
	m = p.giveBack(m)
	p.judge(m.next)
	return m, nil
}

// culprit is the newest value of those that disagree; where none of them does, the newest of all; nil: there
// is none left.
func (p *pile) culprit(disagree []string) (newest *laid) {
	seen := p.seen()
	for _, x := range p.all {
		if seen[x.Key] == x && slices.Contains(disagree, x.Key) {
			newest = x
		}
	}
	for _, x := range slices.Backward(p.all) {
		if newest == nil && !x.out {
			newest = x
		}
	}
	return newest
}

// rounds is how often giveBack tries all values that were kept out. One may need another one that is tried
// behind it.
const rounds = 3

// giveBack takes the values that were kept out only because of another one that is out now too.
func (p *pile) giveBack(m mix) mix {
	for range rounds {
		before := m.next
		for _, x := range p.all {
			if !x.read || !x.out {
				continue
			}
			x.out = false
			if with := p.mix(); len(with.errs) > 0 {
				x.keepOut(with.errs)
			} else {
				m = with
			}
		}
		if m.next == before {
			break
		}
	}
	return m
}

// judge says what becomes of the values that are not kept out.
func (p *pile) judge(next *Conf) {
	seen := p.seen()
	for _, x := range p.all {
		if x.out {
			continue
		}
		x.State, x.Why = Acts, ""
		switch by := seen[x.Key]; {
		case by != x:
			x.State, x.Why = Hidden, by.origin().String()
		case !equal(x.field.of(next), x.value):
			x.State = Waits
		}
	}
}

// fates are what becomes of all values, oldest first.
func (p *pile) fates() []Fate {
	all := make([]Fate, len(p.all))
	for i, x := range p.all {
		all[i] = x.Fate
	}
	return all
}
