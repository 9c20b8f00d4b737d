package actors

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"tandem/actors/account"
	"tandem/actors/store"
	"tandem/signal"
)

// The keys of signal rules that are no account's, in the bucket of settings: a JSON list of signal.Rule.
const (
	rulesKind    = "rules."
	serverRules  = rulesKind + "server"
	clusterRules = rulesKind + "cluster"
	domainRules  = rulesKind + "domain." // and the domain's name
)

// ownerOf is who has the rules under a key, as the directory calls it.
func ownerOf(key string) (owner string, ok bool) {
	switch key {
	case serverRules:
		return account.ServerRules, true
	case clusterRules:
		return account.ClusterRules, true
	}
	domain, ok := strings.CutPrefix(key, domainRules)
	return domain, ok && domain != ""
}

// followRules gives the directory the rules of domains, server and cluster, now and whenever they change.
func (h *House) followRules() {
	settings := h.store.Bucket(store.Settings)
	take := func(e store.Entry) {
		if strings.HasPrefix(e.Key, rulesKind) {
			h.told("rules", e.Key, h.readRules(e.Key))
		}
	}
	h.closes(stopper(settings.Watch(take)))
	settings.Range(rulesKind, func(e store.Entry) bool { take(e); return true })
}

// readRules takes over what the store's copy has under a key now. Rules that can not be read leave those
// that were there: half of them would send calls where nobody wants them.
func (h *House) readRules(key string) error {
	h.reading.Lock()
	defer h.reading.Unlock()
	owner, ok := ownerOf(key)
	if !ok {
		return fmt.Errorf("%q names nobody who can have rules", key)
	}
	rules, err := h.storedRules(key)
	if err == nil {
		h.directory.SetRules(owner, rules)
	}
	return err
}

// storedRules are the rules under a key, none where there is none.
func (h *House) storedRules(key string) ([]signal.Rule, error) {
	e, ok := h.store.Bucket(store.Settings).Get(key)
	if !ok {
		return nil, nil
	}
	var rules []signal.Rule
	if err := json.Unmarshal(e.Value, &rules); err != nil {
		return nil, err
	}
	return rules, signal.CheckRules(rules)
}

// changeRules changes the rules under a key. What f returns is checked; none takes the key away.
func (h *House) changeRules(ctx context.Context, key string, o store.Write, f func(old []signal.Rule) ([]signal.Rule, error)) error {
	if _, ok := ownerOf(key); !ok {
		return fmt.Errorf("%q names nobody who can have rules", key)
	}
	err := h.changeKey(ctx, store.Settings, key, o, func(old []byte) ([]byte, error) {
		var rules []signal.Rule
		if old != nil {
			if err := json.Unmarshal(old, &rules); err != nil {
				return nil, err
			}
		}
		rules, err := f(rules)
		if err != nil || len(rules) == 0 {
			return nil, err
		}
		if err := signal.CheckRules(rules); err != nil {
			return nil, err
		}
		return json.Marshal(rules)
	})
	if err != nil {
		return err
	}
	return h.readRules(key)
}
