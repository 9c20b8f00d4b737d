package ximss

import (
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
)

// Documents that are made to hurt: each is refused, cheaply.
func TestHostileDocuments(t *testing.T) {
	const size = 256 << 10 // of what gets here
	fill := func(piece string) string { return strings.Repeat(piece, size/len(piece)) }
	for name, text := range map[string]string{
		"an entity bomb":           `<!DOCTYPE a [<!ENTITY b "` + fill("b") + `"><!ENTITY c "&b;&b;&b;&b;">]><a id="1">&c;</a>`,
		"an external entity":       `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a id="1">&b;</a>`,
		"an entity of a number":    `<a id="&#0;"/>`,
		"depth":                    fill("<a>"),
		"depth that ends":          strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100),
		"attributes":               "<a " + attributes(20000) + "/>",
		"the same attribute":       "<a " + fill(`b="" `) + "/>",
		"namespaces":               "<a " + fill(`xmlns:b="" `) + "/>",
		"elements":                 "<a>" + fill("<b/>") + "</a>",
		"a long name":              "<" + fill("a"),
		"an attribute without end": `<a id="` + fill("a"),
		"a comment without end":    "<!--" + fill("-"),
		"CDATA without end":        "<a><![CDATA[" + fill("]"),
		"instructions":             fill("<?a?>"),
		"ends":                     fill("</a>"),
		"open brackets":            fill("<"),
		"UTF-16":                   "\xff\xfe<\x00a\x00/\x00>\x00",
		"UTF-7":                    `<?xml version="1.0" encoding="UTF-7"?><a/>`,
		"no UTF-8":                 "<a id=\"\xc0\xbc\"/>",
		"a surrogate":              "<a id=\"\xed\xa0\x80\"/>",
		"a zero":                   "<a id=\"\x00\"/>",
		"a control character":      "<a id=\"\x01\"/>",
		"XML 1.1":                  `<?xml version="1.1"?><a/>`,
		"half an element":          `<a id="1"><b>`,
		"nothing":                  "",
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		x, err := Read(text)
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s is taken: %.100q", name, Write(x))
			continue
		}
		if e := AsError(err); e.Num != NumMalformed || len(e.Text) > 300 {
			t.Errorf("%s: %.400v", name, err)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
			t.Errorf("%s takes %d bytes", name, used)
		}
	}
}

func attributes(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("a" + num(i) + `="" `)
	}
	return b.String()
}

// FuzzRead reads anything. What is taken can be written and read again, and obeys the limits.
func FuzzRead(f *testing.F) {
	for _, s := range []string{`<noop id="1"/>`, `<a id="1"><b c="d">e &amp; f</b><!-- g --><![CDATA[h]]></a>`,
		`<?xml version="1.0" encoding="UTF-8"?><XIMSS xmlns:a="b"><a:c a:d=""/></XIMSS>`, "<!DOCTYPE a>", "<a>\n <b/>\n</a>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		x, err := Read(s)
		if err != nil {
			if e := AsError(err); e.Num != NumMalformed {
				t.Fatal(err)
			}
			return
		}
		text := Write(x)
		again, err := Read(text)
		if err != nil || Write(again) != text {
			t.Fatalf("%q was written as %q, and that as %v", s, text, err)
		}
		_ = Write(Response(x.Attr("id"), err))
	})
}

