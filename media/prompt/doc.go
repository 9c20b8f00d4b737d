// Package prompt has the sounds that come with the server: English words and letters, beeps, and
// music on hold. A prompt is a media source: Name, Rate, Read. Words are mu-law WAV files at 8 kHz
// in speech, embedded in the binary; ORIGIN.md tells where they come from, and `go generate` makes
// them anew. Tones and music are computed.
package prompt

//go:generate go run ./gen speech.txt speech
