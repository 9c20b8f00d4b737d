package ximss

import (
	"context"
	"encoding/base64"
	"log/slog"
	"net/netip"
	"strings"

	"tandem/ximss/object"
	"tandem/ximss/sasl"
)

// visit is what is known of a client before it says anything.
type visit struct {
	binding       Binding
	local, remote netip.AddrPort
	secure        bool
}

// entry is the dialogue before login, of one connection or of one HTTP request. It belongs to one goroutine.
type entry struct {
	*porter
	visit
	line Line // what the session will speak by; nil over HTTP
	say  func(documents ...string)

	domain   string // that the client chose; "" until then
	nonce    []byte // that listFeatures gave last
	exchange sasl.Exchange
	attempt  *attempt
	login    Login // as the login began
}

// outcome is what a request before login leads to, beside what was said.
type outcome struct {
	session Session // somebody is logged in; with a line, the session has answered itself
	secure  bool    // TLS begins
	over    bool    // the client wants to go
}

// entryOperation is what one operation before login does. Its error is told in the response.
type entryOperation func(e *entry, ctx context.Context, id string, x *object.XML) (outcome, error)

// entryOperations are those that there are (reference communigate.md 1.2).
var entryOperations = map[string]entryOperation{
	"listFeatures":    (*entry).listFeatures,
	"login":           (*entry).logIn,
	"auth":            (*entry).auth,
	"starttls":        (*entry).startTLS,
	"noop":            func(*entry, context.Context, string, *object.XML) (outcome, error) { return outcome{}, nil },
	"bye":             func(*entry, context.Context, string, *object.XML) (outcome, error) { return outcome{over: true}, nil },
	"signup":          refused("there is no signing up here: an administrator makes accounts"),
	"recoverPassword": refused("passwords are not recovered here: an administrator sets a new one"),
	"readStrings":     refused("there are no vocabularies here"),
}

// refused is an operation of the ancestor that is not done here.
func refused(text string) entryOperation {
	return func(*entry, context.Context, string, *object.XML) (outcome, error) {
		return outcome{}, Fail(NumUnknown, "%s", text)
	}
}

// take does one request and answers it.
func (e *entry) take(ctx context.Context, x *object.XML) outcome {
	id, err := RequestID(x)
	if err != nil {
		e.say(Write(Response("", err)))
		return outcome{}
	}
	ctx, cancel := context.WithTimeout(ctx, doorTime)
	defer cancel()
	out, err := e.do(ctx, id, x)
	if out.session != nil {
		e.welcome(id, out.session)
		return out
	}
	e.say(Write(Response(id, err)))
	return out
}

func (e *entry) do(ctx context.Context, id string, x *object.XML) (outcome, error) {
	op, ok := entryOperations[x.Type]
	switch {
	case ok:
		return op(e, ctx, id, x)
	case IsOperation(x.Type):
		return outcome{}, ErrLogin
	}
	return outcome{}, ErrUnknown
}

// welcome answers a login over HTTP. By a line, the session has said it: only it knows what it says next.
func (e *entry) welcome(id string, s Session) {
	if e.line != nil {
		return
	}
	greeting := s.Greeting()
	greeting.SetAttribute("id", "", id)
	e.say(Write(greeting), Write(Response(id, nil)))
}

// target is the domain that the client means.
func (e *entry) target() (string, error) {
	if e.domain != "" {
		return e.domain, nil
	}
	return e.door.Domain(e.local.Addr(), "")
}

// listFeatures says what a login can be like, and chooses the domain.
func (e *entry) listFeatures(_ context.Context, id string, x *object.XML) (outcome, error) {
	domain, err := e.target()
	if asked := x.Attr("domain"); asked != "" {
		domain, err = e.door.Domain(e.local.Addr(), asked)
	}
	if err != nil {
		return outcome{}, err
	}
	e.domain = domain
	features := Message("features", "id", id, "domain", domain)
	if e.mayStartTLS() {
		features.Add(object.NewXML("starttls").Value())
	}
	for _, method := range sasl.Methods {
		if !sasl.Clear(method) || e.mayClear() {
			features.Add(WithText(object.NewXML("sasl"), method).Value())
		}
	}
	e.nonce = e.nonces.Make(e.now())
	features.Add(WithText(object.NewXML("nonce"), base64.StdEncoding.EncodeToString(e.nonce)).Value(),
		WithText(object.NewXML("language"), "English").Value())
	e.say(Write(features))
	return outcome{}, nil
}

func (e *entry) mayStartTLS() bool { return e.canTLS && e.binding == TCP && !e.secure }

// startTLS changes to TLS on the same connection, after the response.
func (e *entry) startTLS(context.Context, string, *object.XML) (outcome, error) {
	switch {
	case e.secure:
		return outcome{}, Fail(NumState, "this connection is secure already")
	case !e.mayStartTLS():
		return outcome{}, Fail(NumUnknown, "there is no TLS here")
	}
	e.exchange, e.nonce, e.domain = nil, nil, "" // what was said in clear counts no more
	return outcome{secure: true}, nil
}

// mayClear tells whether a password may come as it is.
func (e *entry) mayClear() bool {
	return e.secure || e.remote.Addr().IsLoopback() || e.conf.Load().ClearPasswords
}

var errClear = Fail(NumState, "passwords are taken over TLS alone: use it, or log in with CRAM-MD5 or SCRAM-SHA-256")

