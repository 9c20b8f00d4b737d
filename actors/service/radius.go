package service

import (
	"context"
	"encoding/binary"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tandem/actors/pbx/radius"
	"tandem/actors/pbx/task"
	"tandem/ximss/object"
)

// Limits of RADIUSCall (reference cgpl.md 2.10).
const (
	maxRADIUSTries  = 20
	maxRADIUSWait   = 30 // seconds for each try
	usualTries      = 3
	usualRADIUSWait = 5
	maxAttributes   = 100
)

// radiusTypes are the calls there are: code, usual port, Acct-Status-Type (RFC 2866 section 5.1).
var radiusTypes = map[string]struct {
	code   byte
	port   uint16
	status uint32
}{
	"authenticate":     {radius.AccessRequest, 1812, 0},
	"accountingstart":  {radius.AccountingRequest, 1813, 1},
	"accountingstop":   {radius.AccountingRequest, 1813, 2},
	"accountingupdate": {radius.AccountingRequest, 1813, 3},
}

// radiusCall is RADIUSCall(ip, {Type; Secret; Username; Password; "nn"; "-vendor"; Retries; Timeout}): the
// attributes of the answer, or an error text, which is what the server says where it refuses.
func (s *Services) radiusCall(ctx context.Context, c task.Caller, args []object.Value) object.Value {
	if _, err := s.current(c); err != nil {
		return failureText(task.ErrDenied)
	}
	p := argument(args, 1).Dictionary()
	kind, known := radiusTypes[strings.ToLower(p.GetFold("Type").Text())]
	address, port, ok := argument(args, 0).AddrPort()
	if !ok {
		address, port, ok = object.ParseAddress(argument(args, 0).Text())
	}
	secret := p.GetFold("Secret").Text()
	if !known || !ok || secret == "" {
		return failureText(task.ErrParameter)
	}
	if port == 0 {
		port = kind.port
	}
	server := netip.AddrPortFrom(address.Unmap(), port)
	if !radiusListed(s.Ledger.Conf().Tasks.RADIUSHosts, server, kind.port) {
		return failed("server %s is not among those that programs may ask: tasks.radius_hosts", server)
	}
	attributes, ok := radiusAttributes(p, kind.status)
	if !ok {
		return failureText(task.ErrParameter)
	}
	tries := int(bounded(p.GetFold("Retries"), usualTries, 1, maxRADIUSTries))
	wait := time.Duration(bounded(p.GetFold("Timeout"), usualRADIUSWait, 1, maxRADIUSWait)) * time.Second
	answer, err := radius.Exchange(ctx, server, secret, &radius.Packet{Code: kind.code, Attributes: attributes}, tries, wait)
	switch {
	case err != nil:
		return failureText(err)
	case answer.Code == radius.AccessReject:
		return object.String(rejection(answer))
	case answer.Code != radius.AccessAccept && answer.Code != radius.AccountingResponse:
		return failed("the RADIUS server answers with code %d", answer.Code)
	}
	return radiusResult(answer)
}

// radiusListed tells whether a server is listed: an address, with its port where that is not the usual one.
func radiusListed(hosts []string, server netip.AddrPort, usual uint16) bool {
	return slices.ContainsFunc(hosts, func(entry string) bool {
		address, port, ok := object.ParseAddress(entry)
		if port == 0 {
			port = usual
		}
		return ok && netip.AddrPortFrom(address.Unmap(), port) == server
	})
}

// bounded is a number of the parameters within its limits.
func bounded(v object.Value, usual, least, most int64) int64 {
	n, ok := v.Int()
	if !ok {
		n, ok = object.ParseNumber(v.Text())
	}
	if !ok {
		return usual
	}
	return min(max(n, least), most)
}

