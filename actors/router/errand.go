package router

import (
	"crypto/rand"
	"strings"

	"tandem/actors/msg"
	"tandem/signal"
)

// Errands are what rules want done that is not the router's own business. One that is nil is told to
// the log instead. All return at once.
type Errands struct {
	// SendURL asks for a URL.
	SendURL func(account signal.AOR, url string)
	// SendPush tells the account's own machines.
	SendPush func(account signal.AOR, text string)
	// Remember adds who called to a data set of the account.
	Remember func(account signal.AOR, dataset string, from signal.Party)
	// TakeMessage takes a MESSAGE to a name that is no account's, such as that of a Named Task. False:
	// it is nobody's. Who takes it answers it by SignalRespond to the edge.
	TakeMessage func(start *msg.SignalStart) bool
}

// SetErrands says who runs the errands. Before the first request.
func (in *Ingress) SetErrands(e Errands) { in.errands = e }

// run does what a rule wants done for a request.
func (in *Ingress) run(n signal.Note, r *signal.Request) {
	e := in.errands
	switch {
	case n.Verb == signal.SendIM:
		in.sendIM(n, r)
	case n.Verb == signal.SendURL && e.SendURL != nil:
		e.SendURL(n.Account, n.Value)
	case n.Verb == signal.SendPush && e.SendPush != nil:
		e.SendPush(n.Account, n.Value)
	case n.Verb == signal.Remember && e.Remember != nil:
		e.Remember(n.Account, n.Value, r.From)
	default: // Write To Log, and what nobody here can do
		in.log.Info("rule", "account", string(n.Account), "rule", n.Rule, "wants", n.Verb, "value", n.Value,
			"from", r.From.URI.String(), "to", r.URI.String())
	}
}

// sendIM sends a MESSAGE in the name of the account whose rule it is. Nobody waits for an answer.
func (in *Ingress) sendIM(n signal.Note, r *signal.Request) {
	to, text, _ := strings.Cut(n.Value, " ")
	u, err := in.Table().Address(to, n.Account)
	if err != nil {
		in.log.Warn("a rule's message has no address", "account", string(n.Account), "rule", n.Rule, "to", to)
		return
	}
	from := signal.Party{URI: address(n.Account)}
	if n.Account == "" {
		from = signal.Party{URI: signal.URI{Scheme: "sip", Host: in.Table().Domain()}}
	}
	id := "rule." + rand.Text()
	message := &signal.Request{ID: id, Method: signal.MESSAGE, URI: u, From: from, To: signal.Party{URI: u},
		CallID: id, CSeq: 1, MaxForwards: r.MaxForwards - 1, ContentType: "text/plain", Body: []byte(text),
		Origin: signal.Origin{Account: n.Account}}
	if _, err := in.member.Spawn("signal", &msg.SignalStart{Request: msg.FromRequest(message), Call: NewCall()}); err != nil {
		in.log.Warn("a rule's message is not sent", "account", string(n.Account), "rule", n.Rule, "because", err.Error())
	}
}
