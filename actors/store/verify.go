package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
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
// name, '-' and number of the block.
const (
	recordHeader = 22
	recordHash   = 8
	recordLimit  = 32 << 20
	hasHeaders   = 1 << 31
	// The two highest bits of a sequence mark erased records and tombstones.
	sequenceBits = 1<<62 - 1
)

// verifyStream reads every record of one stream's files, which the engine must not have opened.
// acked is the last sequence known to be acknowledged. A torn record at the very end that is
// younger than that is reported in the log; everything else that is wrong is ErrDamaged. Nothing
// is changed.
func verifyStream(dir, stream string, acked uint64, log *slog.Logger) error {
	msgs := filepath.Join(dir, "jetstream", "$G", "streams", stream, "msgs")
	blocks, err := listBlocks(msgs)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	var last uint64
	for i, n := range blocks {
		name := filepath.Join(msgs, strconv.Itoa(n)+".blk")
		buf, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("store: %w", err)
		}
		r := scanBlock(buf, blockHash(stream, n))
		last = max(last, r.last)
		if r.bad < 0 {
			continue
		}
		if i < len(blocks)-1 || r.more || last < acked {
			return fmt.Errorf("%w: bad record behind sequence %d in %s at byte %d of %d; nothing was changed; "+
				"restore the directory from a backup", ErrDamaged, last, name, r.bad, len(buf))
		}
		log.Warn("torn record, never acknowledged, is dropped", "stream", stream, "after", last,
			"bytes", len(buf)-r.bad)
	}
	if last < acked {
		return fmt.Errorf("%w: stream %s ends at %d, but %d was acknowledged; nothing was changed; "+
			"restore the directory from a backup", ErrDamaged, stream, last, acked)
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

func blockHash(stream string, block int) hash.Hash {
	key := sha256.Sum256([]byte(stream + "-" + strconv.Itoa(block)))
	h, err := highwayhash.New64(key[:])
	if err != nil {
		return nil // only for keys that are not 32 bytes long
	}
	return h
}

// scan is what scanBlock found.
type scan struct {
	last uint64 // highest sequence of the good records
	bad  int    // offset of the first bad record; -1 if there is none
	more bool   // a good record follows somewhere behind the bad one: not a torn end
}

func scanBlock(b []byte, h hash.Hash) scan {
	r := scan{bad: -1}
	for at := 0; at < len(b); {
		if seq, n, ok := readRecord(b[at:], h); ok {
			r.last = max(r.last, seq)
			at += n
			continue
		}
		r.bad = at
		r.more = recordFollows(b[at:], r.last, h)
		return r
	}
	return r
}

// recordFollows tells whether a good record with a sequence a little above last lies anywhere behind
// the bad one at the start of b. The sequence is looked at first: hashing whatever might be a record
// would take minutes.
func recordFollows(b []byte, last uint64, h hash.Hash) bool {
	const near = 1 << 20
	for at := 1; at+recordHeader+recordHash <= len(b); at++ {
		seq := binary.LittleEndian.Uint64(b[at+4:]) & sequenceBits
		if seq <= last || seq > last+near {
			continue
		}
		if _, _, ok := readRecord(b[at:], h); ok {
			return true
		}
	}
	return false
}

// readRecord checks the record at the start of b; n is its length.
func readRecord(b []byte, h hash.Hash) (seq uint64, n int, ok bool) {
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
	h.Reset()
	h.Write(b[4:20])
	h.Write(b[recordHeader:body])
	h.Write(b[body+headers : end])
	var sum [recordHash]byte
	if !bytes.Equal(h.Sum(sum[:0]), b[end:n]) {
		return 0, 0, false
	}
	return binary.LittleEndian.Uint64(b[4:]) & sequenceBits, n, true
}
