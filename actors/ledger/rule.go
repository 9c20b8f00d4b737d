package ledger

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
	ServerRules  = rulesKind + "server"
	ClusterRules = rulesKind + "cluster"

	rulesKind   = "rules."
	domainRules = rulesKind + "domain." // and the domain's name
)

// DomainRules is the key of a domain's rules.
func DomainRules(domain string) string { return domainRules + domain }

// ownerOf is who has the rules under a key, as the directory calls it.
func ownerOf(key string) (owner string, ok bool) {
	switch key {
	case ServerRules:
		return account.ServerRules, true
	case ClusterRules:
		return account.ClusterRules, true
	}
	domain, ok := strings.CutPrefix(key, domainRules)
	return domain, ok && domain != ""
}

// readRules takes over what the store's copy has under a key now. Rules that can not be read leave those
// that were there: half of them would send calls where nobody wants them.
func (l *Ledger) readRules(key string) error {
	l.reading.Lock()
	defer l.reading.Unlock()
	owner, ok := ownerOf(key)
	if !ok {
		return fmt.Errorf("%q names nobody who can have rules", key)
	}
	rules, err := l.Rules(key)
	if err == nil {
		l.Directory.SetRules(owner, rules)
	}
	return err
}

// Rules are the rules under a key, none where there is none.
func (l *Ledger) Rules(key string) ([]signal.Rule, error) {
	e, ok := l.Store.Bucket(store.Settings).Get(key)
	if !ok {
		return nil, nil
	}
	var rules []signal.Rule
	if err := json.Unmarshal(e.Value, &rules); err != nil {
		return nil, err
	}
	return rules, signal.CheckRules(rules)
}

// ChangeRules changes the rules under a key. What f returns is checked; none takes the key away.
func (l *Ledger) ChangeRules(ctx context.Context, key string, w store.Write, f func(old []signal.Rule) ([]signal.Rule, error)) error {
	if _, ok := ownerOf(key); !ok {
		return fmt.Errorf("%q names nobody who can have rules", key)
	}
	err := l.change(ctx, store.Settings, key, w, func(old []byte) ([]byte, error) {
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
	return l.readRules(key)
}
