package sdp

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// offers are SDP offers of all kinds, with at least one audio line that we can do.
var offers = rapid.Custom(func(t *rapid.T) []byte {
	var lines []string
	n := rapid.IntRange(1, 6).Draw(t, "m-lines")
	good := rapid.IntRange(0, n-1).Draw(t, "good")
	for i := range n {
		kind := rapid.SampledFrom([]string{"audio", "video"}).Draw(t, "kind")
		proto := rapid.SampledFrom([]string{"RTP/AVP", "RTP/AVPF", "RTP/SAVP"}).Draw(t, "proto")
		port := rapid.SampledFrom([]int{0, 25, 4000, 65534}).Draw(t, "port")
		numbers := rapid.SliceOfNDistinct(rapid.IntRange(0, 127), 1, 8, rapid.ID).Draw(t, "numbers")
		if i == good { // its 8 stays PCMA: no rtpmap may give it another meaning
			kind, proto, port = "audio", "RTP/AVP", 4002
			numbers = append([]int{8}, slices.DeleteFunc(numbers, func(n int) bool { return n == 8 })...)
		}
		lines = append(lines, fmt.Sprintf("m=%s %d %s %s", kind, port, proto, strings.Trim(fmt.Sprint(numbers), "[]")))
		for _, pt := range numbers[1:] {
			name := rapid.SampledFrom([]string{"PCMU/8000", "G722/8000", "telephone-event/8000", "opus/48000/2", "telephone-event/48000"}).Draw(t, "name")
			lines = append(lines, fmt.Sprintf("a=rtpmap:%d %s", pt, name))
		}
		lines = append(lines, "a="+rapid.SampledFrom([]string{"sendrecv", "sendonly", "recvonly", "inactive", "rtcp-mux", "ptime:30", "x"}).Draw(t, "attribute"))
	}
	return peer(lines...)
})

func TestEveryAnswerFitsItsOffer(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		offer := offers.Draw(r, "offer")
		s := keyed(t, false)
		answer, p, err := s.Answer(offer, Direction(rapid.IntRange(0, 3).Draw(r, "direction")), nil)
		if err != nil {
			r.Fatalf("%v\n%s", err, offer)
		}
		checkAnswer(r, offer, answer)
		if p.Held && p.Direction.sends() {
			r.Fatalf("sends while held: %s", p.story())
		}
		// Our own next offer is read by a peer like us, whose answer we take.
		next, err := s.Offer(SendRecv, nil)
		if err != nil {
			r.Fatal(err)
		}
		reply, _, err := New(capability(t)).Answer(next, SendRecv, nil)
		if err != nil {
			r.Fatalf("%v\n%s", err, next)
		}
		checkAnswer(r, next, reply)
		if _, err := s.Accept(reply); err != nil {
			r.Fatalf("%v\n%s", err, reply)
		}
	})
}

func seeds(f *testing.F, dir string) {
	paths, err := filepath.Glob("testdata/" + dir + "/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		_, in, _ := strings.Cut(string(text), "== in\n")
		in, _, _ = strings.Cut(in, "== ")
		f.Add([]byte(in))
	}
}

func FuzzAnswer(f *testing.F) {
	seeds(f, "answer")
	f.Fuzz(func(t *testing.T, offer []byte) {
		s := keyed(t, false)
		answer, p, err := s.Answer(offer, SendRecv, nil)
		if err != nil {
			return
		}
		checkAnswer(t, offer, answer)
		if p.Remote.IsValid() && p.Remote.Port() < minPort {
			t.Fatalf("sends to %v", p.Remote)
		}
	})
}

func FuzzAccept(f *testing.F) {
	seeds(f, "accept")
	f.Fuzz(func(t *testing.T, answer []byte) {
		s := keyed(t, false)
		if _, err := s.Offer(SendRecv, nil); err != nil {
			t.Fatal(err)
		}
		p, err := s.Accept(answer)
		if _, settled := s.Current(); settled != (err == nil) {
			t.Fatalf("settled %v after %v", settled, err)
		}
		if err == nil && p.Direction.sends() && !p.Remote.IsValid() {
			t.Fatalf("sends nowhere: %s", p.story())
		}
	})
}
