package txn

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

var rewrite = flag.Bool("rewrite", false, "write the transcripts anew")

// machine is any of the four, as the transcripts drive it.
type machine interface {
	event(word string, now Tick) (Action, error)
	tick(t Times, now Tick) Action
	next() Tick
}

var times = NewTimes(500*time.Millisecond, 4*time.Second, 5*time.Second)

type serverDriver struct{ *server }

func (d serverDriver) event(word string, now Tick) (Action, error) {
	switch word {
	case "request":
		return d.repeated(), nil
	case "ack":
		return d.acked(times, now), nil
	}
	status, err := strconv.Atoi(strings.TrimPrefix(word, "respond-"))
	return d.respond(times, now, status), err
}

type clientDriver struct{ *client }

func (d clientDriver) event(word string, now Tick) (Action, error) {
	switch word {
	case "cancel":
		return d.cancel(times, now), nil
	case "failure":
		return d.failed(), nil
	}
	status, err := strconv.Atoi(word)
	return d.answered(times, now, status), err
}

// begin makes the machine that the first line of a story names: "server INVITE UDP".
func begin(line string) (machine, *State, error) {
	f := strings.Fields(line)
	if len(f) != 3 {
		return nil, nil, fmt.Errorf("first line %q", line)
	}
	invite, reliable := f[1] == "INVITE", f[2] != "UDP"
	if f[0] == "server" {
		s := newServer(times, 0, invite, reliable)
		return serverDriver{&s}, &s.state, nil
	}
	c := newClient(times, 0, invite, reliable)
	return clientDriver{&c}, &c.state, nil
}

// tell runs one story. Lines are "seconds event"; before each event the timers that are due fire,
// and the event "wait" is only time. The result has every line with its actions and the state.
func tell(story []string) (string, error) {
	var out bytes.Buffer
	m, state, err := begin(story[0])
	if err != nil {
		return "", err
	}
	fmt.Fprintln(&out, story[0])
	for _, line := range story[1:] {
		if strings.HasPrefix(line, "   ") {
			continue // what the machine said the last time
		}
		at, word, _ := strings.Cut(line, " ")
		seconds, err := strconv.ParseFloat(at, 64)
		if err != nil {
			return "", err
		}
		now := Tick(seconds * float64(time.Second/Step))
		for due := m.next(); due != 0 && due <= now && *state != Ended; due = m.next() {
			note(&out, due, m.tick(times, due), *state)
		}
		fmt.Fprintln(&out, line)
		if word == "wait" || *state == Ended {
			continue
		}
		act, err := m.event(word, now)
		if err != nil {
			return "", err
		}
		note(&out, now, act, *state)
	}
	return out.String(), nil
}

func note(out *bytes.Buffer, at Tick, act Action, state State) {
	fmt.Fprintf(out, "   %.2f  %v -> %v\n", float64(at)/100, act, state)
}

// TestTranscripts tells the stories of testdata: blocks between empty lines, comments with '#'.
func TestTranscripts(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txt")
	if len(files) == 0 {
		t.Fatal("no transcripts")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			old, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var fresh []string
			for block := range strings.SplitSeq(strings.TrimSpace(string(old)), "\n\n") {
				lines := strings.Split(block, "\n")
				head := 0
				for strings.HasPrefix(lines[head], "#") {
					head++
				}
				text, err := tell(lines[head:])
				if err != nil {
					t.Fatalf("%s: %v", lines[0], err)
				}
				fresh = append(fresh, strings.Join(append(lines[:head:head], strings.TrimSpace(text)), "\n"))
			}
			got := strings.Join(fresh, "\n\n") + "\n"
			if *rewrite {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(old) {
				t.Errorf("the story goes otherwise now:\n%s", got)
			}
		})
	}
}
