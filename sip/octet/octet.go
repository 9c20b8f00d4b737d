// Package octet is what those who look at the octets of a SIP message share, without parsing it: the guard and the farm.
package octet

// EqualFold compares ASCII; lower must be in lower case. Unlike that of package bytes it takes no other letter for one of
// ASCII.
func EqualFold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
