package files

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/actors/store"
	"tandem/media/spool"
	"tandem/media/wav"
)

var callBegan = time.Date(2030, 1, 2, 15, 4, 5, 6e6, time.UTC)

func callNote(call string) spool.Note {
	return spool.Note{Account: "recordings@tandem.local", From: "caller <sip:1@x>", Call: call, Started: callBegan}
}

// recorded lays a stereo recording where it is to be made: so many frames, whose samples count.
func recorded(t *testing.T, r *Recordings, n spool.Note, frames int) (name string) {
	t.Helper()
	name, dir, err := r.Begin(n)
	if err != nil {
		t.Fatal(err)
	}
	octets := wav.AppendHeader(nil, wav.Format{Encoding: wav.PCM, Rate: 8000, Channels: 2}, 4*frames)
	for i := range 2 * frames {
		octets = binary.LittleEndian.AppendUint16(octets, uint16(8*(i%1000)))
	}
	if err := os.WriteFile(filepath.Join(dir, name), octets, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func openRecordings(t *testing.T, dir string, s *store.Store, most int64) *Recordings {
	r := OpenRecordings(t.Context(), dir, s.Files(), most, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { _ = r.Close(context.Background()) })
	return r
}

// A recording comes into the files of its account when it is whole, with what its note says by then; one that is being
// made does not, and one of before a crash does at the next start.
func TestRecordingsComeIntoTheStore(t *testing.T) {
	s, _ := opened(t, t.TempDir())
	dir := t.TempDir()
	before := openRecordings(t, dir, s, 64<<20)
	crashed := recorded(t, before, callNote("crashed"), 100)
	if err := before.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := openRecordings(t, dir, s, 64<<20)
	acttest.Until(t, "that of before the crash is there", func() bool { return len(r.OfCall("crashed")) == 1 })
	acttest.Until(t, "it does not lie on the disk any more", func() bool {
		_, err := os.Stat(filepath.Join(dir, crashed))
		return os.IsNotExist(err)
	})
	going := recorded(t, r, callNote("going"), 100)
	n := callNote("m1/2.ä")
	name := recorded(t, r, n, 8000)
	n.Meta = map[string]string{MetaQueue: "sales", MetaAgent: "1002", MetaLength: "1000"}
	if err := r.Keep(name, n); err != nil {
		t.Fatal(err)
	}
	acttest.Until(t, "the call is there", func() bool { return len(r.OfCall("m1/2.ä")) == 1 })
	c := r.OfCall("m1/2.ä")[0]
	if c.File != "calls/2030/01/02/150405.006-sales-1002-m1_2._.wav" || c.Account != n.Account || !c.Begin.Equal(callBegan) ||
		c.Length != time.Second || c.Meta[MetaAgent] != "1002" || c.Meta[MetaFrom] != n.From {
		t.Errorf("the file is %+v", c)
	}
	octets, _, err := s.Files().Get(t.Context(), "storage/"+c.Account+"/"+c.File, 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	sound, err := wav.NewReader(strings.NewReader(string(octets)))
	if err != nil || sound.Samples() != 16000 || sound.Format() != (wav.Format{Encoding: wav.MuLaw, Rate: 8000, Channels: 2}) {
		t.Fatalf("%+v, %v", sound, err)
	}
	pcm := make([]int16, 1000)
	if _, err := sound.Read(pcm); err != nil || pcm[500] < 3900 || pcm[500] > 4100 {
		t.Errorf("a sample of 4000 is %d, %v", pcm[500], err)
	}
	if _, err := os.Stat(filepath.Join(dir, going)); err != nil || len(r.OfCall("going")) != 0 {
		t.Errorf("one that is being made was taken: %v", err)
	}
}

// What one file can not hold comes in parts; old recordings go, and the oldest make room.
func TestRecordingsAreBounded(t *testing.T) {
	s, _ := opened(t, t.TempDir())
	r := openRecordings(t, t.TempDir(), s, 300<<10)
	for i, call := range []string{"a", "b"} {
		n := callNote(call)
		n.Started = n.Started.Add(time.Duration(i) * time.Hour)
		n.Meta = map[string]string{MetaLength: "12500"}
		if err := r.Keep(recorded(t, r, n, 50000), n); err != nil {
			t.Fatal(err)
		}
	}
	acttest.Until(t, "both calls are there", func() bool { return len(r.OfCall("")) == 6 })
	all := ""
	total := int64(0)
	for _, c := range r.OfCall("a") {
		all += fmt.Sprint(c.File, " ", c.Meta[MetaPart], " ", c.Size, "; ")
		total += c.Size
	}
	if want := "calls/2030/01/02/150405.006-a.2.wav 2/3"; !strings.Contains(all, want) || total != 100000+3*58 {
		t.Errorf("the parts are %s", all)
	}
	if err := r.Expire(t.Context(), 0, 101000, callBegan); err != nil || len(r.OfCall("a")) != 0 || len(r.OfCall("b")) != 3 {
		t.Errorf("%d and %d are left, %v", len(r.OfCall("a")), len(r.OfCall("b")), err)
	}
	if err := r.Expire(t.Context(), 24*time.Hour, 0, callBegan.Add(26*time.Hour)); err != nil || len(r.OfCall("")) != 0 {
		t.Errorf("%d are left, %v", len(r.OfCall("")), err)
	}
}
