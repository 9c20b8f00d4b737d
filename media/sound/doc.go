// Package sound is what is played to callers out of files: prompts, music, messages.
//
// Decode reads a file of any of the kinds that people keep prompts in and makes a Sound of it: audio in
// memory, never changed, shared by all who play it. A Player plays it to one stream or one mixer, from
// where and for as long as it was told. A Tone is a player without a file.
//
// A thousand calls often hear the same prompt. So a Sound keeps itself at both sample rates of streams
// and, piece by piece as it is first played, encoded for them: who plays what others have played copies
// payload. Nobody can hear a difference.
package sound
