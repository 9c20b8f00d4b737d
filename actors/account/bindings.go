package account

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"tandem/signal"
	"tandem/sip/registrar"
)

// FactRegistered is the fact that an account's registrations have changed; its body is Bindings.
const FactRegistered = "account.registered"

// Bindings are the registrations of an account in the store's form: the body of FactRegistered,
// and the value in the bucket "registrations" under the AOR.
type Bindings struct {
	Bindings []registrar.Binding
	Epoch    uint64 `json:",omitempty"` // of the owner that wrote them
	Position uint64 `json:",omitempty"` // of the fact; not in the fact itself
	Author   string `json:",omitempty"` // who removed them, when it was not the phone
}

// DecodeBindings reads the store's form.
func DecodeBindings(body []byte) (Bindings, error) {
	var b Bindings
	if err := json.Unmarshal(body, &b); err != nil {
		return Bindings{}, fmt.Errorf("account: malformed registrations: %w", err)
	}
	return b, nil
}

// Encode writes the store's form.
func (b Bindings) Encode() []byte {
	out, err := json.Marshal(b)
	if err != nil {
		panic("account: registrations did not marshal: " + err.Error())
	}
	return out
}

// Older reports whether b was written before other: by an earlier owner, or earlier by the same one.
func (b Bindings) Older(other Bindings) bool {
	return cmp.Or(cmp.Compare(b.Epoch, other.Epoch), cmp.Compare(b.Position, other.Position)) < 0
}

// contact is a registration as a fork rings it.
func contact(b registrar.Binding) signal.Contact {
	methods, _ := b.Params.Get("methods")
	return signal.Contact{URI: b.Contact, Routes: b.Path, Flow: b.Flow, Q: b.Q, Display: b.Display,
		Methods: strings.Trim(methods, `"`)}
}
