package ledger

import (
	"context"
	"crypto/rand"
	"math"
	"time"

	"tandem/actors/form"
	"tandem/actors/store"
	"tandem/signal"
	"tandem/ximss/object"
)

// Limits of balances.
const (
	maxBalances     = 10  // of one account
	maxReservations = 50  // of one balance
	maxPostings     = 50  // of one balance that are remembered
	maxReference    = 128 // bytes of a reference, and of a description; longer ones are left out
	maxBalanceName  = 64  // bytes, of a reservation too
	longestReserve  = 24 * time.Hour
)

// Failures of balances.
var (
	errNoBalance     = refuse(Absent, "balance does not exist")
	errFunds         = refuse(Conflict, "insufficient funds")
	errNoReservation = refuse(Absent, "reservation does not exist")
	errAmount        = refuse(Illegal, "amount must be a number that is not negative")
	errBalances      = refuse(Conflict, "there are too many balances or reservations")
)

// Keys of a balance.
const (
	balanceAmount   = "amount"
	balanceReserved = "reserved" // reservation -> {amount; expires}
	balanceHistory  = "history"  // of {time; op; amount; total; reference?; description?}, the oldest first
)

// DoBalance does one operation on the balances of an account: op in lower case, with the parameters of DoBalance
// (reference cgpl.md 2.10). Two at once are done one upon the other, on whatever members.
func (l *Ledger) DoBalance(ctx context.Context, aor signal.AOR, op string, p *object.Dictionary, w store.Write) (result *object.Dictionary, err error) {
	now := time.Now()
	if look := balanceLooks[op]; look != nil {
		text, _ := l.stored(balanceKind + string(aor))
		return look(form.Dictionary(text), p, now)
	}
	change := balanceChanges[op]
	if change == nil {
		return nil, ErrParameter
	}
	err = l.rewrite(ctx, balanceKind+string(aor), w, func(all *object.Dictionary) (err error) {
		result, err = change(all, p, now)
		return err
	})
	return result, err
}

// balanceLooks and balanceChanges are the operations.
var (
	balanceLooks = map[string]func(all, p *object.Dictionary, now time.Time) (*object.Dictionary, error){
		"list": listBalances, "read": readBalance, "readall": readBalances, "history": balancePostings,
	}
	balanceChanges = map[string]func(all, p *object.Dictionary, now time.Time) (*object.Dictionary, error){
		"credit": creditBalance, "charge": chargeBalance, "reserve": reserveBalance, "release": releaseBalance,
		"remove": removeBalance,
	}
)

// balance is the one that the parameters name, without the reservations that have expired.
func balance(all, p *object.Dictionary, now time.Time) (*object.Dictionary, error) {
	b := all.Get(p.GetFold("balance").Text()).Dictionary()
	if b == nil {
		return nil, errNoBalance
	}
	reserved := b.Get(balanceReserved).Dictionary()
	for i := reserved.Len() - 1; i >= 0; i-- {
		if until, _ := reserved.At(i).Dictionary().Get("expires").Seconds(); until <= now.Unix() {
			id, _ := reserved.Key(i)
			reserved.Delete(id)
		}
	}
	return b, nil
}

func amountOf(b *object.Dictionary) int64 {
	n, _ := b.Get(balanceAmount).Int()
	return n
}

// free is what a balance has beyond its reservations.
func free(b *object.Dictionary) int64 {
	n, reserved := amountOf(b), b.Get(balanceReserved).Dictionary()
	for i := range reserved.Len() {
		n -= amountOf(reserved.At(i).Dictionary())
	}
	return n
}

// amount reads the amount of the parameters.
func amount(p *object.Dictionary) (int64, error) {
	v := p.GetFold("amount")
	n, ok := v.Int()
	if !ok {
		n, ok = object.ParseNumber(v.Text())
	}
	if !ok || n < 0 {
		return 0, errAmount
	}
	return n, nil
}

// post changes a balance and remembers it.
func post(b, p *object.Dictionary, op string, n int64, now time.Time) (*object.Dictionary, error) {
	total := amountOf(b)
	if n > 0 && total > math.MaxInt64-n {
		return nil, errAmount
	}
	total += n
	b.Set(balanceAmount, object.Number(total))
	line := object.NewFolded()
	line.Set("time", object.Date(now.Unix()))
	line.Set("op", object.String(op))
	line.Set("amount", object.Number(n))
	line.Set("total", object.Number(total))
	for _, key := range []string{"reference", "description"} {
		if text := object.Format(p.GetFold(key)); !p.GetFold(key).IsNull() && len(text) <= maxReference {
			line.Set(key, object.Copy(p.GetFold(key)))
		}
	}
	history := object.NewArray(b.Get(balanceHistory).Array().Items()...)
	history.Append(line.Value())
	for history.Len() > maxPostings {
		history.Remove(0)
	}
	b.Set(balanceHistory, history.Value())
	return standing(b), nil
}

// standing is the answer of operations: the amount, and what is free of it.
func standing(b *object.Dictionary) *object.Dictionary {
	d := object.NewFolded()
	d.Set("amount", object.Number(amountOf(b)))
	d.Set("free", object.Number(free(b)))
	return d
}

