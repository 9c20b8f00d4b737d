package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tandem/actors/form"
	"tandem/actors/pbx/task"
	"tandem/ximss/object"
)

// Limits of HTTPCall.
const (
	longestHTTP  = 30 * time.Second
	maxHTTPBody  = 1 << 20  // bytes, of a request and of a response
	maxHTTPField = 4096     // bytes of one header field
	maxHTTPHead  = 64 << 10 // bytes of a response's header
	maxRedirects = 5        // on one host
)

// httpServices is HTTPCall: programs ask other servers, those that the settings list.
func (s *Services) httpServices() []task.Service {
	client := &http.Client{Transport: s.transport, CheckRedirect: sameServer}
	return []task.Service{{Name: "HTTPCall", Run: func(ctx context.Context, c task.Caller, args []object.Value) object.Value {
		return s.httpCall(ctx, client, c, args)
	}}}
}

func newTransport() *http.Transport {
	return &http.Transport{Proxy: nil, MaxResponseHeaderBytes: maxHTTPHead, MaxIdleConnsPerHost: 4,
		IdleConnTimeout: longestHTTP, TLSHandshakeTimeout: longestHTTP, ForceAttemptHTTP2: true}
}

// sameServer follows a redirection to the server that was asked, and to nobody else: the program gets the
// others as they are.
func sameServer(r *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects || r.URL.Scheme != via[0].URL.Scheme || r.URL.Host != via[0].URL.Host {
		return http.ErrUseLastResponse
	}
	return nil
}

// httpCall is HTTPCall(URL, parameters): a dictionary with the response, or an error text (reference cgpl.md
// 2.14).
func (s *Services) httpCall(ctx context.Context, client *http.Client, c task.Caller, args []object.Value) object.Value {
	if _, err := s.current(c); err != nil {
		return failureText(task.ErrDenied)
	}
	p := argument(args, 1).Dictionary()
	ctx, cancel := context.WithTimeout(ctx, httpTime(p))
	defer cancel()
	r, err := httpRequest(ctx, argument(args, 0).Text(), p)
	if err != nil {
		return failureText(err)
	}
	if !listed(s.Ledger.Conf().Tasks.HTTPHosts, r.URL) {
		return failed("host %s is not among those that programs may call: tasks.http_hosts", object.Quote(r.URL.Host))
	}
	response, err := client.Do(r)
	if err != nil {
		return failureText(httpFailure(err))
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxHTTPBody+1))
	switch {
	case err != nil:
		return failureText(httpFailure(err))
	case len(body) > maxHTTPBody:
		return failed("the response is longer than %d bytes", maxHTTPBody)
	}
	return httpResult(response, body)
}

// httpFailure is what a failed call tells a program: why, without the URL, which may hold secrets.
func httpFailure(err error) error {
	var outer *url.Error
	var network net.Error
	switch {
	case errors.As(err, &network) && network.Timeout():
		return errors.New("the server did not answer in time")
	case errors.As(err, &outer):
		return fmt.Errorf("the call failed: %w", outer.Err)
	}
	return fmt.Errorf("the call failed: %w", err)
}

// httpTime is how long a call may take: what the parameters say, 30 seconds at most.
func httpTime(p *object.Dictionary) time.Duration {
	n, ok := p.GetFold("timeout").Int()
	if !ok {
		n, ok = object.ParseNumber(p.GetFold("timeout").Text())
	}
	if !ok || n <= 0 || n > int64(longestHTTP/time.Second) {
		return longestHTTP
	}
	return time.Duration(n) * time.Second
}

// listed tells whether a URL's host is listed: with the port where the list has one, else at the usual one.
func listed(hosts []string, u *url.URL) bool {
	port := u.Port()
	usual := map[string]string{"http": "80", "https": "443"}[u.Scheme]
	if port == "" {
		port = usual
	}
	return slices.ContainsFunc(hosts, func(entry string) bool {
		host, wanted, err := net.SplitHostPort(entry)
		if err != nil {
			host, wanted = strings.Trim(entry, "[]"), usual
		}
		return strings.EqualFold(host, u.Hostname()) && port == wanted
	})
}

// Failures of a call's parameters.
const (
	errURL       task.ErrorText = "the URL is not one of http or https"
	errHTTPField task.ErrorText = "a header field has a wrong name or value"
	errHTTPBody  task.ErrorText = "the body is too long"
)

// httpMethods are those that a call may have.
var httpMethods = []string{"GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"}

