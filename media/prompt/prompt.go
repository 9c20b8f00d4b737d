package prompt

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"tandem/media/tone"
	"tandem/media/wav"
)

// Rate is the sample rate of all prompts.
const Rate = 8000

// frameSamples is how many samples of a prompt are read at a time: 20 ms.
const frameSamples = Rate / 50

// Source is the media engine's interface of a source of audio, one frame at a time.
type Source interface {
	Name() string
	Rate() int
	Read(frame []int16) bool
}

// ErrUnknown is for a name that no prompt has.
var ErrUnknown = errors.New("prompt: no such prompt")

//go:embed speech/*.wav
var files embed.FS

// computed are the prompts that are no files.
var computed = map[string]func() Source{
	"beep":     func() Source { return tone.Beep(Rate) },
	"busy":     func() Source { return tone.Busy(Rate) },
	"joined":   func() Source { return tone.Joined(Rate) },
	"left":     func() Source { return tone.Left(Rate) },
	"music":    Music,
	"ringback": func() Source { return tone.Ringback(Rate) },
	"silence":  func() Source { return tone.Silence(Rate) },
	"tune":     func() Source { return tone.Tune(Rate) },
}

// clips are the files of speech, decoded when one is first asked for: a few milliseconds, and half a
// megabyte.
var clips = sync.OnceValues(func() (map[string]*wav.Clip, error) {
	entries, err := files.ReadDir("speech")
	if err != nil {
		return nil, err
	}
	all := make(map[string]*wav.Clip, len(entries))
	for _, e := range entries {
		content, err := files.ReadFile("speech/" + e.Name())
		if err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(e.Name(), ".wav")
		if all[name], err = wav.ReadClip(name, bytes.NewReader(content)); err != nil {
			return nil, fmt.Errorf("prompt: %s: %w", name, err)
		}
	}
	return all, nil
})

// Open gives the prompt of a name, from its beginning. Capital letters and spaces are allowed: "This
// call uses" is the prompt this-call-uses.
func Open(name string) (Source, error) {
	if made, ok := computed[canonical(name)]; ok {
		return made(), nil
	}
	c, err := clip(name)
	if err != nil {
		return nil, err
	}
	return c.Source(), nil
}

// Names lists all prompts in the order of the alphabet.
func Names() []string {
	all, _ := clips() // the files are embedded: a test opens each
	names := make([]string, 0, len(all)+len(computed))
	for name := range all {
		names = append(names, name)
	}
	for name := range computed {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func clip(name string) (*wav.Clip, error) {
	all, err := clips()
	if err != nil {
		return nil, err
	}
	c, ok := all[canonical(name)]
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrUnknown, name)
	}
	return c, nil
}

// canonical is the form in which prompts are named.
func canonical(name string) string {
	return strings.Join(strings.Fields(strings.ToLower(name)), "-")
}
