// Command gen makes the files of speech: it lets espeak-ng speak each phrase, cuts the silence off,
// brings it to 8 kHz and to one level, and writes it as mu-law. It is run by go generate.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"tandem/media/codec"
	"tandem/media/wav"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: gen DIRECTORY")
	}
	if err := generate(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

// generate replaces all files of speech in a directory.
func generate(dir string) error {
	stale, err := filepath.Glob(filepath.Join(dir, "*.wav"))
	if err != nil {
		return err
	}
	for _, path := range stale {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	for _, p := range phrases {
		pcm, err := render(p.text)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, p.name+".wav"), file(pcm), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// render speaks a text and returns it ready for the telephone.
func render(text string) ([]int16, error) {
	pcm, from, err := speak(text)
	if err != nil {
		return nil, err
	}
	return level(trim(resample(pcm, from))), nil
}

func file(pcm []int16) []byte {
	mu, _ := codec.ByName("PCMU")
	out := wav.AppendHeader(nil, wav.Format{Encoding: wav.MuLaw, Rate: rate, Channels: 1}, len(pcm))
	out = mu.NewEncoder().Encode(out, pcm)
	if len(pcm)%2 == 1 {
		out = append(out, codec.MuLawSilence)
	}
	return out
}
