package parts

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestMixedIsReadAsItWasWritten(t *testing.T) {
	list := []Part{
		{Type: "application/sdp", Body: []byte("v=0\r\n")},
		{Type: "application/rs-metadata+xml", Disposition: "recording-session", Body: []byte("<recording/>\n")},
	}
	kind, body := Mixed(list...)
	got, err := Read(kind, body)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 {
		t.Fatalf("%d parts", len(got))
	}
	for i := range list {
		if got[i].Type != list[i].Type || got[i].Disposition != list[i].Disposition || !bytes.Equal(got[i].Body, list[i].Body) {
			t.Errorf("part %d is %+v", i, got[i])
		}
	}
	if again, same := Mixed(list...); again != kind || !bytes.Equal(same, body) {
		t.Error("the same parts give another body")
	}
}

func TestReadTakesABodyOfOnePart(t *testing.T) {
	got, err := Read("Application/SDP; charset=utf-8", []byte("v=0"))
	if err != nil || len(got) != 1 || got[0].Type != "application/sdp" || string(got[0].Body) != "v=0" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestReadRefuses(t *testing.T) {
	for name, c := range map[string]struct{ kind, body string }{
		"no type":        {"", "x"},
		"no boundary":    {"multipart/mixed", "--x\r\n\r\nbody\r\n--x--\r\n"},
		"no part":        {"multipart/mixed;boundary=x", "nothing of it"},
		"too large":      {"multipart/mixed;boundary=x", "--x\r\n\r\n" + strings.Repeat("a", maxBody+1) + "\r\n--x--\r\n"},
		"broken headers": {"multipart/mixed;boundary=x", "--x\r\nnot a field\r\n\r\nbody\r\n--x--\r\n"},
	} {
		if got, err := Read(c.kind, []byte(c.body)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestReadLooksAtSoManyParts(t *testing.T) {
	kind, body := Mixed(make([]Part, MaxParts+3)...)
	if got, err := Read(kind, body); err != nil || len(got) != MaxParts {
		t.Errorf("%d parts, %v", len(got), err)
	}
}

func FuzzRead(f *testing.F) {
	kind, body := Mixed(Part{Type: "application/sdp", Body: []byte("v=0\r\n")}, Part{Type: "text/plain", Body: []byte("x")})
	f.Add(kind, body)
	f.Add("application/sdp", []byte("v=0\r\n"))
	f.Add("multipart/mixed;boundary=x", []byte("--x\r\n\r\n--x--"))
	f.Add("multipart/mixed;boundary=x", []byte("--x\r\nContent-Type: ;;\r\n\r\na\r\n--x"))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		if len(body) > maxBody {
			return // a body of one part is as large as a message may be
		}
		list, err := Read(kind, body)
		if err != nil {
			return
		}
		if len(list) == 0 || len(list) > MaxParts {
			t.Fatalf("%d parts", len(list))
		}
		again, text := Mixed(list...)
		same, err := Read(again, text)
		if err != nil {
			t.Fatalf("what was read can not be read again: %v", err)
		}
		if len(same) != len(list) {
			t.Fatalf("%d parts of %d", len(same), len(list))
		}
		for i := range list {
			if !bytes.Equal(same[i].Body, list[i].Body) {
				t.Fatalf("part %d is %q, was %q", i, same[i].Body, list[i].Body)
			}
		}
	})
}
