package sdp

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tandem/ximss/object"
)

// Each file has a description, its form (with line breaks for the reader), and what comes back.
func TestGolden(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txt")
	if len(files) == 0 {
		t.Fatal("no testdata")
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.Split(string(b), "----\n")
		x, err := ToXML(parts[0])
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		form, err := x.Markup()
		if want := strings.ReplaceAll(parts[1], "\n", ""); err != nil || form != want {
			t.Errorf("%s:\n%s\nwant\n%s", file, form, want)
		}
		text, err := Text(x)
		if text = strings.ReplaceAll(text, "\r\n", "\n"); err != nil || text != parts[2] {
			t.Errorf("%s: %v\n%s", file, err, text)
		}
		again, err := ToXML(text)
		if err != nil || !object.Equal(x.Value(), again.Value()) {
			t.Errorf("%s: the second form differs, %v", file, err)
		}
	}
}

// What a client may write: the example of the reference, with an attr after the media, and the least.
func TestFromClient(t *testing.T) {
	for form, want := range map[string]string{
		`<sdp/>`: "v=0|o=- 0 0 IN IP4 0.0.0.0|s=-|t=0 0|",
		`<sdp ip="[::1]" origUser="u"><media media="audio" protocol="RTP/AVP" ip="[::1]:4000">` +
			`<codec id="0" name="PCMU/8000"/></media><attr name="webrtc">yes</attr></sdp>`: //
		"v=0|o=u 0 0 IN IP6 ::1|s=-|c=IN IP6 ::1|t=0 0|a=webrtc:yes|m=audio 4000 RTP/AVP 0|a=rtpmap:0 PCMU/8000|",
		`<sdp ip="[192.0.2.7]"><media media="audio" protocol="RTP/AVP" ip="[0.0.0.0]:0" direction="inactive">` +
			`<codec id="0"/></media></sdp>`: "v=0|o=- 0 0 IN IP4 192.0.2.7|s=-|c=IN IP4 192.0.2.7|t=0 0|" +
			"m=audio 0 RTP/AVP 0|c=IN IP4 0.0.0.0|a=inactive|",
	} {
		x, err := object.ParseXML(form)
		if err != nil {
			t.Fatal(err)
		}
		text, err := Text(x)
		if got := strings.ReplaceAll(text, "\r\n", "|"); err != nil || got != want {
			t.Errorf("%s: %v\n%s\nwant\n%s", form, err, got, want)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, text := range []string{
		"", "v=1", "o=- 1 1 IN IP4 192.0.2.7", "v=0\no=- 1", "v=0", "v=0\nv=0", "v=0\nx", "v=0\nX=1", "v=0\na=\x01",
		"v=0\no=- 1 1 IN IP4 ::\nm=audio", "v=0\nm=audio x RTP/AVP 0", "v=0\nm=audio 1/ RTP/AVP 0", "v=0\nc=IN IP4",
		"v=0\no=- 1 1 IN IP4 a\nm=audio 1 RTP/AVP\ns=-", "v=0\na=\xff", "v=0\n" + strings.Repeat("a=b\n", MaxText/4),
		"v=0\no=- 1 1 IN IP4 a\n" + strings.Repeat("m=audio 1 RTP/AVP 0\n", MaxMedia+1),
	} {
		if x, err := ToXML(text); err == nil {
			form, _ := x.Markup()
			t.Errorf("%.60q was read as %.60s", text, form)
		}
	}
	for _, form := range []string{
		`<x/>`, `<sdp subject="a&#10;a=b"/>`, `<sdp origUser="a b"/>`, `<sdp sessionID=""/>`, `<sdp ip="[a b]"/>`,
		`<sdp ip="[192.0.2.1&#10;a=b]"/>`, `<sdp ip="a]"/>`, `<sdp><media/></sdp>`,
		`<sdp><media media="audio" ip="[a]:x"/></sdp>`, `<sdp><media ip="[a]:1" direction="up"/></sdp>`,
		`<sdp><media ip="[a]:1" ptime="2 0"/></sdp>`, `<sdp><media ip="[a]:1" ports="x"/></sdp>`,
		`<sdp><media ip="[a]:1" media="a b"/></sdp>`, `<sdp><media ip="[a]:1"><codec/><codec id="1 2"/></media></sdp>`,
		`<sdp><media ip="[a]:1"><codec id="1" name="x&#13;a=y"/></media></sdp>`, `<sdp><attr name="a:b"/></sdp>`,
		`<sdp><attr name="a">b&#10;c</attr></sdp>`, `<sdp><line type="m">audio</line></sdp>`, `<sdp><line/></sdp>`,
		`<sdp>` + strings.Repeat(`<media ip="[a]:1"/>`, MaxMedia+1) + `</sdp>`,
		`<sdp><attr name="a">` + strings.Repeat("b", MaxText) + `</attr></sdp>`,
	} {
		x, err := object.ParseXML(form)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := Text(x); err == nil || text != "" {
			t.Errorf("%.80s was written %.80q", form, text)
		}
	}
	if _, err := Text(nil); err == nil {
		t.Error("no element was written")
	}
}

// What is read once can be written, and after that nothing changes any more.
func FuzzText(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txt")
	for _, file := range files {
		b, _ := os.ReadFile(file)
		f.Add(strings.Split(string(b), "----\n")[0])
	}
	f.Fuzz(func(t *testing.T, s string) {
		x, err := ToXML(s)
		if err != nil {
			return
		}
		text, err := Text(x)
		if err != nil {
			if len(s) > MaxText/2 {
				return // what is implied makes it longer
			}
			t.Fatalf("%q: %v", s, err)
		}
		y, err := ToXML(text)
		if err != nil {
			t.Fatalf("%q was written %q: %v", s, text, err)
		}
		if again, err := Text(y); err != nil || again != text {
			t.Fatalf("%q was written %q and %q, %v", s, text, again, err)
		}
	})
}

// Whatever a client writes is refused or becomes a description.
func FuzzForm(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txt")
	for _, file := range files {
		b, _ := os.ReadFile(file)
		f.Add(strings.ReplaceAll(strings.Split(string(b), "----\n")[1], "\n", ""))
	}
	f.Fuzz(func(t *testing.T, s string) {
		x, err := object.ParseXML(s)
		if err != nil {
			return
		}
		text, err := Text(x)
		if err != nil {
			return
		}
		if _, err := ToXML(text); err != nil {
			t.Fatalf("%q was written %q: %v", s, text, err)
		}
	})
}
