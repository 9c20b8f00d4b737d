package files

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tandem/actors/store"
	"tandem/media/codec"
	"tandem/media/spool"
	"tandem/media/wav"
)

// CallFolder is the directory of an account in which the recordings of calls are.
const CallFolder = "calls"

// Properties of the file of a recording. Those of the note's Meta come to them: queue and agent, length and cuts.
const (
	MetaCall   = "call"
	MetaFrom   = "from"
	MetaBegin  = "begin" // RFC 3339, with milliseconds
	MetaPart   = "part"  // "1/2", where one file can not hold it
	MetaQueue  = "queue"
	MetaAgent  = "agent"
	MetaLength = "length" // milliseconds
	MetaCuts   = "cuts"   // "AT+LONG AT+LONG", in milliseconds: where pauses were cut out
)

// Limits of a recording's files.
const (
	// maxPart is the most of one file: half an hour and more. Longer recordings have several.
	maxPart = 32 << 20
	// writeAtOnce is how much of it is in memory, in bytes.
	writeAtOnce = 1 << 20
	// maxNamePart bounds what a name says of a call, a queue and an agent each.
	maxNamePart = 30
)

// CallFile is the name of a recording in the files of its account: by day, time, queue, agent and call.
func CallFile(n spool.Note) string {
	at := n.Started.UTC()
	words := []string{at.Format("150405.000")}
	for _, w := range []string{n.Meta[MetaQueue], n.Meta[MetaAgent], n.Call} {
		if w = plain(w); w != "" {
			words = append(words, w)
		}
	}
	return CallFolder + "/" + at.Format("2006/01/02") + "/" + strings.Join(words, "-") + ".wav"
}

// plain is what a file name takes of a word; of a long one the end, where names of calls differ.
func plain(s string) string {
	s = strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_', c == '.':
			return c
		}
		return '_'
	}, s)
	return s[max(len(s)-maxNamePart, 0):]
}

// take brings one recording into the store, and removes it from the disk then.
func (r *Recordings) take(ctx context.Context, one spool.Orphan) error {
	path := filepath.Join(r.dir, one.Name)
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	err = r.copy(ctx, f, one.Note)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	r.log.Info("a call is recorded", "call", one.Call, "account", one.Account, "file", CallFile(one.Note),
		"length_ms", one.Meta[MetaLength])
	return spool.Remove(r.dir, one.Name)
}

// copy writes the files of a recording. Samples become bytes by mu-law (ITU-T G.711), what telephones had sent mostly:
// half of the room. Files that an earlier try has left are written over.
func (r *Recordings) copy(ctx context.Context, f *os.File, n spool.Note) error {
	at, err := f.Stat()
	if err != nil {
		return err
	}
	sound, err := wav.NewReader(f)
	if err != nil {
		return err
	}
	format := wav.Format{Encoding: wav.MuLaw, Rate: sound.Format().Rate, Channels: sound.Format().Channels}
	whole := min(max(at.Size()-pcmHeader, 0)/int64(sound.Format().SampleBytes()), sound.Samples())
	most := min(maxPart, r.most-writeAtOnce/4) / int64(format.Channels) * int64(format.Channels)
	if most <= 0 {
		return store.ErrTooLarge
	}
	parts := (whole + most - 1) / most
	for part := range parts {
		size := min(most, whole-part*most)
		if err := r.part(ctx, sound, format, size, partName(n, part), partMeta(n, part, parts)); err != nil {
			return err
		}
	}
	return nil
}

// pcmHeader is what a file of linear samples has before them, in bytes.
const pcmHeader = 44

// partName is the key of a part among all files.
func partName(n spool.Note, part int64) string {
	name := CallFile(n)
	if part > 0 {
		name = fmt.Sprintf("%s.%d.wav", strings.TrimSuffix(name, ".wav"), part+1)
	}
	return "storage/" + n.Account + "/" + name
}

func partMeta(n spool.Note, part, parts int64) map[string]string {
	meta := maps.Clone(n.Meta)
	if meta == nil {
		meta = map[string]string{}
	}
	meta[MetaCall], meta[MetaFrom] = n.Call, n.From
	meta[MetaBegin] = n.Started.UTC().Format("2006-01-02T15:04:05.000Z07:00")
	if parts > 1 {
		meta[MetaPart] = fmt.Sprint(part+1, "/", parts)
	}
	return meta
}

