package account

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/signal"
	"tandem/sip/registrar"
)

// FactRegistered is the fact that an account's registrations have changed; its body is Bindings.
const FactRegistered = "account.registered"

// Bindings are the registrations of an account, as the store has them: the body of FactRegistered,
// and the value in the bucket "registrations" under the AOR.
type Bindings struct {
	Bindings []registrar.Binding
	Epoch    uint64 `json:",omitempty"` // of the owner that wrote them
	Position uint64 `json:",omitempty"` // of the fact; not in the fact itself
	Author   string `json:",omitempty"` // who removed them, when it was not the phone
}

// DecodeBindings reads the store's form: msg.AccountBindings, or JSON, as the first releases wrote it.
func DecodeBindings(body []byte) (b Bindings, err error) {
	if msg.InJSON(body) {
		err = json.Unmarshal(body, &b)
	} else {
		err = b.decode(body)
	}
	if err != nil {
		return Bindings{}, fmt.Errorf("account: malformed registrations: %w", err)
	}
	return b, nil
}

// DecodeVersion reads of the store's form the epoch and the position alone; false where that is no quicker than to read all.
func DecodeVersion(body []byte) (Bindings, bool) {
	head, ok, _ := msg.ReadAccountHead(body)
	return Bindings{Epoch: head.GetEpoch(), Position: head.GetPosition()}, ok
}

// bindingsForm is the only form that there is; a body without one is nothing that was written here.
const bindingsForm = 1

var errForm = errors.New("written by a newer release, or nothing that was written here")

func (b *Bindings) decode(body []byte) error {
	var p msg.AccountBindings
	if err := proto.Unmarshal(body, &p); err != nil {
		return err
	}
	if p.Form != bindingsForm {
		return errForm
	}
	b.Epoch, b.Position, b.Author = p.Epoch, p.Position, p.Author
	for _, one := range p.Bindings {
		b.Bindings = append(b.Bindings, fromStored(one))
	}
	return nil
}

// Encode writes the store's form.
func (b Bindings) Encode() []byte {
	p := &msg.AccountBindings{Form: bindingsForm, Epoch: b.Epoch, Position: b.Position, Author: msg.Cut(b.Author, maxAuthor),
		Bindings: make([]*msg.AccountBinding, len(b.Bindings))}
	for i, one := range b.Bindings {
		p.Bindings[i] = toStored(one)
		p.Until = max(p.Until, one.Expires.UnixMilli())
	}
	out, err := proto.Marshal(p)
	if err != nil {
		return b.encodeJSON()
	}
	return out
}

// encodeJSON writes the old form, in which a text may be that is no UTF-8: a sign takes the place of what is none.
func (b Bindings) encodeJSON() []byte {
	out, err := json.Marshal(b)
	if err != nil {
		panic("account: registrations did not marshal: " + err.Error())
	}
	return out
}

// maxAuthor is the most of an author's name that is kept, in bytes: as much as a bucket keeps of one.
const maxAuthor = 250

func toStored(b registrar.Binding) *msg.AccountBinding {
	return &msg.AccountBinding{
		Contact: msg.FromParty(signal.Party{Display: b.Display, URI: b.Contact, Params: b.Params}),
		Q:       int32(b.Q), Path: b.Path, Flow: msg.FromFlow(b.Flow), Agent: b.Agent, CallId: b.CallID, Cseq: b.CSeq,
		Since: msg.Nanos(b.Since), Updated: msg.Nanos(b.Updated), Expires: msg.Nanos(b.Expires)}
}

func fromStored(p *msg.AccountBinding) registrar.Binding {
	c := p.Contact.Signal()
	return registrar.Binding{Contact: c.URI, Display: c.Display, Params: c.Params, Q: int(p.Q), Path: p.Path, Flow: p.Flow.Signal(),
		Agent: p.Agent, CallID: p.CallId, CSeq: p.Cseq,
		Since: msg.Moment(p.Since).UTC(), Updated: msg.Moment(p.Updated).UTC(), Expires: msg.Moment(p.Expires).UTC()}
}

// Older reports whether b was written before other: by an earlier owner, or earlier by the same one.
func (b Bindings) Older(other Bindings) bool {
	return cmp.Or(cmp.Compare(b.Epoch, other.Epoch), cmp.Compare(b.Position, other.Position)) < 0
}

// Same reports whether b and other are one write; one that has no position is the same as none.
func (b Bindings) Same(other Bindings) bool {
	return b.Position != 0 && b.Epoch == other.Epoch && b.Position == other.Position
}

// contact is a registration as a fork rings it.
func contact(b registrar.Binding) signal.Contact {
	methods, _ := b.Params.Get("methods")
	device := ""
	if b.RegID() != "" {
		device = b.Instance()
	}
	return signal.Contact{Device: device, URI: b.Contact, Routes: b.Path, Flow: b.Flow, Q: b.Q, Display: b.Display,
		Methods: strings.Trim(methods, `"`)}
}
