package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"tandem/media/prompt"
)

// longest is the greatest length of a computed sound.
const longest = time.Minute

// phrase is one file: its name, and what the synthesiser is given; or, for a sound that is computed, the
// name that media/prompt has for it, and for how long.
type phrase struct {
	name, text string
	computed   string
	length     time.Duration
}

// readPhrases reads a list from a file: see parse.
func readPhrases(path string) ([]phrase, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	list, err := parse(f)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", path, err)
	}
	return list, nil
}

// parse reads one phrase a line: a name without blanks, blanks, and the text; or "= SOUND LENGTH" instead of
// the text. Lines that are empty or begin with # are passed over. An error begins with the line's number.
func parse(from io.Reader) (list []phrase, err error) {
	names := map[string]bool{}
	lines := bufio.NewScanner(from)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		p, err := parseLine(line)
		if err != nil {
			return nil, fmt.Errorf("%d: %w", n, err)
		}
		if names[strings.ToLower(p.name)] {
			return nil, fmt.Errorf("%d: %q is there twice", n, p.name)
		}
		names[strings.ToLower(p.name)] = true
		list = append(list, p)
	}
	return list, lines.Err()
}

func parseLine(line string) (p phrase, err error) {
	words := strings.Fields(line)
	p.name = words[0]
	if len(words) == 1 || strings.ContainsAny(p.name, "./\\") {
		return p, fmt.Errorf("%q: wants a name without dots and slashes, and a text", line)
	}
	if words[1] != "=" {
		p.text = strings.Join(words[1:], " ")
		return p, nil
	}
	if len(words) != 4 {
		return p, fmt.Errorf("%q: wants the name of a sound, and its length", line)
	}
	p.computed = words[2]
	if p.length, err = time.ParseDuration(words[3]); err != nil {
		return p, fmt.Errorf("%q: %w", line, err)
	}
	if p.length <= 0 || p.length > longest {
		return p, fmt.Errorf("%q: a sound has at most %v", line, longest)
	}
	if _, err := prompt.Open(p.computed); err != nil {
		return p, fmt.Errorf("%q: %w", line, err)
	}
	return p, nil
}

// render makes the samples of a phrase, ready for the telephone.
func (p phrase) render(who speaker) ([]int16, error) {
	if p.computed != "" {
		return p.compute()
	}
	pcm, from, err := who.speak(p.text)
	if err != nil {
		return nil, err
	}
	return level(trim(resample(pcm, from))), nil
}

// compute plays a sound of media/prompt for its time; silence follows one that ends before.
func (p phrase) compute() ([]int16, error) {
	source, err := prompt.Open(p.computed)
	if err != nil {
		return nil, err
	}
	pcm := make([]int16, rate*p.length/time.Second)
	frame := make([]int16, rate/50)
	for at := 0; at < len(pcm) && source.Read(frame); {
		at += copy(pcm[at:], frame)
	}
	return pcm, nil
}
