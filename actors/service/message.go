package service

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"tandem/actors/form"
	"tandem/actors/ledger"
	"tandem/actors/pbx/task"
	"tandem/signal"
	"tandem/ximss/object"
)

// maxMessage bounds an instant message, in bytes.
const maxMessage = 8192

// messageServices are the functions of programs that send messages (reference cgpl.md 2.10, 3.3). SubmitEMail
// is one of the files' functions.
func (s *Services) messageServices() []task.Service {
	return []task.Service{
		{Name: "SendInstantMessage", Quick: true, Run: s.sendInstantMessage},
		{Name: "SendEMail", Run: s.sendEMail},
		{Name: "SendXMPPIQ", Quick: true, Run: s.sendXMPPIQ},
		{Name: "SendCallNotify", Quick: true, Run: s.sendCallNotify},
		{Name: "SendCallRegister", Quick: true, Run: s.sendCallRegister},
	}
}

// Failures of messages.
const (
	errMessage task.ErrorText = "the message is too long, or of a form that is not known"
	errForeign task.ErrorText = "the address is not of a domain that is served here"
)

// sendInstantMessage is SendInstantMessage(from, to, content). Nobody waits for an answer: null says that the
// message is on its way.
func (s *Services) sendInstantMessage(_ context.Context, c task.Caller, args []object.Value) object.Value {
	from, err := s.sender(c, argument(args, 0).Text())
	if err != nil {
		return failureText(err)
	}
	to, instance := cutInstance(argument(args, 1).Text())
	u, err := s.Ledger.Table().Address(to, from.URI.AOR())
	if err != nil || u.User == "" {
		return failureText(task.ErrParameter)
	}
	if _, local := s.Ledger.Table().Resolve(u); !local {
		return failureText(errForeign)
	}
	if instance != "" {
		u.Params = u.Params.With(instanceParam, instance)
	}
	kind, body, headers, ok := messageBody(argument(args, 2))
	if !ok || len(body) > maxMessage {
		return failureText(errMessage)
	}
	id := "message." + rand.Text()
	r := &signal.Request{ID: id, Method: signal.MESSAGE, URI: u, From: from, To: signal.Party{URI: u}, CallID: id, CSeq: 1,
		MaxForwards: 70, Headers: headers, ContentType: kind, Body: []byte(body), Origin: signal.Origin{Account: from.URI.AOR()}}
	return failureText(s.Send(r))
}

// instanceParam is the parameter of an address that names one of an account's instances.
const instanceParam = "instance"

// cutInstance takes the instance off an address: user@domain/instance.
func cutInstance(text string) (address, instance string) {
	at := strings.LastIndexByte(text, '@')
	if slash := strings.IndexByte(text[at+1:], '/'); at >= 0 && slash >= 0 {
		return text[:at+1+slash], text[at+2+slash:]
	}
	return text, ""
}

// sender is who a message is from: the current account, or another one that it may act for; a text without @
// is an instance of the current account.
func (s *Services) sender(c task.Caller, text string) (signal.Party, error) {
	self, err := s.current(c)
	if err != nil {
		return signal.Party{}, err
	}
	aor, instance := self.AOR, text
	if strings.Contains(text, "@") {
		var address string
		address, instance = cutInstance(text)
		if s.mayImpersonate(context.Background(), c, []object.Value{object.String(address)}).IsNull() {
			return signal.Party{}, task.ErrDenied
		}
		a, _ := s.Ledger.Directory.Account(signal.AOR(strings.ToLower(address)))
		aor = a.AOR
	}
	p := signal.Party{URI: signal.URI{Scheme: "sip", User: aor.User(), Host: aor.Domain()}}
	if instance != "" {
		if !fieldName(instance) {
			return p, task.ErrParameter
		}
		p.URI.Params = p.URI.Params.With(instanceParam, instance)
	}
	return p, nil
}

// messageBody is the content of a message: a text, a dictionary with the text under "", or what the writer is
// doing (RFC 3994).
func messageBody(v object.Value) (kind, body string, headers signal.Headers, ok bool) {
	if text, isText := v.Str(); isText {
		return "text/plain", text, nil, text != ""
	}
	d := v.Dictionary()
	switch state := d.GetFold("IMState").Text(); state {
	case "":
	case "gone", "composing", "paused", "active":
		shown := "idle"
		if state == "composing" {
			shown = "active"
		}
		return "application/im-iscomposing+xml", fmt.Sprintf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"+
			"<isComposing xmlns=\"urn:ietf:params:xml:ns:im-iscomposing\"><state>%s</state></isComposing>\n", shown), nil, true
	default:
		return "", "", nil, false
	}
	if subject := d.GetFold("IMSubject").Text(); subject != "" {
		if strings.ContainsFunc(subject, func(c rune) bool { return c < ' ' || c == 0x7f }) || len(subject) > ledger.MaxDisplay {
			return "", "", nil, false
		}
		headers = signal.Headers{{Name: "Subject", Value: subject}}
	}
	text, isText := d.Get("").Str()
	return "text/plain", text, headers, isText
}

// sendEMail is SendEMail(from, subject, to, headers, content): what has an audio part becomes voice mail.
func (s *Services) sendEMail(ctx context.Context, c task.Caller, args []object.Value) object.Value {
	headers := object.NewFolded()
	form.Merge(headers, argument(args, 3).Dictionary())
	headers.Set("From", argument(args, 0))
	headers.Set("Subject", argument(args, 1))
	headers.Set("To", argument(args, 2))
	for _, f := range s.Files {
		if f.Name == "SubmitEMail" {
			return f.Run(ctx, c, []object.Value{headers.Value(), argument(args, 4)})
		}
	}
	return failureText(task.ErrNotHere)
}

// sendXMPPIQ is SendXMPPIQ: nobody speaks XMPP here. How an account stands is told by its sessions and phones, not by
// programs.
func (s *Services) sendXMPPIQ(context.Context, task.Caller, []object.Value) object.Value {
	return object.String("XMPP is not supported")
}

// sendCallNotify is SendCallNotify({""; Event; ...}): of all events that there are the house knows one, the
// message lamp, and tells the phones of the current account what is true of it.
func (s *Services) sendCallNotify(_ context.Context, c task.Caller, args []object.Value) object.Value {
	p := argument(args, 0).Dictionary()
	self, err := s.current(c)
	if err != nil {
		return failureText(err)
	}
	if !strings.EqualFold(p.GetFold("Event").Text(), "message-summary") {
		return object.String("only the event message-summary is served")
	}
	if to := p.Get("").Text(); to != "" && s.routeLocalURI(context.Background(), c, []object.Value{object.String(to)}).Text() != string(self.AOR) {
		return failureText(task.ErrDenied)
	}
	return failureText(s.TellLamp(self.AOR))
}

// sendCallRegister is SendCallRegister: the house does not register itself at other servers.
func (s *Services) sendCallRegister(context.Context, task.Caller, []object.Value) object.Value {
	return object.String("registration at other servers is not supported")
}