// radiusAttributes are those that the parameters name.
func radiusAttributes(p *object.Dictionary, status uint32) (out []radius.Attribute, ok bool) {
	if name := p.GetFold("Username").Text(); name != "" {
		out = append(out, radius.Attribute{Type: radius.UserName, Value: []byte(name)})
	}
	if status != 0 {
		out = append(out, radius.Attribute{Type: radius.AcctStatusType, Value: binary.BigEndian.AppendUint32(nil, status)})
	} else if password := p.GetFold("Password"); !password.IsNull() {
		out = append(out, radius.Attribute{Type: radius.UserPassword, Value: []byte(password.Text())})
	}
	for i := range p.Len() {
		key, _ := p.Key(i)
		number, err := strconv.ParseInt(key, 10, 64)
		switch {
		case err != nil: // it is none of the attributes
		case number < 0 && number >= -0xFFFFFF:
			own := p.At(i).Dictionary()
			for j := range own.Len() {
				name, _ := own.Key(j)
				kind, err := strconv.ParseUint(name, 10, 8)
				if err != nil || kind == 0 {
					return nil, false
				}
				if out, ok = radiusValues(out, uint32(-number), byte(kind), own.At(j)); !ok {
					return nil, false
				}
			}
		case number > 0 && number < 256:
			if out, ok = radiusValues(out, 0, byte(number), p.At(i)); !ok {
				return nil, false
			}
		default:
			return nil, false
		}
	}
	return out, len(out) <= maxAttributes
}

// radiusValues adds the values of one attribute: an array is many of them.
func radiusValues(out []radius.Attribute, vendor uint32, kind byte, v object.Value) ([]radius.Attribute, bool) {
	values := []object.Value{v}
	if a := v.Array(); a != nil {
		values = a.Items()
	}
	for _, one := range values {
		value := []byte(one.Text())
		if n, ok := one.Int(); ok {
			value = binary.BigEndian.AppendUint32(nil, uint32(n))
		} else if seconds, ok := one.Seconds(); ok {
			value = binary.BigEndian.AppendUint32(nil, uint32(seconds))
		} else if a, _, ok := one.AddrPort(); ok {
			value = a.Unmap().AsSlice()
		} else if b, ok := one.Bytes(); ok {
			value = b
		} else if _, ok := one.Str(); !ok {
			return out, false
		}
		out = append(out, radius.Attribute{Vendor: vendor, Type: kind, Value: value})
	}
	return out, len(out) <= maxAttributes
}

// rejection is what a server says that refuses.
func rejection(p *radius.Packet) string {
	for _, a := range p.Attributes {
		if a.Vendor == 0 && a.Type == radius.ReplyMessage && len(a.Value) > 0 {
			return strings.ToValidUTF8(string(a.Value), "?")
		}
	}
	return "rejected by the RADIUS server"
}

// Attributes whose values are numbers, and IPv4 addresses (RFC 2865 section 5, RFC 2866 section 5, RFC 2869
// section 5). Others are texts where they read as such.
var (
	radiusNumbers   = []byte{5, 6, 7, 10, 12, 13, 15, 16, 23, 27, 28, 29, 37, 38, 40, 41, 42, 43, 45, 46, 47, 48, 49, 51, 52, 53, 55, 61, 62, 85}
	radiusAddresses = []byte{4, 8, 9, 14}
)

// radiusResult are the attributes of an answer by their numbers, those of vendors in dictionaries under
// "-vendor"; what comes many times is an array.
func radiusResult(p *radius.Packet) object.Value {
	all := object.NewFolded()
	for _, a := range p.Attributes {
		into, v := all, radiusValue(a)
		if a.Vendor != 0 {
			key := "-" + strconv.FormatUint(uint64(a.Vendor), 10)
			if all.Get(key).IsNull() {
				all.Set(key, object.NewFolded().Value())
			}
			into = all.Get(key).Dictionary()
		}
		key := strconv.Itoa(int(a.Type))
		switch before := into.Get(key); {
		case before.IsNull():
			into.Set(key, v)
		case before.Array() != nil:
			before.Array().Append(v)
		default:
			into.Set(key, object.NewArray(before, v).Value())
		}
	}
	return all.Value()
}

func radiusValue(a radius.Attribute) object.Value {
	standard := a.Vendor == 0 && len(a.Value) == 4
	switch {
	case standard && slices.Contains(radiusNumbers, a.Type):
		return object.Number(int64(binary.BigEndian.Uint32(a.Value)))
	case standard && slices.Contains(radiusAddresses, a.Type):
		return object.Address(netip.AddrFrom4([4]byte(a.Value)), 0)
	case utf8.Valid(a.Value) && !strings.ContainsFunc(string(a.Value), func(c rune) bool { return c < ' ' && c != '\t' && c != '\n' && c != '\r' }):
		return object.String(string(a.Value))
	}
	return object.Data(a.Value)
}
