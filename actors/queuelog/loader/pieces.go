package loader

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// maxPieces is how many files that a log was rotated to are looked at, those that were written last.
const maxPieces = 200

// maxNumber is the greatest number that is one; what is greater is a date.
const maxNumber = 9999

// maxListed is how often a folder is listed to see it twice alike: files may be renamed one after the other meanwhile.
const maxListed = 5

// piece is a file that a log is, or was before it was rotated.
type piece struct {
	path string
	id   string // by its first line
	at   int64  // time of that, in seconds since 1970; 0: it says none
	info os.FileInfo

	number int    // that rotation has given it; 0: none
	date   string // that rotation has given it; "": none
}

// settled tells whether two looks saw the same file: nobody renamed it, or wrote a copy into it. The log itself may grow.
func (p piece) settled(q piece, log string) bool {
	return p.path == q.path && os.SameFile(p.info, q.info) && (p.path == log || p.info.Size() == q.info.Size())
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

// dateOf is the date in what follows the name of a log: -20260102 or .2026-01-02.gz; "": none. Dates of one log are written in
// one way, so the greater text is the later one.
func dateOf(ending string) string {
	first, _, _ := strings.Cut(strings.TrimLeft(ending, ".-"), ".")
	if len(first) < len("20260102") || strings.Trim(first, "0123456789-_:T") != "" {
		return ""
	}
	return first
}

// identify knows a file by its first line; "": it has none yet.
func identify(path string) (id string, at int64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer func() { _ = file.Close() }()
	first, err := firstOf(file)
	if first == nil {
		return "", 0, err
	}
	stamp, _, _ := bytes.Cut(first, []byte("|"))
	at, _ = strconv.ParseInt(string(bytes.TrimSpace(stamp)), 10, 64)
	return hashOf(first), max(at, 0), nil
}

// firstOf is what a file is known by: its first line that is not blank; nil: there is none yet. The error is that of a file which
// is squeezed, and not as it should be.
func firstOf(file io.Reader) ([]byte, error) {
	in, err := unpack(file)
	if err != nil {
		return nil, err
	}
	s := &source{in: in}
	for {
		one, err := s.line()
		if err != nil {
			return nil, nil
		}
		if len(bytes.TrimSpace(one)) > 0 {
			return one, nil
		}
	}
}

// errRenamed: files of a log are never seen twice alike.
var errRenamed = errors.New("the files of the log are being renamed all the time")

// pieces are the files that begin with the name of a log, the oldest one first, and the log itself as the last. Those that
// can not be read, or have no line yet, are none. They are looked at when nobody renames, copies or squeezes them: one that
// was passed over meanwhile would never be read.
func pieces(log string) ([]piece, error) {
	log = filepath.Clean(log)
	all, _ := list(log)
	for range maxListed {
		for i := range all {
			all[i].id, all[i].at, _ = identify(all[i].path) // a file that is being squeezed is there in two ways
		}
		now, whole := list(log)
		if whole && slices.EqualFunc(all, now, func(a, b piece) bool { return a.settled(b, log) }) {
			return ordered(all, log), nil
		}
		all = now
	}
	return nil, errRenamed
}

// ordered are those that have a line, the oldest one first.
func ordered(all []piece, log string) []piece {
	all = slices.DeleteFunc(all, func(p piece) bool { return p.id == "" })
	byLine := !slices.ContainsFunc(all, func(p piece) bool { return p.at == 0 })
	byNumber := !slices.ContainsFunc(all, func(p piece) bool { return p.number == 0 && p.path != log })
	byDate := !slices.ContainsFunc(all, func(p piece) bool { return p.date == "" && p.path != log })
	slices.SortStableFunc(all, func(a, b piece) int {
		switch {
		case a.path == log || b.path == log:
			return cmp.Compare(last(a.path == log), last(b.path == log))
		case byLine && a.at != b.at: // whatever they are called: the highest number is the newest with some writers, the oldest with others
			return cmp.Compare(a.at, b.at)
		case byNumber: // the times of files lie: whoever squeezes them may make them new
			return cmp.Compare(b.number, a.number)
		case byDate && a.date != b.date:
			return cmp.Compare(a.date, b.date)
		}
		return cmp.Or(a.info.ModTime().Compare(b.info.ModTime()), cmp.Compare(len(b.path), len(a.path)), cmp.Compare(b.path, a.path))
	})
	return all
}

func last(is bool) int {
	if is {
		return 1
	}
	return 0
}

// list are the files of a log, those that were written last and the log itself, in no order. They are not the whole where one
// was renamed while they were listed: it may be missing under either name.
func list(log string) (all []piece, whole bool) {
	names, err := os.ReadDir(filepath.Dir(log))
	if err != nil {
		return nil, true
	}
	whole = true
	for _, entry := range names {
		ending, ok := strings.CutPrefix(entry.Name(), filepath.Base(log))
		if !ok || ending != "" && ending[0] != '.' && ending[0] != '-' {
			continue
		}
		path := filepath.Join(filepath.Dir(log), entry.Name())
		info, err := os.Stat(path)
		if errors.Is(err, os.ErrNotExist) && entry.Type()&os.ModeSymlink == 0 {
			whole = false
		}
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		all = append(all, piece{path: path, info: info, number: numberOf(ending), date: dateOf(ending)})
	}
	slices.SortStableFunc(all, func(a, b piece) int {
		return cmp.Or(cmp.Compare(last(a.path == log), last(b.path == log)), a.info.ModTime().Compare(b.info.ModTime()))
	})
	return all[max(0, len(all)-maxPieces-1):], whole
}
