package account

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/signal"
	"tandem/sip/registrar"
)

var full = &Record{AOR: "1000@t.local", Display: "Alice \"A\" Ü", Disabled: true, Recorded: true, Roles: []string{Agent, Supervisor},
	Aliases: []signal.AOR{"alice@t.local"}, SRTP: "required", MaxContacts: 3, MD5: "m", SHA256: "s", Web: "w", Sealed: "p",
	Created: time.Unix(1, 0).UTC(), Rights: []string{"Monitor"}, Settings: "{a=b;}", Preferences: "{c=d;}",
	Forward: Forward{All: "a@t.local", Busy: "b@t.local", NoAnswer: "n@t.local", NoAnswerAfter: 20 * time.Second, Failure: "f@t.local"},
	Telnums: []string{"+49 89 1234"}, Voicemail: Voicemail{On: true, After: 30 * time.Second, OnBusy: true, OnError: true},
	SignalRules: []signal.Rule{{Number: signal.NewNumber(signal.Busy, 7), Name: "r",
		Conditions: []signal.Condition{{Subject: "From", Operator: "is", Value: "*@t.local"}},
		Actions:    []signal.Action{{Verb: signal.RejectWith, Value: "486"}}}}}

// Every field of a record must survive the store: one that is forgotten here would be lost there.
func TestRecordSurvivesTheStore(t *testing.T) {
	for v, i := reflect.ValueOf(full).Elem(), 0; i < v.NumField(); i++ {
		if name := v.Type().Field(i).Name; v.Field(i).IsZero() {
			t.Errorf("the test's record has no %s", name)
		}
	}
	back, err := Decode(full.Encode())
	if err != nil || !reflect.DeepEqual(back, full) {
		t.Errorf("%+v came back as %+v, %v", full, back, err)
	}
	account := full.signal()
	var rules []string
	for _, r := range account.Rules {
		rules = append(rules, fmt.Sprint(r.Stage(), " ", r.Priority(), " ", r.Actions))
	}
	want := "immediate 5 [{Redirect To a@t.local}], busy 5 [{Redirect To b@t.local}], " +
		"after 20s 5 [{Redirect To n@t.local}], no-answer 5 [{Redirect To n@t.local}], failure 5 [{Redirect To f@t.local}], " +
		"after 30s 4 [{Redirect To #voicemail}], no-answer 4 [{Redirect To #voicemail}], busy 4 [{Redirect To #voicemail}], " +
		"failure 4 [{Redirect To #voicemail}], busy 7 [{Reject with 486}]"
	if got := strings.Join(rules, ", "); got != want || !account.Disabled {
		t.Errorf("routing sees %+v with the rules\n%s", account, got)
	}
	if text := string((&Record{AOR: "a@b"}).Encode()); text != `{"AOR":"a@b"}` {
		t.Errorf("an empty record is %s", text)
	}
}

func TestBindingsSurviveTheStore(t *testing.T) {
	in := Bindings{Position: 7, Epoch: 3, Author: "administrator", Bindings: []registrar.Binding{binding("desk", epoch)}}
	out, err := DecodeBindings(in.Encode())
	if err != nil || !reflect.DeepEqual(in, out) {
		t.Errorf("%+v came back as %+v, %v", in, out, err)
	}
	var until msg.AccountHead // as statistics read it
	if err := (proto.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(in.Encode(), &until); err != nil ||
		until.Until != in.Bindings[0].Expires.UnixMilli() || until.Epoch != in.Epoch {
		t.Errorf("they last until %v, %v", &until, err)
	}
	if out, err = DecodeBindings(in.encodeJSON()); err != nil || !reflect.DeepEqual(in, out) {
		t.Errorf("as the first releases wrote them %+v came back as %+v, %v", in, out, err)
	}
	odd := in
	odd.Bindings = []registrar.Binding{{Agent: "phone \xff", Expires: epoch}}
	if out, err = DecodeBindings(odd.Encode()); err != nil || out.Bindings[0].Agent != "phone \ufffd" {
		t.Errorf("what is no UTF-8 came back as %+v, %v", out, err)
	}
	none, err := DecodeBindings(Bindings{}.Encode())
	if err != nil || len(none.Bindings) != 0 {
		t.Errorf("none came back as %+v, %v", none, err)
	}
}

// hostile is what a store might hold that somebody else has written to.
var hostile = []string{"", " ", "null", "[]", "{}", "0", `"a@b"`, `{"AOR":""}`, `{"AOR":7}`, `{"AOR":"a@b"`, `{"AOR":"a@b"}}`,
	`{"AOR":"a@b","MaxContacts":"many"}`, `{"AOR":"a@b","MaxContacts":1e400}`, `{"AOR":"a@b","Forward":[]}`,
	`{"AOR":"a@b","Roles":{"administrator":true}}`, `{"AOR":["a@b"]}`, "\x00\xff", strings.Repeat("[", 100000),
	`{"AOR":` + strings.Repeat(`{"AOR":`, 10000), `{"Bindings":7}`, `{"Bindings":[7]}`, `{"Bindings":[{"Flow":{"Remote":"nowhere"}}]}`,
	`{"Bindings":[{"Expires":"tomorrow"}]}`, `{"Position":-1}`}

func TestHostileRecords(t *testing.T) {
	for _, text := range hostile {
		if r, err := Decode([]byte(text)); !errors.Is(err, ErrRecord) || r != nil {
			t.Errorf("%.60s: %v, %v", text, r, err)
		}
	}
	for _, text := range hostile {
		b, err := DecodeBindings([]byte(text))
		if empty := len(b.Bindings) == 0 && b.Position == 0; !empty {
			t.Errorf("%.60s: %+v", text, b)
		}
		if err != nil && !strings.HasPrefix(err.Error(), "account: ") {
			t.Errorf("%.60s: %v", text, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(full.Encode())
	f.Add(Bindings{Position: 1, Bindings: []registrar.Binding{binding("desk", epoch)}}.Encode())
	for _, text := range hostile {
		if len(text) < 1000 {
			f.Add([]byte(text))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := Decode(b); err == nil {
			again, err := Decode(r.Encode())
			if err != nil || !reflect.DeepEqual(again.Encode(), r.Encode()) {
				t.Errorf("%s does not come back: %v", r.Encode(), err)
			}
		}
		if r, err := DecodeBindings(b); err == nil {
			if _, err := DecodeBindings(r.Encode()); err != nil {
				t.Errorf("%s does not come back: %v", b, err)
			}
		}
	})
}

func TestWebPasswords(t *testing.T) {
	stored := HashWeb("secret")
	if !CheckWeb(stored, "secret") || CheckWeb(stored, "secret ") {
		t.Error("the password is not told from another")
	}
	if HashWeb("secret") == stored {
		t.Error("two hashes of a password are the same: no salt")
	}
	if strings.Contains(stored, "secret") {
		t.Error("the hash shows the password")
	}
	salt, key, _ := strings.Cut(stored, "$")
	for _, bad := range []string{"", "$", "a", salt, salt + "$", "$" + key, salt + "$" + key[:10], "!" + stored, stored + "$"} {
		if CheckWeb(bad, "secret") {
			t.Errorf("%q opens", bad)
		}
	}
}

func TestPreferenceTexts(t *testing.T) {
	for text, want := range map[string]string{
		"": "map[]", "{": "map[]", "(a)": "map[]", `{Language=german;Menu={a=b;};Age=#5;"a b"="c d";}`: "map[Language:german a b:c d]",
	} {
		if got := fmt.Sprint((&Record{Preferences: text}).PreferenceTexts()); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
