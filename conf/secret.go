package conf

import (
	"fmt"
	"io"
	"log/slog"
	"regexp"
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

// Address is a text with an address that may have a password in it. However it is printed, logged or encoded, a mask
// stands for that; string(a) is the one way to the text itself.
type Address string

// passwords are those in addresses, up to the last @ of the host (RFC 3986 section 3.2.1).
var passwords = regexp.MustCompile(`(://[^/?#@:\s]*:)[^/?#\s]+@`)

// maskPasswords is a text as people may see it.
func maskPasswords(text string) string { return passwords.ReplaceAllString(text, "${1}"+mask+"@") }

func (a Address) String() string { return maskPasswords(string(a)) }

// Format prints the mask whatever the verb.
func (a Address) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, a.String()) }

// LogValue hands the mask to slog.
func (a Address) LogValue() slog.Value { return slog.StringValue(a.String()) }

// MarshalText hands the mask to encoders.
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }
