package store

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"sync"
)

// marks remembers, per stream, the last sequence that was acknowledged, in a file of its own. It
// is written behind every acknowledgement without a sync: that survives the death of the process,
// and after a power cut it is at worst too low. So it never claims what is not there, and what it
// claims must be there.
//
// The file has 16 bytes per stream, in the order of streamNames: sequence, CRC32C of slot number
// and sequence, both little endian, and padding.
type marks struct {
	mu   sync.Mutex
	file *os.File
	seq  []uint64
	err  error // of the first failed write; the mark stays low then, which is safe
}

const markSlot = 16

func openMarks(dir string, streams int) (*marks, error) {
	f, err := os.OpenFile(filepath.Join(dir, "mark"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	m := &marks{file: f, seq: make([]uint64, streams)}
	for i := range m.seq {
		var b [markSlot]byte
		if n, _ := f.ReadAt(b[:], int64(i)*markSlot); n == markSlot && b == encodeMark(i, b) {
			m.seq[i] = binary.LittleEndian.Uint64(b[:])
		}
	}
	return m, nil
}

// encodeMark returns b with the checksum that belongs to its sequence and slot.
func encodeMark(slot int, b [markSlot]byte) [markSlot]byte {
	b[12] = byte(slot)
	sum := crc32.Checksum(b[:8], castagnoli) ^ uint32(slot+1)
	binary.LittleEndian.PutUint32(b[8:], sum)
	return b
}

// advance notes that the stream in this slot has acknowledged seq.
func (m *marks) advance(slot int, seq uint64) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if seq <= m.seq[slot] {
		return
	}
	m.seq[slot] = seq
	var b [markSlot]byte
	binary.LittleEndian.PutUint64(b[:], seq)
	b = encodeMark(slot, b)
	if _, err := m.file.WriteAt(b[:], int64(slot)*markSlot); err != nil && m.err == nil {
		m.err = err
	}
}

// acknowledged is the last sequence noted for the slot; 0 if none is known.
func (m *marks) acknowledged(slot int) uint64 {
	if m == nil {
		return 0
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.seq[slot]
}

func (m *marks) close() error {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	err := m.err
	if serr := m.file.Sync(); err == nil {
		err = serr
	}
	if cerr := m.file.Close(); err == nil {
		err = cerr
	}
	return err
}

// A file named clean lies in the directory between a clean stop and the next start.

func noteClean(dir string) error {
	f, err := os.Create(filepath.Join(dir, "clean"))
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return syncDir(dir)
}

func wasClean(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "clean"))
	return err == nil
}

func forgetClean(dir string) error {
	if err := os.Remove(filepath.Join(dir, "clean")); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("store: %w", err)
	}
	return syncDir(dir)
}
