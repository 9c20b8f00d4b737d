package phone

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tandem/signal"
	"tandem/ximss/object"
)

// FuzzDo lets a client ask anything while a call is up and another one rings: nothing crashes, and no operation is
// answered twice.
func FuzzDo(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txt")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if strings.HasPrefix(line, "<") && !strings.HasPrefix(line, "<-") {
				f.Add(strings.TrimSpace(line))
			}
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		x, err := object.ParseXML(text)
		if err != nil {
			return
		}
		s := busy(t)
		s.phone.Do(x, &answer{stage: s, id: "fuzz"}, s.now)
		s.Do("end")
	})
}

// busy is a stage with a call that is up and one that rings.
func busy(t *testing.T) *stage {
	s := newStage(t)
	for _, event := range []string{`<signalBind id="1" readIM="1" desc="sdp"/>`, "-> 200 REGISTER 101-1",
		`<callStart id="2" callLeg="a" peer="1001" desc="sdp"/>`, "-> 200 INVITE 101-2.1 tag=L1 sdp=sdp", "<- INVITE L2 id=q1 sdp=sdp"} {
		s.Do(event)
	}
	return s
}

// FuzzBodies brings bodies of all kinds, in a call and outside.
func FuzzBodies(f *testing.F) {
	for _, kind := range []string{plainType, composingType, queryType, relayType, "application/dtmf", transferredType} {
		for _, body := range []string{"Signal=5\r\nDuration=1", "5", "<isComposing><state>idle</state></isComposing>",
			`<iq type="get" iqid="1"><v/></iq>`, "1001@t.local", "\xff"} {
			f.Add(kind, []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		s := busy(t)
		s.phone.Request(&signal.Request{ID: "m", Method: signal.MESSAGE, ContentType: kind, Body: body}, s.now)
		to := signal.Party{}.WithTag("101-2")
		s.phone.Request(&signal.Request{ID: "i", Method: signal.INFO, CSeq: 9, CallID: "101-2@101.invalid", To: to,
			From: signal.Party{}.WithTag("L1"), ContentType: kind, Body: body}, s.now)
		s.effects() // written out: a text that can not be told is a fault
	})
}
