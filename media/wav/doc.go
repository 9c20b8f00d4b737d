// Package wav reads and writes WAV files (RIFF, WAVE) of linear 16-bit, mu-law and A-law audio.
//
// A Writer writes a recording in place, under its final name, in pieces of a quarter of a second:
// first the samples, then the sizes in the header. So the file is a valid one at any moment, and a process
// that dies loses the last quarter at most. It does not force data to the medium: a machine that dies may
// lose what its system had not written yet. A Reader takes a file that was cut as far as it goes.
//
// A Clip is a whole file in memory, to be played by many streams at once without touching the disk.
package wav
