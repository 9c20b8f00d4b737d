package loader

import (
	"bufio"
	"bytes"
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// maxPieces is how many files that a log was rotated to are looked at, the youngest ones.
const maxPieces = 200

// maxNumber is the greatest number that is one; what is greater is a date.
const maxNumber = 9999

// piece is a file that a log is, or was before it was rotated.
type piece struct {
	path string
	id   string // by its first line
	info os.FileInfo

	number int // that rotation has given it, the greatest one to the oldest; 0: none
}

// numberOf is the number in what follows the name of a log: .2 or .2.gz.
func numberOf(ending string) int {
	first, _, _ := strings.Cut(strings.TrimPrefix(ending, "."), ".")
	n, err := strconv.Atoi(first)
	if err != nil || n < 0 || n > maxNumber || !strings.HasPrefix(ending, ".") {
		return 0
	}
	return n + 1 // some begin with .0
}

// identify knows a file by its first line; "": it has none yet.
func identify(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	in, err := unpack(file)
	if err != nil {
		return "", err
	}
	return firstOf(in)
}

// firstOf is what a file is known by: its first line that is not blank.
func firstOf(in *bufio.Reader) (string, error) {
	s := &source{in: in}
	for {
		one, err := s.line()
		if err != nil {
			return "", nil // there is none yet
		}
		if len(bytes.TrimSpace(one)) > 0 {
			return hashOf(one), nil
		}
	}
}

// pieces are the files that begin with the name of a log, the oldest one first, and the log itself as the last.
func pieces(log string) []piece {
	paths, _ := filepath.Glob(log + "*") // a bad pattern has none
	var all []piece
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() || path == log {
			continue
		}
		all = append(all, piece{path: path, info: info, number: numberOf(path[len(log):])})
	}
	numbered := !slices.ContainsFunc(all, func(p piece) bool { return p.number == 0 })
	slices.SortStableFunc(all, func(a, b piece) int {
		if numbered { // the times of files lie: whoever squeezes them may make them new
			return cmp.Compare(b.number, a.number)
		}
		return cmp.Or(a.info.ModTime().Compare(b.info.ModTime()), cmp.Compare(len(b.path), len(a.path)), cmp.Compare(b.path, a.path))
	})
	all = all[max(0, len(all)-maxPieces):]
	if info, err := os.Stat(log); err == nil {
		all = append(all, piece{path: log, info: info})
	}
	known := all[:0]
	for _, p := range all {
		if id, err := identify(p.path); err == nil && id != "" {
			p.id = id
			known = append(known, p)
		}
	}
	return known
}
