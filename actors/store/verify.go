package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/minio/highwayhash"
)

// The record of the engine's block files (nats-server 2.15, filestore.go), little endian:
//
//	length of all, bit 31: has headers │ sequence │ time │ length of subject │ subject │
//	[length of headers, 4 bytes │ headers] │ message │ HighwayHash-64, 8 bytes
//
// The hash covers sequence, time, subject, headers and message; its key is the SHA-256 of stream
// name, '-' and number of the block. It does not cover the lengths, so a wrong one can move a border
// without changing the hash; therefore the subject must make sense, and the headers must end where
// they should.
const (
	recordHeader = 22
	recordHash   = 8
	recordLimit  = 32 << 20
	hasHeaders   = 1 << 31
	// The two highest bits of a sequence mark erased records and tombstones.
	sequenceBits = 1<<62 - 1
)

var headersEnd = []byte("\r\n\r\n")

// stream says what the records of a stream look like.
type stream struct {
	name    string
	subject func([]byte) bool // whether it can be one of this stream
}

var journalRecords = stream{journalStream, func(s []byte) bool { return string(s) == journalSubject }}

func bucketRecords(name string) stream {
	prefix := []byte(kvSubject(name))
	return stream{"KV_" + bucketName(name), func(s []byte) bool {
		key, ok := bytes.CutPrefix(s, prefix)
		if !ok {
			return false
		}
		_, err := decodeKey(string(key))
		return err == nil || bytes.HasPrefix(key, []byte(pulsePrefix)) || bytes.HasPrefix(key, []byte(bundlePrefix))
	}}
}

// logRecords are the records of a log in which the copies of a stream agree on what comes next.
func logRecords(name string) stream {
	return stream{name, func(s []byte) bool { return len(s) == 0 }}
}

// streamDir is where the engine keeps the records of a stream, logsDir the logs of what copies agree on.
func streamDir(dir, name string) string {
	return filepath.Join(dir, "jetstream", account, "streams", name, "msgs")
}

func logsDir(dir string) string { return filepath.Join(dir, "jetstream", "$SYS", "_js_") }

// verify checks the files of the only copy before the engine may touch them.
func (s *Store) verify() error {
	acked := func(slot int) uint64 { return s.marks.acknowledged(slot) }
	if err := verifyStreams(s.dir, acked, s.log); err != nil {
		return fmt.Errorf("%w; nothing was changed; restore the directory from a backup", err)
	}
	return nil
}

// verifyStreams reads the files of the buckets always, those of journal, contents and raw lines, which may be large,
// after an unclean stop.
func verifyStreams(dir string, acked func(slot int) uint64, log *slog.Logger) error {
	slots := map[int]stream{journalSlot: journalRecords, contentsSlot: contentsRecords, linesSlot: linesRecords}
	if wasClean(dir) {
		clear(slots)
	}
	for i, name := range buckets {
		slots[i+1] = bucketRecords(name)
	}
	for slot, st := range slots {
		if err := verifyStream(streamDir(dir, st.name), st, acked(slot), log); err != nil {
			return err
		}
	}
	return nil
}

// verifyStream reads every record of one stream's files, in the directory msgs, which the engine must not have
// opened. acked is the last sequence known to be acknowledged. A torn record at the very end that is
// younger than that is reported in the log; everything else that is wrong is ErrDamaged. Nothing
// is changed.
func verifyStream(msgs string, st stream, acked uint64, log *slog.Logger) error {
	blocks, err := listBlocks(msgs)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	var last uint64
	var buf []byte
	for i, n := range blocks {
		name := filepath.Join(msgs, strconv.Itoa(n)+".blk")
		if buf, err = readInto(buf, name); err != nil {
			return fmt.Errorf("store: %w", err)
		}
		r := newScanner(st, n).scan(buf)
		last = max(last, r.last)
		if r.bad < 0 {
			continue
		}
		if i < len(blocks)-1 || r.more || last < acked {
			return fmt.Errorf("%w: bad record behind sequence %d in %s at byte %d of %d", ErrDamaged, last, name, r.bad, len(buf))
		}
		log.Warn("torn record, never acknowledged, is dropped", "stream", st.name, "after", last,
			"bytes", len(buf)-r.bad)
	}
	if last < acked {
		return fmt.Errorf("%w: stream %s ends at %d, but %d was acknowledged", ErrDamaged, st.name, last, acked)
	}
	return nil
}