// FuzzFrames cuts any stream in pieces of any size; the documents are the same.
func FuzzFrames(f *testing.F) {
	f.Add([]byte("<a/>\x00<b/>\x00\x00 \x00<c"), uint8(3))
	f.Fuzz(func(t *testing.T, b []byte, piece uint8) {
		const limit = 1000
		var want []string
		parts := strings.Split(string(b), "\x00")
		for _, p := range parts[:len(parts)-1] {
			if p = trim(p); p != "" {
				want = append(want, p)
			}
		}
		var fr frames
		var got []string
		for len(b) > 0 {
			room := fr.room(limit)
			if room == nil {
				if fr.end-fr.start <= limit {
					t.Fatal("no room for a short document")
				}
				break
			}
			n := copy(room, b[:min(len(b), int(piece)+1)])
			fr.took(n)
			b = b[n:]
			for {
				d, ok := fr.next()
				if !ok {
					break
				}
				got = append(got, d)
			}
			if len(fr.buffer) > 4*limit {
				t.Fatalf("a buffer of %d bytes", len(fr.buffer))
			}
		}
		if len(got) > len(want) || len(b) == 0 && len(got) != len(want) {
			t.Fatalf("%q, want %q", got, want)
		}
		for i, d := range got {
			if d != want[i] {
				t.Fatalf("%q, want %q", got, want)
			}
		}
	})
}

// FuzzEntry says any lines before login, in any order. Nobody gets in without the password.
func FuzzEntry(f *testing.F) {
	for _, s := range []string{
		`<listFeatures id="1"/>` + "\n" + `<login id="2" method="CRAM-MD5"/>` + "\n" + `<auth id="3" value="YWxpY2UgMDA="/>`,
		`<login id="1" method="SCRAM-SHA-256" value="biwsbj1hbGljZSxyPWFiYw=="/>` + "\n" + `<auth id="2" value="Yz1iaXdzLHI9YWJjLHA9QUE9PQ=="/>`,
		`<login id="1" sessionID="1" random="2"/>` + "\n" + `<auth id="2"/>`,
		`<starttls id="1"/>` + "\n" + `<bye id="2"/>` + "\n" + `<noop id="3"/>`,
		`<login id="1" method="LOGIN" value="YWxpY2U="/>` + "\n" + `<auth id="2" value="MTIz"/>`,
	} {
		f.Add(s, true)
		f.Add(s, false)
	}
	d := newDoor()
	s := listening(f, d, nil)
	f.Fuzz(func(t *testing.T, lines string, secure bool) {
		var said []string
		e := &entry{porter: s.porter, visit: visit{binding: TCP, secure: secure}, say: func(docs ...string) { said = append(said, docs...) }}
		for _, line := range strings.Split(lines, "\n") {
			if strings.Contains(line, "1234") || strings.Contains(line, "pencil") {
				return
			}
			x, err := Read(line)
			if err != nil {
				continue
			}
			said = said[:0]
			out := e.take(t.Context(), x)
			if out.session != nil {
				t.Fatalf("%q lets somebody in", lines)
			}
			if len(said) == 0 || !strings.HasPrefix(said[len(said)-1], "<response") {
				t.Fatalf("%q is answered %q", line, said)
			}
			for _, doc := range said {
				if _, err := Read(doc); err != nil {
					t.Fatalf("%q is answered %q, which nobody can read: %v", line, doc, err)
				}
			}
		}
	})
}

// FuzzHTTP asks any URL with any body.
func FuzzHTTP(f *testing.F) {
	f.Add("GET", "/XIMSSLogin/", "userName=alice&password=no", "")
	f.Add("POST", "/Session/000001-ABC/sync", "reqSeq=1", `<XIMSS><noop id="1"/></XIMSS>`)
	f.Add("GET", "/Session/000001-ABC/", "ackSeq=0&maxWait=0", "")
	f.Add("POST", "/ximsslogin", "errorAsXML=1", "<XIMSS>")
	s := listening(f, newDoor(), nil)
	f.Fuzz(func(t *testing.T, method, path, raw, body string) {
		r := httptest.NewRequest("GET", "/", strings.NewReader(body))
		r.Method, r.URL.Path, r.URL.RawQuery = method, path, raw
		if !s.IsPath(path) {
			return
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code == 200 && w.Body.Len() > 0 {
			if _, err := Read(w.Body.String()); err != nil {
				t.Fatalf("%s %s?%s is answered %q", method, path, raw, w.Body)
			}
		}
	})
}
