package task

import (
	"strconv"
	"strings"

	"tandem/actors/pbx/cgpl"
	"tandem/signal"
	"tandem/ximss/object"
	"tandem/ximss/sdp"
)

// pendingField reads one field of the pending request (cgpl.md 3.7).
type pendingField func(r *signal.Request) object.Value

// pendingFields are the fields of PendingRequestData by their lower-case names.
var pendingFields = map[string]pendingField{
	"call-id":       func(r *signal.Request) object.Value { return word(r.CallID) },
	"user-agent":    func(r *signal.Request) object.Value { return word(r.Origin.Agent) },
	"reason":        header("Reason"),
	"p-cgp-private": header("P-CGP-Private"),
	"p-cgp-local":   header("P-CGP-Local"),

	"cseq":         func(r *signal.Request) object.Value { return object.Number(int64(r.CSeq)) },
	"max-forwards": func(r *signal.Request) object.Value { return object.Number(int64(r.MaxForwards)) },

	"from":        func(r *signal.Request) object.Value { return partyValue(r.From) },
	"to":          func(r *signal.Request) object.Value { return partyValue(r.To) },
	"referred-by": partyHeader("Referred-By"),

	"remote-party-id":           partyHeaders("Remote-Party-ID"),
	"history-info":              partyHeaders("History-Info"),
	"foreign-asserted-identity": partyHeaders("P-Asserted-Identity"),

	"route":         headers("Route", ','),
	"record-route":  func(r *signal.Request) object.Value { return words(r.Routes) },
	"diversion":     headers("Diversion", ','),
	"via":           headers("Via", ','),
	"path":          headers("Path", ','),
	"supported":     headers("Supported", ','),
	"require":       headers("Require", ','),
	"proxy-require": headers("Proxy-Require", ','),
	"privacy":       headers("Privacy", ';'),
	"allow":         headers("Allow", ','),
	"allow-events":  headers("Allow-Events", ','),

	"accept": acceptField,
	"xmlsdp": sdpField,
}

func fnPendingRequestData(t *Task, c *cgpl.Call) (object.Value, error) {
	read := pendingFields[strings.ToLower(c.Arg(0).Text())]
	if read == nil || !t.pending() || t.party.request == nil {
		return object.Null, nil
	}
	return read(t.party.request), nil
}

// fnPendingRequestExData reads a header that the platform does not know: a string, an array when it is there
// several times.
func fnPendingRequestExData(t *Task, c *cgpl.Call) (object.Value, error) {
	name := c.Arg(0).Text()
	if name == "" || !t.pending() || t.party.request == nil {
		return object.Null, nil
	}
	list := object.NewArray()
	for _, h := range t.party.request.Headers {
		if strings.EqualFold(h.Name, name) {
			list.Append(object.String(h.Value))
		}
	}
	switch list.Len() {
	case 0:
		return object.Null, nil
	case 1:
		return list.At(0), nil
	}
	return list.Value(), nil
}

// word is a string, or null where it is empty.
func word(s string) object.Value {
	if s == "" {
		return object.Null
	}
	return object.String(s)
}

func words(list []string) object.Value {
	if len(list) == 0 {
		return object.Null
	}
	a := object.NewArray()
	for _, s := range list {
		a.Append(object.String(s))
	}
	return a.Value()
}

func header(name string) pendingField {
	return func(r *signal.Request) object.Value { return word(r.Headers.Get(name)) }
}

// headers is a field with a list of values, in one header or in several.
func headers(name string, separator byte) pendingField {
	return func(r *signal.Request) object.Value {
		var list []string
		for _, h := range r.Headers {
			if strings.EqualFold(h.Name, name) {
				list = append(list, split(h.Value, separator)...)
			}
		}
		return words(list)
	}
}

// split parts a list of values; a separator inside quotes or angle brackets is none.
func split(s string, separator byte) []string {
	var out []string
	quoted, angle, from := false, 0, 0
	add := func(part string) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		case quoted:
		case s[i] == '<':
			angle++
		case s[i] == '>':
			angle--
		case s[i] == separator && angle <= 0:
			add(s[from:i])
			from = i + 1
		}
	}
	if from < len(s) {
		add(s[from:])
	}
	return out
}

func partyHeader(name string) pendingField {
	return func(r *signal.Request) object.Value {
		p, err := signal.ParseParty(r.Headers.Get(name))
		if err != nil {
			return object.Null
		}
		return partyValue(p)
	}
}

func partyHeaders(name string) pendingField {
	list := headers(name, ',')
	return func(r *signal.Request) object.Value {
		a := object.NewArray()
		for _, v := range list(r).Array().Items() {
			if p, err := signal.ParseParty(v.Text()); err == nil {
				a.Append(partyValue(p))
			}
		}
		if a.Len() == 0 {
			return object.Null
		}
		return a.Value()
	}
}

// partyValue is an address as programs see it: "" is user@domain, names with @ are its parts, all others its
// URI parameters.
func partyValue(p signal.Party) object.Value {
	d, u := object.NewFolded(), p.URI
	if u.Host == "" {
		d.Set("", object.String(u.User))
	} else {
		d.Set("", object.String(u.User+"@"+u.Host))
	}
	d.Set("@realName", word(p.Display))
	if u.Scheme != "sip" {
		d.Set("@schema", word(u.Scheme))
	}
	if u.Port != 0 {
		d.Set("@port", object.Number(int64(u.Port)))
	}
	d.Set("@tag", word(p.Tag()))
	fields := object.NewFolded()
	for _, q := range p.Params {
		if !strings.EqualFold(q.Name, "tag") {
			fields.Set(q.Name, object.String(q.Value))
		}
	}
	if fields.Len() > 0 {
		d.Set("@field-params", fields.Value())
	}
	if u.Headers != "" {
		d.Set("@headers", uriHeaders(u.Headers))
	}
	for _, q := range u.Params {
		if q.Name != "" && q.Name[0] != '@' {
			d.Set(q.Name, object.String(q.Value))
		}
	}
	return d.Value()
}

// uriHeaders are what stands behind the '?' of a URI.
func uriHeaders(s string) object.Value {
	d := object.NewFolded()
	for part := range strings.SplitSeq(s, "&") {
		name, value, _ := strings.Cut(part, "=")
		d.Set(name, object.String(value))
	}
	return d.Value()
}

// acceptField has each type as an array of type and subtype.
func acceptField(r *signal.Request) object.Value {
	list := headers("Accept", ',')(r).Array()
	if list == nil {
		return object.Null
	}
	out := object.NewArray()
	for _, v := range list.Items() {
		kind, _, _ := strings.Cut(v.Text(), ";")
		main, sub, _ := strings.Cut(strings.TrimSpace(kind), "/")
		out.Append(object.NewArray(object.String(main), object.String(sub)).Value())
	}
	return out.Value()
}

// sdpField is the SDP offer in its XML form.
func sdpField(r *signal.Request) object.Value {
	if len(r.Body) == 0 {
		return object.Null
	}
	x, err := sdp.ToXML(string(r.Body))
	if err != nil {
		return object.Null
	}
	return x.Value()
}

// number is a decimal text, for what programs give as either.
func decimal(v object.Value) (int64, bool) {
	if n, ok := v.Int(); ok {
		return n, true
	}
	n, err := strconv.ParseInt(strings.TrimSpace(v.Text()), 10, 64)
	return n, err == nil
}
