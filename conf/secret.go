package conf

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is a text that nobody may see. However it is printed, logged or encoded, a mask appears;
// string(s) is the one way to the text itself.
//
// In a file or a variable it may be written as it is, as file:PATH (the content of that file
// without its last line end) or as env:NAME (the value of that variable).
type Secret string

// mask stands for a secret. Read as a value it is refused: it comes from a masked print-out.
const mask = "********"

func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return mask
}

// Format prints the mask whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue hands the mask to slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hands the mask to encoders.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
