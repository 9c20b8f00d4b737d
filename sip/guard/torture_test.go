package guard

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"

	"tandem/signal"
	"tandem/sip/translate"
)

// outcome is what the guard does with a message: 0 lets it pass, -1 drops it, else the status.
type outcome int

const (
	pass outcome = 0
	drop outcome = -1
)

// torture are the messages of RFC 4475 and RFC 5118 (see ORIGIN.md beside them).
var torture = map[string]struct {
	want outcome
	why  string
}{
	"rfc4475/wsinv":      {pass, "legal white space everywhere; 481 for the unknown dialog is the server's"},
	"rfc4475/intmeth":    {405, "legal, but nobody knows the method"},
	"rfc4475/esc01":      {pass, "escapes stay as they are"},
	"rfc4475/escnull":    {pass, "%00 is no NUL"},
	"rfc4475/esc02":      {405, "an escaped name is another method"},
	"rfc4475/lwsdisp":    {pass, ""},
	"rfc4475/longreq":    {pass, "within the limits"},
	"rfc4475/dblreq":     {pass, "what follows the body is cut off"},
	"rfc4475/semiuri":    {pass, ""},
	"rfc4475/transports": {pass, "only our own transport must be one we know"},
	"rfc4475/mpart01":    {pass, ""},
	"rfc4475/unreason":   {pass, ""},
	"rfc4475/noreason":   {pass, ""},
	"rfc4475/badinv01":   {400, ""},
	"rfc4475/clerr":      {400, "on a stream the framer waits for the rest instead"},
	"rfc4475/ncl":        {400, ""},
	"rfc4475/scalar02":   {400, "the CSeq is enough; Expires alone would be the registrar's"},
	"rfc4475/scalarlg":   {drop, ""},
	"rfc4475/quotbal":    {400, ""},
	"rfc4475/ltgtruri":   {400, ""},
	"rfc4475/lwsruri":    {400, ""},
	"rfc4475/lwsstart":   {400, ""},
	"rfc4475/trws":       {400, ""},
	"rfc4475/escruri":    {400, ""},
	"rfc4475/baddate":    {pass, "the RFC allows to overlook a Date that nobody uses"},
	"rfc4475/regbadct":   {400, ""},
	"rfc4475/badaspec":   {400, ""},
	"rfc4475/baddn":      {400, "the names would be forgiven, but the file has no empty line at its end"},
	"rfc4475/badvers":    {505, ""},
	"rfc4475/mismatch01": {400, ""},
	"rfc4475/mismatch02": {400, "501 would be right too"},
	"rfc4475/bigcode":    {drop, ""},
	"rfc4475/badbranch":  {pass, "matching as in RFC 2543 is the transaction's work"},
	"rfc4475/insuf":      {400, ""},
	"rfc4475/unkscm":     {416, ""},
	"rfc4475/novelsc":    {416, ""},
	"rfc4475/unksm2":     {pass, "the schemes of To and Contact are the registrar's: 416 or 400 there"},
	"rfc4475/bext01":     {420, ""},
	"rfc4475/invut":      {415, ""},
	"rfc4475/regaut01":   {pass, "401 with our schemes is the server's, which knows the realm"},
	"rfc4475/multi01":    {400, ""},
	"rfc4475/mcl01":      {400, ""},
	"rfc4475/bcast":      {drop, "a response with two Vias is not for us"},
	"rfc4475/zeromf":     {pass, "OPTIONS ends here and needs no further hop"},
	"rfc4475/cparam01":   {pass, ""},
	"rfc4475/cparam02":   {pass, ""},
	"rfc4475/regescrt":   {pass, "keeping the header in the contact is the registrar's"},
	"rfc4475/sdp01":      {406, ""},
	"rfc4475/inv2543":    {pass, ""},
	"rfc4475/test":       {drop, "not in the RFC; no version, no Via: nobody to answer"},

	"rfc5118/4.1-ipv6-good":                   {pass, ""},
	"rfc5118/4.2-ipv6-bad":                    {400, ""},
	"rfc5118/4.3-port-ambiguous":              {pass, "5070 is part of the address"},
	"rfc5118/4.4-port-unambiguous":            {pass, ""},
	"rfc5118/4.5-via-received-no-delim":       {pass, ""},
	"rfc5118/4.5-via-received-with-delim":     {pass, "481 is the server's"},
	"rfc5118/4.6-ipv6-in-sdp":                 {pass, ""},
	"rfc5118/4.7-mult-via":                    {pass, ""},
	"rfc5118/4.8-mult-ip-in-sdp":              {pass, ""},
	"rfc5118/4.9-ipv4-mapped-ipv6":            {pass, ""},
	"rfc5118/4.10-ipv6-bug-abnf-3-colons":     {pass, "the RFC asks to be lenient"},
	"rfc5118/4.10-ipv6-correct-abnf-2-colons": {pass, ""},
}

