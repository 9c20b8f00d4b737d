// Command gen makes the sounds of a list of phrases: it lets espeak-ng speak each of them, cuts the silence
// off, brings it to 8 kHz and to one level, and writes it as mu-law. It is run by go generate, for the
// server's own sounds and for those of the stock applications.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"tandem/media/codec"
	"tandem/media/wav"
)

func main() {
	log.SetFlags(0)
	who := usual
	flag.StringVar(&who.voice, "voice", usual.voice, "voice of the synthesiser")
	flag.IntVar(&who.speed, "speed", usual.speed, "words a minute")
	flag.Parse()
	if flag.NArg() != 2 {
		log.Fatal("usage: gen [-voice VOICE] [-speed WORDS] PHRASES DIRECTORY")
	}
	if err := generate(who, flag.Arg(0), flag.Arg(1)); err != nil {
		log.Fatal(err)
	}
}

// generate makes the sounds of a list in a directory, and removes all others from it.
func generate(who speaker, list, dir string) error {
	phrases, err := readPhrases(list)
	if err != nil {
		return err
	}
	stale := map[string]bool{}
	there, err := filepath.Glob(filepath.Join(dir, "*.wav"))
	if err != nil {
		return err
	}
	for _, path := range there {
		stale[path] = true
	}
	for _, p := range phrases {
		pcm, err := p.render(who)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		path := filepath.Join(dir, p.name+".wav")
		if err := os.WriteFile(path, file(pcm), 0o644); err != nil {
			return err
		}
		delete(stale, path)
	}
	for path := range stale {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return nil
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