// logIn begins a login, and often completes it.
func (e *entry) logIn(ctx context.Context, id string, x *object.XML) (outcome, error) {
	e.exchange = nil
	e.login = Login{RequestID: id, Binding: e.binding, Local: e.local, Remote: e.remote, Secure: e.secure, Line: e.line,
		Version: clip(x.Attr("version")), KillOld: IsOn(x.Attr("killOld")), AnyAddress: IsOn(x.Attr("disableIPWatch"))}
	if urlID := x.Attr("sessionID"); urlID != "" {
		return e.resume(ctx, urlID, x.Attr("random"))
	}
	name, method := x.Attr("authData"), strings.ToUpper(x.Attr("method"))
	if name == "" {
		name = x.Attr("userName")
	}
	if method == "" && x.Attr("nonce") != "" {
		method = "CRAM-MD5"
	}
	switch {
	case method == "CRAM-MD5" && name != "":
		return e.cramAtOnce(ctx, name, x.Attr("nonce"))
	case method != "":
		return e.begin(ctx, method, x)
	case name == "":
		return outcome{}, Fail(NumMalformed, "a login needs authData and password, or a method")
	}
	return e.password(ctx, name, x.Attr("password"))
}

func (e *entry) resume(ctx context.Context, urlID, random string) (outcome, error) {
	a, err := e.newAttempt()
	if err != nil {
		return outcome{}, err
	}
	if err := a.count(urlID); err != nil { // who guesses urlID and random guesses a password
		return outcome{}, err
	}
	s, err := e.door.Resume(ctx, urlID, random, e.login)
	if err != nil {
		e.slowDown(ctx)
		return outcome{}, e.told("session not resumed", err)
	}
	a.right()
	return outcome{session: s}, nil
}

func (e *entry) newAttempt() (*attempt, error) {
	domain, err := e.target()
	return &attempt{porter: e.porter, domain: domain, from: e.remote.Addr()}, err
}

// password is a login with the password as it is.
func (e *entry) password(ctx context.Context, name, password string) (outcome, error) {
	if !e.mayClear() {
		return outcome{}, errClear
	}
	a, err := e.newAttempt()
	if err != nil {
		return outcome{}, err
	}
	e.attempt = a
	step, err := sasl.Check(ctx, a, name, password)
	return e.follow(ctx, step, err)
}

// cramAtOnce is CRAM-MD5 in one step, with a nonce that listFeatures gave.
func (e *entry) cramAtOnce(ctx context.Context, data, nonce64 string) (outcome, error) {
	response, err := decode(data)
	if err != nil {
		return outcome{}, err
	}
	nonce := e.nonce
	if nonce64 != "" {
		if nonce, err = decode(nonce64); err != nil {
			return outcome{}, err
		}
	}
	a, err := e.newAttempt()
	if err != nil {
		return outcome{}, err
	}
	e.attempt, e.login.Method = a, "CRAM-MD5"
	step, err := sasl.CRAM(ctx, a, e.nonces, nonce, response, e.now())
	return e.follow(ctx, step, err)
}

// begin begins an exchange; the first message of the client may come with it.
func (e *entry) begin(ctx context.Context, method string, x *object.XML) (outcome, error) {
	if sasl.Clear(method) && !e.mayClear() {
		return outcome{}, errClear
	}
	a, err := e.newAttempt()
	if err != nil {
		return outcome{}, err
	}
	exchange, ok := e.porter.sasl.Begin(method, a, e.now())
	if !ok {
		return outcome{}, Fail(NumCredentials, "the method %s is not known: use one of %s", clip(method), strings.Join(sasl.Methods, ", "))
	}
	var response []byte
	if value, has := x.Attribute("value", ""); has {
		if response, err = decode(value); err != nil {
			return outcome{}, err
		}
	}
	e.attempt, e.exchange, e.login.Method = a, exchange, method
	step, err := exchange.Next(ctx, response)
	return e.follow(ctx, step, err)
}

// auth is the next message of the client.
func (e *entry) auth(ctx context.Context, id string, x *object.XML) (outcome, error) {
	if e.exchange == nil {
		return outcome{}, Fail(NumState, "no login is under way")
	}
	response, err := decode(x.Attr("value"))
	if err != nil {
		return outcome{}, err
	}
	e.login.RequestID = id
	step, err := e.exchange.Next(ctx, response)
	return e.follow(ctx, step, err)
}

// decode reads base64; what is empty is a message without content.
func decode(text string) ([]byte, error) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, Fail(NumMalformed, "the value is not base64")
	}
	if b == nil {
		b = []byte{}
	}
	return b, nil
}

// follow does what a step of a login asks for.
func (e *entry) follow(ctx context.Context, step sasl.Step, err error) (outcome, error) {
	if err = e.attempt.judge(step, err); err != nil || step.Done {
		e.exchange = nil
	}
	if err != nil {
		e.slowDown(ctx)
		return outcome{}, err
	}
	if step.Challenge != nil {
		e.say(Write(Message("challenge", "id", e.login.RequestID, "value", base64.StdEncoding.EncodeToString(step.Challenge))))
	}
	if !step.Done {
		return outcome{}, nil
	}
	e.login.AOR = step.Who
	s, err := e.door.Open(ctx, e.login)
	if err != nil {
		return outcome{}, e.told("session not opened", err)
	}
	e.log.Info("login", slog.String("account", step.Who), slog.String("source", e.remote.Addr().String()),
		slog.String("binding", string(e.binding)))
	return outcome{session: s}, nil
}

// told is an error as the client is told it; what is our fault is logged.
func (e *entry) told(what string, err error) error {
	t := AsError(err)
	if t == ErrUnavailable && err != error(ErrUnavailable) {
		e.log.Error(what, slog.Any("err", err))
	}
	return t
}