// part writes so many samples of mu-law into a file.
func (r *Recordings) part(ctx context.Context, from *wav.Reader, format wav.Format, size int64, name string, meta map[string]string) error {
	law, _ := codec.ByName("PCMU")
	encoder := law.NewEncoder()
	octets := wav.AppendHeader(make([]byte, 0, writeAtOnce+pcmHeader), format, int(size))
	pcm := make([]int16, 8192)
	first := true
	for size > 0 {
		n, err := from.Read(pcm[:min(int64(len(pcm)), size)])
		octets, size = encoder.Encode(octets, pcm[:n]), size-int64(n)
		if err != nil && (size > 0 || !errors.Is(err, io.EOF)) {
			return fmt.Errorf("files: recording: %w", cmp.Or(err, io.ErrUnexpectedEOF))
		}
		if len(octets) < writeAtOnce && size > 0 {
			continue
		}
		w := store.FileWrite{Author: "recording"}
		if first {
			w.Meta = meta
			_, err = r.files.Put(ctx, name, bytes.Clone(octets), w)
		} else {
			_, err = r.files.Append(ctx, name, bytes.Clone(octets), w)
		}
		if err != nil {
			return err
		}
		first, octets = false, octets[:0]
	}
	return nil
}

// CallRecording is a file with the sound of a call.
type CallRecording struct {
	Account, File string // whose, and its name there
	Size          int64  // bytes
	Begin         time.Time
	Length        time.Duration
	Meta          map[string]string // shared: must not be changed
}

// Find is one recording, by the account and its name there.
func (r *Recordings) Find(account, file string) (CallRecording, bool) {
	f, ok := r.files.Stat("storage/" + account + "/" + file)
	if !ok {
		return CallRecording{}, false
	}
	return callRecording(f)
}

// Read is a part of its sound, a WAV file.
func (r *Recordings) Read(ctx context.Context, c CallRecording, offset, limit int64) ([]byte, error) {
	b, _, err := r.files.Get(ctx, "storage/"+c.Account+"/"+c.File, offset, limit)
	return b, err
}

// callRecording describes a file; false: it is no recording of a call.
func callRecording(f store.FileVersion) (CallRecording, bool) {
	account, file, ok := strings.Cut(strings.TrimPrefix(f.Name, "storage/"), "/")
	if !ok || !strings.HasPrefix(file, CallFolder+"/") || f.Meta[MetaBegin] == "" {
		return CallRecording{}, false
	}
	c := CallRecording{Account: account, File: file, Size: f.Size, Meta: f.Meta}
	c.Begin, _ = time.Parse(time.RFC3339, f.Meta[MetaBegin])
	c.Length, _ = time.ParseDuration(f.Meta[MetaLength] + "ms")
	return c, true
}

// OfCall are the recordings of a call, the oldest first; "": of all calls. It never waits.
func (r *Recordings) OfCall(call string) (out []CallRecording) {
	for _, name := range r.shelf.names(call) {
		f, there := r.files.Stat(name)
		if c, ok := callRecording(f); there && ok {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b CallRecording) int { return a.Begin.Compare(b.Begin) })
	return out
}

// Expire deletes recordings that are older than age, and the oldest ones where all are larger than size together, in
// bytes; 0 is no limit.
func (r *Recordings) Expire(ctx context.Context, age time.Duration, size int64, now time.Time) error {
	all := r.OfCall("")
	used := int64(0)
	for _, c := range all {
		used += c.Size
	}
	for _, c := range all {
		if (age <= 0 || now.Sub(c.Begin) <= age) && (size <= 0 || used <= size) {
			continue
		}
		err := r.files.Delete(ctx, "storage/"+c.Account+"/"+c.File, store.FileWrite{Author: "recording", Reason: "expired"})
		if err != nil && !errors.Is(err, store.ErrNoFile) {
			return err
		}
		used -= c.Size
	}
	return nil
}
