package rtp

import (
	"errors"
	"strings"
	"testing"
	"time"

	pion "github.com/pion/rtcp"
)

func TestReports(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 500_000_000, time.UTC)
	sender := &SenderPart{NTP: NTP(now), Timestamp: 160, Packets: 3, Octets: 480}
	block := &Block{SSRC: 9, Fraction: 25, Lost: -2, Highest: 70000, Jitter: 8, LastSender: 5, Delay: 6}
	for length := range 9 {
		out := AppendReport(nil, 1, sender, block)
		out = AppendSource(out, 1, strings.Repeat("n", length))
		out = AppendBye(out, 1)
		packets, err := pion.Unmarshal(out)
		if err != nil {
			t.Fatal(err)
		}
		sr := packets[0].(*pion.SenderReport)
		if sr.NTPTime != sender.NTP || sr.PacketCount != 3 || sr.Reports[0].FractionLost != 25 {
			t.Errorf("sender report reads as %v", sr)
		}
		if name := packets[1].(*pion.SourceDescription).Chunks[0].Items[0].Text; len(name) != length {
			t.Errorf("name of %d reads as %q", length, name)
		}
		if bye := packets[2].(*pion.Goodbye); bye.Sources[0] != 1 {
			t.Errorf("bye reads as %v", bye)
		}
		f, err := ParseFeedback(out, 9)
		if err != nil || !f.IsSR || !f.About || !f.Bye || f.SSRC != 1 || f.Block != *block || f.Sender != *sender {
			t.Errorf("feedback %+v, %v", f, err)
		}
	}
	f, err := ParseFeedback(AppendReport(nil, 4, nil, block), 8)
	if err != nil || f.IsSR || f.About || f.SSRC != 4 {
		t.Errorf("receiver report about another: %+v, %v", f, err)
	}
}

func TestFeedbackRefuses(t *testing.T) {
	good := AppendReport(nil, 1, nil, &Block{SSRC: 9})
	cut := append([]byte(nil), good...)
	cut[0]++ // one block more than there is
	for name, datagram := range map[string][]byte{
		"nothing":          nil,
		"version":          append([]byte{0x41}, good[1:]...),
		"length":           good[:len(good)-4],
		"count":            cut,
		"not a report":     AppendBye(nil, 1),
		"trailing octets":  append(append([]byte(nil), good...), 1, 2),
		"sender cut short": {0x80, typeSender, 0, 1, 0, 0, 0, 1},
		"cut off":          make([]byte, BufferSize),
	} {
		if _, err := ParseFeedback(datagram, 9); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Feedback types that name a count of what follows cost nothing: they are not read.
func TestFeedbackSkips(t *testing.T) {
	out := AppendReport(nil, 1, nil, nil)
	out = append(out, 0x8f, 205, 0, 2, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff)
	if n := testing.AllocsPerRun(100, func() {
		if _, err := ParseFeedback(out, 9); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestRoundTrip(t *testing.T) {
	sent := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	block := Block{LastSender: Middle(NTP(sent)), Delay: 65536 / 2}
	trip, ok := RoundTrip(block, sent.Add(620*time.Millisecond))
	if !ok || trip < 119*time.Millisecond || trip > 121*time.Millisecond {
		t.Errorf("round trip %v, %v", trip, ok)
	}
	if trip, ok = RoundTrip(block, sent.Add(499*time.Millisecond)); !ok || trip != 0 {
		t.Errorf("a little too early: %v, %v", trip, ok)
	}
	if _, ok = RoundTrip(block, sent); ok {
		t.Error("an answer before the question counts")
	}
	if _, ok = RoundTrip(Block{}, sent); ok {
		t.Error("a block that answers nothing counts")
	}
}

func FuzzParseFeedback(f *testing.F) {
	f.Add(AppendBye(AppendSource(AppendReport(nil, 1, &SenderPart{}, &Block{SSRC: 9}), 1, "x"), 1))
	f.Add(AppendReport(nil, 1, nil, nil))
	f.Fuzz(func(t *testing.T, datagram []byte) {
		got, err := ParseFeedback(datagram, 9)
		if err != nil {
			return
		}
		if got.About && got.Block.SSRC != 9 {
			t.Fatal("a block about another stream")
		}
		if d, ok := RoundTrip(got.Block, time.Unix(1e9, 0)); ok && d < 0 {
			t.Fatalf("round trip %v", d)
		}
	})
}