func readCase(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name + ".dat")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// outcomeOf tells what the guard did, and that it kept its word about it.
func outcomeOf(t *testing.T, m sip.Message, f *Fault) outcome {
	t.Helper()
	switch {
	case (m == nil) == (f == nil):
		t.Fatalf("message %v and fault %v", m, f)
	case f == nil:
		return pass
	case f.Reply == nil:
		return drop
	}
	checkReply(t, f)
	return outcome(f.Status)
}

func TestTorture(t *testing.T) {
	paths, err := filepath.Glob("testdata/*/*.dat")
	if err != nil || len(paths) != len(torture) {
		t.Fatalf("%d files, %d rows, %v", len(paths), len(torture), err)
	}
	g := New(Limits{})
	for name, c := range torture {
		m, f := g.Parse(readCase(t, name))
		if got := outcomeOf(t, m, f); got != c.want {
			t.Errorf("%s: %d (%v), want %d (%s)", name, got, f, c.want, c.why)
		}
	}
}

func passed(t *testing.T, name string) (*sip.Request, *signal.Request) {
	t.Helper()
	m, f := New(Limits{}).Parse(readCase(t, name))
	if f != nil {
		t.Fatalf("%s: %v", name, f)
	}
	r, err := translate.Request(m.(*sip.Request), signal.Flow{})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return m.(*sip.Request), r
}

func TestTortureContent(t *testing.T) {
	m, r := passed(t, "rfc4475/wsinv")
	if r.From.Tag() != "98asjd8" || r.To.Tag() != "1918181833n" || r.From.Display != `J Rosenberg \"` ||
		r.To.URI.Host != "chair-dnrc.example.com" || r.MaxForwards != 68 || r.CSeq != 9 || len(r.Contacts) != 1 {
		t.Errorf("wsinv: %+v", r)
	}
	if tag, _ := m.To().Params.Get("tag"); tag != "1918181833n" {
		t.Errorf("wsinv: To %+v", m.To())
	}
	var vias []string
	for _, h := range m.GetHeaders("Via") {
		vias = append(vias, h.Value())
	}
	want := []string{"SIP/2.0/UDP 192.0.2.2;branch=390skdjuw", "SIP/2.0/TCP spindle.example.com;branch=z9hG4bK9ikj8",
		"SIP/2.0/UDP 192.168.255.111;branch=z9hG4bK30239"}
	if strings.Join(vias, "|") != strings.Join(want, "|") {
		t.Errorf("wsinv: Vias %q", vias)
	}
	if _, r = passed(t, "rfc4475/dblreq"); len(r.Body) != 0 {
		t.Errorf("dblreq: body %q", r.Body)
	}
	if _, r = passed(t, "rfc4475/escnull"); len(r.Contacts) != 2 || r.Contacts[0].URI.User == r.Contacts[1].URI.User {
		t.Errorf("escnull: %+v", r.Contacts)
	}
	if _, r = passed(t, "rfc4475/regescrt"); r.Contacts[0].URI.Headers != "Route=%3Csip:sip.example.com%3E" {
		t.Errorf("regescrt: %+v", r.Contacts)
	}
	if m, _ = passed(t, "rfc4475/mpart01"); len(m.Body()) != 3149 && !strings.Contains(string(m.Body()), "\x00") {
		t.Errorf("mpart01: body of %d octets", len(m.Body()))
	}
	if m, _ = passed(t, "rfc5118/4.7-mult-via"); m.Via().Host != "2001:db8::9:1" || m.Via().Port != 6050 {
		t.Errorf("4.7: %+v", m.Via())
	}
	if _, r = passed(t, "rfc4475/cparam01"); r.Contacts[0].Params[0].Name != "unknownparam" {
		t.Errorf("cparam01: %+v", r.Contacts)
	}
}
