package tidy

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// outFlag is where a command says that its files go to the root of the repository.
const outFlag = "--go_out=."

// Commands returns the lines of a file that go generate would run and that call protoc.
func Commands(f *File) (commands []string) {
	for line := range strings.SplitSeq(string(f.Source), "\n") {
		if c, ok := strings.CutPrefix(line, "//go:generate "); ok && strings.Contains(c, "protoc") {
			commands = append(commands, c)
		}
	}
	return commands
}

// Generated runs the protoc command of f, a file below root, into an empty directory and compares
// what comes out with what is there: every file must be equal, and none may lack or be too many.
// Only the line that names the version of protoc may differ.
func Generated(root string, f *File, command, empty string) ([]Fault, error) {
	words, err := split(command)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Path, err)
	}
	if strings.Count(command, outFlag) != 1 {
		return nil, fmt.Errorf("%s: the command does not say %s once", f.Path, outFlag)
	}
	for i := range words {
		words[i] = strings.Replace(words[i], outFlag, "--go_out="+empty, 1)
	}
	run := exec.Command(words[0], words[1:]...)
	run.Dir = filepath.Join(root, f.Room)
	if out, err := run.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", f.Path, err, out)
	}
	return compare(filepath.Join(root, f.Room), filepath.Join(empty, f.Room), f.Room)
}

// compare finds what differs between the generated files of two directories.
func compare(committed, fresh, room string) (faults []Fault, err error) {
	names := map[string]bool{}
	for _, dir := range []string{committed, fresh} {
		found, err := filepath.Glob(filepath.Join(dir, "*.pb.go"))
		if err != nil {
			return nil, err
		}
		for _, name := range found {
			names[filepath.Base(name)] = true
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: the command makes no .pb.go file", room)
	}
	for name := range names {
		old, oldErr := os.ReadFile(filepath.Join(committed, name))
		now, nowErr := os.ReadFile(filepath.Join(fresh, name))
		switch at := room + "/" + name; {
		case oldErr != nil:
			faults = append(faults, Fault{at, 0, "is missing: run go generate ./..."})
		case nowErr != nil:
			faults = append(faults, Fault{at, 0, "is made by no .proto file any more: delete it"})
		case !bytes.Equal(unversioned(old), unversioned(now)):
			faults = append(faults, Fault{at, 0, "is not what its .proto file gives: run go generate ./..."})
		}
	}
	return faults, nil
}

var protocVersion = regexp.MustCompile(`(?m)^// \tprotoc +v.*\n`)

func unversioned(src []byte) []byte { return protocVersion.ReplaceAll(src, nil) }

// split cuts a command into words as go generate does: at spaces, but for words in double quotes,
// which are Go strings.
func split(command string) (words []string, err error) {
	for rest := strings.TrimSpace(command); rest != ""; rest = strings.TrimSpace(rest) {
		if rest[0] != '"' {
			word, after, _ := strings.Cut(rest, " ")
			words, rest = append(words, word), after
			continue
		}
		quoted, err := strconv.QuotedPrefix(rest)
		if err != nil {
			return nil, fmt.Errorf("an open quotation mark in %s", command)
		}
		word, err := strconv.Unquote(quoted)
		if err != nil {
			return nil, err
		}
		words, rest = append(words, word), rest[len(quoted):]
	}
	return words, nil
}