func creditBalance(all, p *object.Dictionary, now time.Time) (*object.Dictionary, error) {
	n, err := amount(p)
	if err != nil {
		return nil, err
	}
	b, err := balance(all, p, now)
	if err != nil {
		name := p.GetFold("balance").Text()
		if all.Len() >= maxBalances {
			return nil, errBalances
		}
		if len(name) > maxBalanceName {
			return nil, ErrParameter
		}
		b = object.NewFolded()
		all.Set(name, b.Value())
	}
	return post(b, p, "credit", n, now)
}

// chargeBalance takes an amount, from a reservation where one is named: that ends with it.
func chargeBalance(all, p *object.Dictionary, now time.Time) (*object.Dictionary, error) {
	n, err := amount(p)
	if err != nil {
		return nil, err
	}
	b, err := balance(all, p, now)
	if err != nil {
		return nil, err
	}
	if id := p.GetFold("reserve").Text(); id != "" {
		reserved := b.Get(balanceReserved).Dictionary()
		if reserved == nil || !reserved.Has(id) {
			return nil, errNoReservation
		}
		reserved.Delete(id)
	}
	if n > free(b) {
		return nil, errFunds
	}
	return post(b, p, "charge", -n, now)
}

// reserveBalance keeps an amount for a later charge, or adds it to the reservation that is named.
func reserveBalance(all, p *object.Dictionary, now time.Time) (*object.Dictionary, error) {
	n, err := amount(p)
	if err != nil {
		return nil, err
	}
	b, err := balance(all, p, now)
	if err != nil {
		return nil, err
	}
	if n > free(b) {
		return nil, errFunds
	}
	reserved := b.Get(balanceReserved).Dictionary()
	if reserved == nil {
		reserved = object.NewFolded()
		b.Set(balanceReserved, reserved.Value())
	}
	id := p.GetFold("reserve").Text()
	if id == "" {
		id = rand.Text()[:10]
	}
	one := reserved.Get(id).Dictionary()
	switch {
	case len(id) > maxBalanceName:
		return nil, ErrParameter
	case one == nil && reserved.Len() >= maxReservations:
		return nil, errBalances
	case one == nil:
		one = object.NewFolded()
		reserved.Set(id, one.Value())
	}
	one.Set(balanceAmount, object.Number(amountOf(one)+n))
	one.Set("expires", object.Date(reservedUntil(p.GetFold("expires"), now)))
	d := standing(b)
	d.Set("reserve", object.String(id))
	return d, nil
}

// reservedUntil is when a reservation ends: a moment, or seconds from now; a day at most.
func reservedUntil(v object.Value, now time.Time) int64 {
	latest := now.Add(longestReserve).Unix()
	if until, ok := v.Seconds(); ok {
		return min(until, latest)
	}
	if n, ok := v.Int(); ok && n > 0 && n < int64(longestReserve/time.Second) {
		return now.Unix() + n
	}
	return latest
}

func releaseBalance(all, p *object.Dictionary, now time.Time) (*object.Dictionary, error) {
	b, err := balance(all, p, now)
	if err != nil {
		return nil, err
	}
	reserved, id := b.Get(balanceReserved).Dictionary(), p.GetFold("reserve").Text()
	if reserved == nil || !reserved.Has(id) {
		return nil, errNoReservation
	}
	reserved.Delete(id)
	return standing(b), nil
}

func removeBalance(all, p *object.Dictionary, now time.Time) (*object.Dictionary, error) {
	b, err := balance(all, p, now)
	if err != nil {
		return nil, err
	}
	all.Delete(p.GetFold("balance").Text())
	return standing(b), nil
}

func listBalances(all, _ *object.Dictionary, _ time.Time) (*object.Dictionary, error) {
	names := []string{}
	for i := range all.Len() {
		name, _ := all.Key(i)
		names = append(names, name)
	}
	d := object.NewFolded()
	d.Set("balance", form.List(names))
	return d, nil
}

func readBalance(all, p *object.Dictionary, now time.Time) (*object.Dictionary, error) {
	b, err := balance(all, p, now)
	if err != nil {
		return nil, err
	}
	return standing(b), nil
}

func readBalances(all, _ *object.Dictionary, now time.Time) (*object.Dictionary, error) {
	each, result := object.NewFolded(), object.NewFolded()
	for i := range all.Len() {
		name, _ := all.Key(i)
		p := object.NewFolded()
		p.Set("balance", object.String(name))
		if b, err := balance(all, p, now); err == nil {
			each.Set(name, standing(b).Value())
		}
	}
	result.Set("balance", each.Value())
	return result, nil
}

// balancePostings are the postings between timeFrom and timeTill, the newest limit of them.
func balancePostings(all, p *object.Dictionary, now time.Time) (*object.Dictionary, error) {
	b, err := balance(all, p, now)
	if err != nil {
		return nil, err
	}
	from, hasFrom := p.GetFold("timeFrom").Seconds()
	till, hasTill := p.GetFold("timeTill").Seconds()
	history := object.NewArray()
	for _, line := range b.Get(balanceHistory).Array().Items() {
		at, _ := line.Dictionary().Get("time").Seconds()
		if (!hasFrom || at >= from) && (!hasTill || at < till) {
			history.Append(line)
		}
	}
	if limit, ok := p.GetFold("limit").Int(); ok && limit >= 0 {
		for int64(history.Len()) > limit {
			history.Remove(0)
		}
	}
	d := object.NewFolded()
	d.Set("history", history.Value())
	return d, nil
}