// listBlocks returns the numbers of the block files in order; none if the directory is missing.
func listBlocks(dir string) ([]int, error) {
	files, err := os.ReadDir(dir)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var blocks []int
	for _, f := range files {
		base, ok := strings.CutSuffix(f.Name(), ".blk")
		if n, err := strconv.Atoi(base); ok && err == nil {
			blocks = append(blocks, n)
		}
	}
	slices.Sort(blocks)
	return blocks, nil
}

// readInto is os.ReadFile into memory that is used again: there may be a thousand blocks.
func readInto(buf []byte, name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	buf = slices.Grow(buf[:0], int(info.Size()))[:info.Size()]
	_, err = io.ReadFull(f, buf)
	return buf, err
}

// scanner checks the records of one block.
type scanner struct {
	stream
	hash hash.Hash
}

func newScanner(st stream, block int) *scanner {
	key := sha256.Sum256([]byte(st.name + "-" + strconv.Itoa(block)))
	h, _ := highwayhash.New64(key[:]) // fails only if the key is not 32 bytes long
	return &scanner{st, h}
}

// found is what a scan has found.
type found struct {
	last uint64 // highest sequence of the good records
	bad  int    // offset of the first bad record; -1 if there is none
	more bool   // a good record follows somewhere behind the bad one: not a torn end
}

func (s *scanner) scan(b []byte) found {
	r := found{bad: -1}
	for at := 0; at < len(b); {
		if seq, n, ok := s.record(b[at:]); ok {
			r.last = max(r.last, seq)
			at += n
			continue
		}
		r.bad = at
		r.more = s.follows(b[at:], r.last)
		return r
	}
	return r
}

// follows tells whether a good record with a sequence a little above last lies anywhere behind the bad
// one at the start of b. The sequence is looked at first: hashing whatever might be a record would take
// minutes.
func (s *scanner) follows(b []byte, last uint64) bool {
	const near = 1 << 20
	for at := 1; at+recordHeader+recordHash <= len(b); at++ {
		seq := binary.LittleEndian.Uint64(b[at+4:]) & sequenceBits
		if seq <= last || seq > last+near {
			continue
		}
		if _, _, ok := s.record(b[at:]); ok {
			return true
		}
	}
	return false
}

// record checks the record at the start of b; n is its length.
func (s *scanner) record(b []byte) (seq uint64, n int, ok bool) {
	if len(b) < recordHeader+recordHash {
		return 0, 0, false
	}
	length, subject := binary.LittleEndian.Uint32(b), int(binary.LittleEndian.Uint16(b[20:]))
	headers := 0
	if length&hasHeaders != 0 {
		headers = 4
	}
	n = int(length &^ hasHeaders)
	if n > recordLimit || n > len(b) || n < recordHeader+recordHash+subject+headers {
		return 0, 0, false
	}
	end, body := n-recordHash, recordHeader+subject
	s.hash.Reset()
	s.hash.Write(b[4:20])
	s.hash.Write(b[recordHeader:body])
	s.hash.Write(b[body+headers : end])
	var sum [recordHash]byte
	if !bytes.Equal(s.hash.Sum(sum[:0]), b[end:n]) {
		return 0, 0, false
	}
	seq = binary.LittleEndian.Uint64(b[4:])
	if headers > 0 && !headersFit(b[body:end]) || seq <= sequenceBits && !s.subject(b[recordHeader:body]) {
		return 0, 0, false
	}
	return seq & sequenceBits, n, true
}

// headersFit tells whether headers end where their length, which is in front of them, says.
func headersFit(b []byte) bool {
	length := uint64(binary.LittleEndian.Uint32(b))
	return uint64(bytes.Index(b[4:], headersEnd)+len(headersEnd)) == length
}
