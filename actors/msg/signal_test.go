package msg

import (
	"net/netip"
	"reflect"
	"testing"

	"google.golang.org/protobuf/proto"

	"tandem/signal"
)

// A request and a response must come out of the wire form as they went in, field by field: a field
// that is added to package signal and forgotten here makes this test fail.
func TestConversionLosesNothing(t *testing.T) {
	var q signal.Request
	fill(reflect.ValueOf(&q).Elem())
	var wire Request
	transmit(t, FromRequest(&q), &wire)
	if got := wire.Signal(); !reflect.DeepEqual(got, &q) {
		t.Errorf("request: got %+v, want %+v", got, &q)
	}
	var r signal.Response
	fill(reflect.ValueOf(&r).Elem())
	r.Origin = signal.Origin{Flow: r.Origin.Flow} // a response proves no account
	var wireR Response
	transmit(t, FromResponse(&r), &wireR)
	if got := wireR.Signal(); !reflect.DeepEqual(got, &r) {
		t.Errorf("response: got %+v, want %+v", got, &r)
	}
}

func TestNilAndHostileMessages(t *testing.T) {
	if got := (&Request{}).Signal(); got.URI.Host != "" || !got.Origin.Flow.IsZero() {
		t.Errorf("empty message became %+v", got)
	}
	bad := &Flow{Transport: "UDP", Remote: []byte{1, 2, 3}}
	if bad.Signal().Remote.IsValid() {
		t.Error("three bytes became an address")
	}
}

func transmit(t *testing.T, from, to proto.Message) {
	t.Helper()
	b, err := proto.Marshal(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := proto.Unmarshal(b, to); err != nil {
		t.Fatal(err)
	}
}

// fill sets every field of v to something that is not its zero value.
func fill(v reflect.Value) {
	if v.Type() == reflect.TypeFor[netip.AddrPort]() {
		v.Set(reflect.ValueOf(netip.MustParseAddrPort("127.0.0.1:5060")))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i))
		}
	case reflect.String:
		v.SetString("text-" + v.Type().Name())
	case reflect.Int, reflect.Int64:
		v.SetInt(17)
	case reflect.Uint8, reflect.Uint32, reflect.Uint64:
		v.SetUint(23)
	case reflect.Bool:
		v.SetBool(true)
	default:
		panic("fill does not know " + v.Type().String())
	}
}
