package peers

import (
	"testing"

	"tandem/test/lab"
)

// Phones over TLS that encrypt their audio with keys in SDP, one would rather, the other insists; and one that agrees on
// keys by DTLS.
var (
	baresipMay  = kind{"baresip over TLS with SRTP", "tls", false, withKeys(startBaresip, "srtp")}
	baresipMust = kind{"baresip over TLS with SRTP alone", "tls", false, withKeys(startBaresip, "srtp-mand")}
	baresipDTLS = kind{"baresip over TLS with DTLS-SRTP", "tls", false, withKeys(startBaresip, "dtls_srtp")}

	linphoneMust = kind{"linphone over TLS with SRTP alone", "tls", true, withKeys(startLinphone, "srtp")}
	linphoneDTLS = kind{"linphone over TLS with DTLS-SRTP", "tls", true, withKeys(startLinphone, "dtls")}

	baresipTLS  = kind{"baresip over TLS", "tls", false, startBaresip}
	linphoneTLS = kind{"linphone over TLS", "tls", true, startLinphone}
)

func withKeys(starts func(testing.TB, *lab.Member, seat) phone, keys string) func(testing.TB, *lab.Member, seat) phone {
	return func(t testing.TB, m *lab.Member, s seat) phone {
		s.keys = keys
		return starts(t, m, s)
	}
}

// TestSecretCall lets phones call each other that encrypt their audio, by themselves or with one that does not: they hear
// each other, before a hold and after it, and the records say of each leg whether it was encrypted.
func TestSecretCall(t *testing.T) {
	const encrypted, shaken = "SDES-SRTP", "DTLS-SRTP"
	for _, c := range []struct {
		name       string
		from, to   kind
		set        string
		encryption [2]string // of caller and called
	}{
		{"insisting calls plain", baresipMust, baresipUDP, "media.srtp=offered", [2]string{encrypted, ""}},
		{"plain calls willing", baresipTCP, baresipMay, "media.srtp=offered", [2]string{"", encrypted}},
		{"willing calls insisting", baresipMay, baresipMust, "media.srtp=required", [2]string{encrypted, encrypted}},
		{"shaking calls plain", baresipDTLS, baresipUDP, "media.srtp=offered", [2]string{shaken, ""}},
		{"shaking calls insisting", baresipDTLS, baresipMust, "media.srtp=required", [2]string{shaken, encrypted}},
		{"insisting linphone calls plain", linphoneMust, baresipUDP, "media.srtp=offered", [2]string{encrypted, ""}},
		{"plain calls insisting linphone", linphoneTCP, linphoneMust, "media.srtp=offered", [2]string{"", encrypted}},
		{"insisting linphone calls insisting", linphoneMust, baresipMust, "media.srtp=required", [2]string{encrypted, encrypted}},
		{"insisting calls insisting linphone", baresipMust, linphoneMust, "media.srtp=required", [2]string{encrypted, encrypted}},
		{"shaking linphone calls plain", linphoneDTLS, linphoneTLS, "media.srtp=offered", [2]string{shaken, ""}},
		{"TLS alone", baresipTLS, linphoneTLS, "media.srtp=offered", [2]string{"", ""}},
		{"TLS alone, the other way", linphoneTLS, baresipTLS, "media.srtp=offered", [2]string{"", ""}},
		{"willing calls plain where there is none", baresipMay, baresipUDP, "media.srtp=never", [2]string{"", ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := secretMember(t, c.set)
			a, b := start(t, m, c.from, seats[0]), start(t, m, c.to, seats[1])
			connect(a, b)
			hearEachOther(t, a, b)
			for i, leg := range encryptions(t, m) {
				if leg != c.encryption[i] {
					t.Errorf("leg %d is encrypted by %q, want %q", i, leg, c.encryption[i])
				}
			}
			b.Hold()
			b.Resume()
			a.Hangup()
			b.AwaitEnd()
			for _, r := range records(t, m, 2) {
				if r.Status != 200 || r.Media.Sent == 0 || r.Media.Received == 0 {
					t.Errorf("record %+v, want status 200 and packets both ways", r)
				}
			}
		})
	}
}

// secretMember starts a member with TLS and a setting.
func secretMember(t *testing.T, set string) *lab.Member {
	lab.Long(t)
	t.Parallel()
	cert, key := lab.Papers(t)
	return lab.Start(t, lab.Options{Set: []string{"sip.cert=" + cert, "sip.key=" + key, set}})
}

// encryptions says how the legs of the one call are encrypted, the caller's first.
func encryptions(t *testing.T, m *lab.Member) (out [2]string) {
	t.Helper()
	legs := m.Legs()
	if len(legs) != len(out) {
		t.Fatalf("%d legs", len(legs))
	}
	for _, l := range legs {
		i := 0
		if l.Direction == "out" {
			i = 1
		}
		out[i] = l.Encryption
	}
	return out
}
