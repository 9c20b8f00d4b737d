package transport

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

const hello = "MESSAGE sip:a@b SIP/2.0\r\nContent-Length: 5\r\n\r\nhello"

// frameAll feeds a stream in pieces of the given size and returns what came out.
func frameAll(stream string, piece, limit int) (frames []string, pings int, err error) {
	f := framer{limit: limit}
	for len(stream) > 0 {
		n := copy(f.room(), stream[:min(piece, len(stream))])
		f.filled(n)
		stream = stream[n:]
		for {
			frame, kind, err := f.next()
			if err != nil {
				return frames, pings, err
			}
			if kind == frameNone {
				break
			}
			if kind == framePing {
				pings++
				continue
			}
			frames = append(frames, string(frame))
		}
	}
	return frames, pings, nil
}

func TestFramerCutsAtAnyPlace(t *testing.T) {
	other := "SIP/2.0 200 OK\r\nl: 0\r\n\r\n"
	stream := "\r\n\r\n" + hello + other + "\r\n" + hello + "\r\n\r\n" + other
	want := []string{hello, other, hello, other}
	for piece := 1; piece <= len(stream); piece++ {
		got, pings, err := frameAll(stream, piece, 1000)
		if err != nil || !slices.Equal(got, want) || pings != 2 {
			t.Fatalf("pieces of %d: %q, %d pings, %v", piece, got, pings, err)
		}
	}
}

func TestFramerContentLength(t *testing.T) {
	tests := map[string]struct {
		field string
		body  string
		err   error
	}{
		"long form":          {"Content-Length: 2\r\n", "ab", nil},
		"compact":            {"l:2\r\n", "ab", nil},
		"other case":         {"cONTENT-lENGTH:\t2 \r\n", "ab", nil},
		"space before colon": {"Content-Length   : 2\r\n", "ab", nil},
		"folded":             {"Content-Length:\r\n 2\r\n", "ab", nil},
		"leading zeros":      {"Content-Length: 0000000000002\r\n", "ab", nil},
		"zero":               {"Content-Length: 0\r\n", "", nil},
		"missing":            {"", "", ErrLength},
		"twice the same":     {"Content-Length: 2\r\nContent-Length: 2\r\n", "ab", ErrLength},
		"twice, both forms":  {"Content-Length: 2\r\nl: 1\r\n", "ab", ErrLength},
		"hidden by folding":  {"Content-Length: 2\r\n 3\r\n", strings.Repeat("a", 23), nil},
		"negative":           {"Content-Length: -1\r\n", "", ErrLength},
		"signed":             {"Content-Length: +2\r\n", "ab", ErrLength},
		"hexadecimal":        {"Content-Length: 0x2\r\n", "ab", ErrLength},
		"list":               {"Content-Length: 2, 2\r\n", "ab", ErrLength},
		"empty":              {"Content-Length:\r\n", "", ErrLength},
		"over 64 bits":       {"Content-Length: 18446744073709551618\r\n", "ab", ErrTooLong},
		"over the limit":     {"Content-Length: 1000\r\n", "ab", ErrTooLong},
		"in a subject":       {"Subject: x\r\n Content-Length: 9\r\nl: 2\r\n", "ab", nil},
		"bare LF":            {"Subject: x\nl: 2\r\nl: 2\r\n", "ab", ErrLineEnd},
		"bare CR":            {"Subject: x\rl: 9\r\nl: 2\r\n", "ab", ErrLineEnd},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			message := "INFO sip:a@b SIP/2.0\r\n" + test.field + "\r\n" + test.body
			got, _, err := frameAll(message, len(message), 200)
			if !errors.Is(err, test.err) {
				t.Fatalf("error %v, want %v", err, test.err)
			}
			if err == nil && (len(got) != 1 || got[0] != message) {
				t.Fatalf("got %q", got)
			}
		})
	}
}

func TestFramerRefuses(t *testing.T) {
	long := "INFO sip:a@b SIP/2.0\r\nSubject: " + strings.Repeat("x", 300)
	tests := map[string]struct {
		stream string
		err    error
	}{
		"endless header": {long, ErrTooLong},
		"long header":    {long + "\r\nl: 0\r\n\r\n", ErrTooLong},
		"TLS":            {"\x16\x03\x01\x02\x00", ErrNotSIP},
		"lone CR":        {"\rINFO", ErrNotSIP},
		"NUL":            {"\x00", ErrNotSIP},
	}
	for name, test := range tests {
		for _, piece := range []int{1, 1000} {
			if _, _, err := frameAll(test.stream, piece, 200); !errors.Is(err, test.err) {
				t.Errorf("%s in pieces of %d: %v, want %v", name, piece, err, test.err)
			}
		}
	}
}

func TestFramerLetsALargeBufferGo(t *testing.T) {
	f := framer{limit: 1 << 20}
	message := "INFO a SIP/2.0\r\nl: 100000\r\n\r\n" + strings.Repeat("x", 100000)
	for rest := message; rest != ""; {
		n := copy(f.room(), rest)
		f.filled(n)
		rest = rest[n:]
		f.next()
	}
	if f.room(); len(f.buf) != firstBuffer {
		t.Errorf("a quiet connection keeps %d bytes", len(f.buf))
	}
}

func FuzzFramer(f *testing.F) {
	f.Add([]byte(hello+"\r\n\r\n"+hello), 3)
	f.Add([]byte("OPTIONS a SIP/2.0\r\nContent-Length : 3\r\n 4\r\n\r\nabc"), 1)
	f.Add([]byte("\r\n\r\r\n\r\n"), 2)
	f.Add([]byte("A\r\nl:0\r\nl:0\r\n\r\n"), 5)
	f.Fuzz(func(t *testing.T, stream []byte, piece int) {
		piece = 1 + max(0, piece)%64
		whole, pings, err := frameAll(string(stream), len(stream)+1, 512)
		cut, cutPings, cutErr := frameAll(string(stream), piece, 512)
		if !slices.Equal(whole, cut) || pings != cutPings || !errors.Is(cutErr, err) {
			t.Fatalf("whole: %q %d %v\npieces of %d: %q %d %v", whole, pings, err, piece, cut, cutPings, cutErr)
		}
		for _, frame := range whole {
			head, body, _ := bytes.Cut([]byte(frame), crlfcrlf)
			n, err := contentLength(append(head, crlfcrlf...))
			if err != nil || n != len(body) {
				t.Fatalf("frame %q: length %d, %v", frame, n, err)
			}
		}
	})
}
