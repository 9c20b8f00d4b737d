package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// The stream of contents. Its subjects name the contents that a chunk is of.
const (
	contentsStream  = "tandem_contents"
	contentsSubject = "tandem.contents."
)

// contentsRecords says what the records of the stream look like, for verifyStream.
var contentsRecords = stream{contentsStream, func(s []byte) bool {
	id, ok := strings.CutPrefix(string(s), contentsSubject)
	_, known := idTime(id)
	return ok && known
}}

// contents reads and writes chunks.
type contents struct {
	engine  *engine
	stream  jetstream.Stream
	check   func() error     // room on the disk
	mark    func(seq uint64) // notes an acknowledged chunk
	damaged *atomic.Uint64
	log     *slog.Logger
}

// idRandom is the number of random letters of an id: 13 letters are 65 bits.
const idRandom = 13

// newID makes an id of contents: when they began, in milliseconds to base 36, and a random part.
func newID(now time.Time) string {
	return strconv.FormatInt(now.UnixMilli(), 36) + "-" + rand.Text()[:idRandom]
}

// idTime is when the contents with an id began; false if it is no id.
func idTime(id string) (time.Time, bool) {
	begun, random, ok := strings.Cut(id, "-")
	ms, err := strconv.ParseInt(begun, 36, 64)
	for i := range len(random) {
		c := random[i]
		ok = ok && (c >= 'A' && c <= 'Z' || c >= '2' && c <= '7')
	}
	if !ok || err != nil || ms < 0 || len(random) != idRandom {
		return time.Time{}, false
	}
	return time.UnixMilli(ms), true
}

// write puts bytes on the disk as chunks of the contents with that id. On an error some of them may be
// there.
func (c *contents) write(ctx context.Context, id string, b []byte) (chunks []chunk, err error) {
	for len(b) > 0 {
		if err := c.check(); err != nil {
			return chunks, err
		}
		n := min(len(b), chunkSize)
		seq, err := c.engine.publish(ctx, &nats.Msg{Subject: contentsSubject + id, Data: b[:n]})
		if err != nil {
			return chunks, err
		}
		c.mark(seq)
		chunks = append(chunks, chunk{seq, int64(n)})
		b = b[n:]
	}
	return chunks, nil
}

// read returns one chunk. ErrDamaged: it is missing, or another one; perhaps because its file was changed
// or deleted meanwhile.
func (c *contents) read(ctx context.Context, id string, k chunk) ([]byte, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	m, err := c.load(ctx, k.seq)
	switch {
	case err != nil:
		return nil, verdict(err)
	case m == nil:
		return nil, fmt.Errorf("%w: chunk %d of %s is missing", ErrDamaged, k.seq, id)
	case m.Subject != contentsSubject+id || int64(len(m.Data)) != k.size:
		return nil, fmt.Errorf("%w: chunk %d of %s is another one", ErrDamaged, k.seq, id)
	}
	return m.Data, nil
}

// load reads one message of the stream; nil if it is not there.
func (c *contents) load(ctx context.Context, seq uint64) (*nats.Msg, error) {
	m, err := c.stream.GetMsg(ctx, seq)
	switch {
	case err == nil:
		return &nats.Msg{Subject: m.Subject, Data: m.Data}, nil
	case !isMissing(err):
		return nil, err
	case c.engine.lags():
		return c.engine.load(ctx, contentsStream, seq)
	}
	return nil, nil
}

// remove takes single chunks off the disk. Those that are gone do no harm.
func (c *contents) remove(ctx context.Context, chunks []chunk) error {
	for _, k := range chunks {
		ctx, cancel := bounded(ctx)
		err := c.stream.DeleteMsg(ctx, k.seq)
		cancel()
		if err != nil && !errors.Is(err, jetstream.ErrMsgDeleteUnsuccessful) {
			return verdict(err)
		}
	}
	return nil
}

// purge takes all chunks of an id off the disk.
func (c *contents) purge(ctx context.Context, id string) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return verdict(c.stream.Purge(ctx, jetstream.WithPurgeSubject(contentsSubject+id)))
}

// counts are the numbers of chunks by id.
func (c *contents) counts(ctx context.Context) (map[string]int, error) {
	info, err := c.stream.Info(ctx, jetstream.WithSubjectFilter(contentsSubject+">"))
	if err != nil {
		return nil, verdict(err)
	}
	found := make(map[string]int, len(info.State.Subjects))
	for subject, n := range info.State.Subjects {
		found[strings.TrimPrefix(subject, contentsSubject)] = int(n)
	}
	return found, nil
}

// of are the sequences of the chunks of an id that were written before a time, in order.
func (c *contents) of(ctx context.Context, id string, before time.Time) (chunks []chunk, err error) {
	for next := uint64(1); ; {
		ctx, cancel := bounded(ctx)
		m, err := c.stream.GetMsg(ctx, next, jetstream.WithGetMsgSubject(contentsSubject+id))
		cancel()
		switch {
		case isMissing(err):
			return chunks, nil
		case err != nil:
			return chunks, verdict(err)
		}
		if m.Time.Before(before) {
			chunks = append(chunks, chunk{m.Sequence, int64(len(m.Data))})
		}
		next = m.Sequence + 1
	}
}
