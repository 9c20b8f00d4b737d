// Package msg holds every message that may cross from one member to another: one .proto file per
// receiving actor, and the conversions between them and package signal.
//
// A message is named after its receiver and a word: commands imperative (LegAccept), facts in the
// past tense (LegAnswered), questions Find with the answer Found. A message that was sent is never
// changed. Messages that stay on one member are unexported types in their actor's own package.
package msg
