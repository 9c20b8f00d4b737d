package ledger

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/actors/form"
	"tandem/ximss/object"
)

// A balance has room for a bounded number of everything, and money is never lost to that.
func TestBalancesAreBounded(t *testing.T) {
	all, now := object.NewFolded(), time.Unix(1e9, 0)
	do := func(text string) (*object.Dictionary, error) {
		v, err := object.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return balanceChanges[v.Dictionary().Get("op").Text()](all, v.Dictionary(), now)
	}
	long := strings.Repeat("x", maxReference-2)
	for i := range maxBalances {
		for range maxPostings + 5 {
			if _, err := do(`{op=credit;balance=b` + strconv.Itoa(i) + `;amount=#9;reference="` + long + `";description="` + long + `";}`); err != nil {
				t.Fatal(err)
			}
		}
		for range maxReservations {
			if _, err := do(`{op=reserve;balance=b` + strconv.Itoa(i) + `;amount=#1;}`); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := do(`{op=credit;balance=more;amount=#1;}`); err != errBalances {
		t.Errorf("one balance more: %v", err)
	}
	if _, err := do(`{op=reserve;balance=b0;amount=#1;}`); err != errBalances {
		t.Errorf("one reservation more: %v", err)
	}
	if _, err := form.Text(all); err != nil {
		t.Errorf("what is full can not be stored: %v", err)
	}
	now = now.Add(longestReserve)
	if d, err := do(`{op=reserve;balance=b0;amount=#1;}`); err != nil || d.Get("free").Text() != object.Number(9*(maxPostings+5)-1).Text() {
		t.Errorf("after a day: %v, %v", object.Format(d.Value()), err)
	}
	b, _ := balance(all, object.NewFolded(), now)
	if b != nil {
		t.Error("there is a balance without a name")
	}
}
