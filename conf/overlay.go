package conf

import "slices"

// Begin lays the values that the cluster keeps for this member over those of the sources, before anything
// was opened by these settings but the store and the log: those that need a restart act too.
func (l *Live) Begin(overs []Over) (Report, error) {
	l.reloading.Lock()
	defer l.reloading.Unlock()
	return l.swap(l.ground, overs, true)
}

// Overlay replaces the values that the cluster keeps for this member, and swaps the configuration. Values
// that the member can not take are kept out and the rest is taken: Fates tells. What needs a restart keeps
// what is running, as with Reload. The sources are not read again. On an error, an Errors, all stays as it
// was: what the sources say is not right together with what runs until a restart.
func (l *Live) Overlay(overs []Over) (Report, error) {
	l.reloading.Lock()
	defer l.reloading.Unlock()
	return l.swap(l.ground, overs, false)
}

// Try tells what Overlay would come to, and changes nothing.
func (l *Live) Try(overs []Over) ([]Fate, error) {
	l.reloading.Lock()
	defer l.reloading.Unlock()
	p := newPile(l.ground, l.Conf(), false, l.demands, overs)
	if _, err := p.settle(); err != nil {
		return nil, err
	}
	return p.fates(), nil
}

// swap replaces ground and what lies over it, and tells everybody. reloading is held.
func (l *Live) swap(ground *Conf, overs []Over, starting bool) (Report, error) {
	p := newPile(ground, l.Conf(), starting, l.demands, overs)
	m, err := p.settle()
	if err != nil {
		return nil, err
	}
	l.ground, l.overs = ground, slices.Clone(overs)
	l.current.Store(m.next)
	l.tell(m.next, m.report)
	l.tellFates(p.fates())
	return m.report, nil
}

// Fates are what became of the values of the last Overlay, oldest first. It must not be changed.
func (l *Live) Fates() []Fate {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fates
}

// SubscribeFates has told called after every swap that changed the fates, in the order of the swaps. It must
// not call Reload or Overlay. After cancel it is not called for swaps that come later.
func (l *Live) SubscribeFates(told func([]Fate)) (cancel func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := &told
	l.followers = append(slices.Clip(l.followers), f)
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.followers = slices.DeleteFunc(slices.Clone(l.followers), func(x *func([]Fate)) bool { return x == f })
	}
}

func (l *Live) tellFates(fates []Fate) {
	l.mu.Lock()
	changed, followers := !slices.Equal(l.fates, fates), l.followers
	l.fates = fates
	l.mu.Unlock()
	for _, told := range followers {
		if changed {
			(*told)(fates)
		}
	}
}