// httpRequest makes the request of a call.
func httpRequest(ctx context.Context, text string, p *object.Dictionary) (*http.Request, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return nil, errURL
	}
	if more := p.GetFold("urlParams").Dictionary(); more.Len() > 0 {
		query := u.Query()
		for i := range more.Len() {
			key, _ := more.Key(i)
			query.Set(key, object.ScalarText(more.At(i)))
		}
		u.RawQuery = query.Encode()
	}
	body, kind := httpBody(p)
	if len(body) > maxHTTPBody {
		return nil, errHTTPBody
	}
	method := strings.ToUpper(p.GetFold("method").Text())
	switch {
	case method == "" && body == "":
		method = http.MethodGet
	case method == "":
		method = http.MethodPost
	case !slices.Contains(httpMethods, method):
		return nil, task.ErrParameter
	}
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(ctx, method, u.String(), content)
	if err != nil {
		return nil, errURL
	}
	if body != "" {
		r.Header.Set("Content-Type", kind)
	}
	return r, httpFields(r, p)
}

// httpBody is the body of a request and its type.
func httpBody(p *object.Dictionary) (body, kind string) {
	v := p.GetFold("body")
	kind = p.GetFold("Content-Type").Text()
	if sub := p.GetFold("Content-Subtype").Text(); kind != "" && sub != "" {
		kind += "/" + sub
	}
	usual := "text/plain"
	if b, ok := v.Bytes(); ok {
		body, usual = string(b), "application/octet-stream"
	} else if x := v.XML(); x != nil {
		if text, err := x.Markup(); err == nil {
			body, usual = text, "text/xml"
		}
	} else {
		body = object.ScalarText(v)
	}
	if kind == "" {
		kind = usual
	}
	return body, kind
}

// ours are the fields that a program must not set: they say where a message ends and who is asked.
var ours = []string{"Host", "Content-Length", "Transfer-Encoding", "Connection", "Upgrade", "Trailer", "Te",
	"Proxy-Authorization", "Proxy-Connection", "Keep-Alive"}

// httpFields adds the fields of the header that the parameters name. No text may end a field and begin
// another one.
func httpFields(r *http.Request, p *object.Dictionary) error {
	more := p.GetFold("supplFields").Dictionary()
	for i := range more.Len() {
		name, _ := more.Key(i)
		if !fieldName(name) || slices.Contains(ours, http.CanonicalHeaderKey(name)) {
			return errHTTPField
		}
		values := []object.Value{more.At(i)}
		if a := more.At(i).Array(); a != nil {
			values = a.Items()
		}
		for _, v := range values {
			r.Header.Add(name, object.ScalarText(v))
		}
	}
	if user, password, ok := httpLogin(p.GetFold("AuthData")); ok {
		r.SetBasicAuth(user, password)
	}
	for _, values := range r.Header {
		for _, v := range values {
			if len(v) > maxHTTPField || strings.ContainsFunc(v, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
				return errHTTPField
			}
		}
	}
	return nil
}

// httpLogin reads AuthData: "user:password", an array of both, or a dictionary of Username and Password.
func httpLogin(v object.Value) (user, password string, ok bool) {
	if a := v.Array(); a.Len() == 2 {
		return a.At(0).Text(), a.At(1).Text(), true
	}
	if d := v.Dictionary(); d != nil {
		return d.GetFold("Username").Text(), d.GetFold("Password").Text(), true
	}
	return strings.Cut(v.Text(), ":")
}

// fieldName tells whether a text is a token (RFC 9110 section 5.6.2).
func fieldName(s string) bool {
	return s != "" && len(s) <= 100 && !strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("!#$%&'*+-.^_`|~", c)
	})
}

// httpResult is the response as programs get it.
func httpResult(r *http.Response, body []byte) object.Value {
	d := object.NewFolded()
	d.Set("responseCode", object.Number(int64(r.StatusCode)))
	_, reason, _ := strings.Cut(r.Status, " ")
	d.Set("responseText", object.String(reason))
	kind, _, _ := strings.Cut(strings.ToLower(r.Header.Get("Content-Type")), ";")
	kind = strings.TrimSpace(kind)
	v := object.Data(body)
	if strings.HasPrefix(kind, "text/") {
		v = object.String(string(body))
	}
	if kind == "text/xml" {
		if x, err := object.ParseXML(string(body)); err == nil {
			v = x.Value()
		}
	}
	if len(body) > 0 {
		d.Set("body", v)
	}
	fields := object.NewFolded()
	for name, values := range r.Header {
		if len(values) == 1 {
			fields.Set(name, object.String(values[0]))
		} else {
			fields.Set(name, form.List(values))
		}
	}
	d.Set("supplFields", fields.Value())
	return d.Value()
}
