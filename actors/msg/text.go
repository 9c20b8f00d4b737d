package msg

import (
	"strings"
	"unicode/utf8"
)

// Cut is a text that comes from outside as a message can carry it: at most so many bytes, and no half of a letter. A string
// that is not UTF-8 could not be sent at all, nor what it is a part of; each stretch of such bytes becomes a question mark.
func Cut(text string, most int) string {
	if len(text) > most {
		for most > 0 && !utf8.RuneStart(text[most]) {
			most--
		}
		text = text[:most]
	}
	return strings.ToValidUTF8(text, "?")
}
