package registrar

import (
	"strconv"
	"strings"
	"time"

	"tandem/signal"
)

// maxQ is the highest preference, in thousandths.
const maxQ = 1000

// usualExpires is what a malformed expires means (RFC 3261 section 20.10).
const usualExpires = time.Hour

// lifetime is what one contact asks for: its own parameter, else the header, else the default of
// the member (section 10.3, step 7). More than MaxExpires is shortened. brief reports that it is
// under MinExpires, which is refused; zero is no lifetime but the end, and never too brief.
func (g Registrar) lifetime(c signal.Party, h signal.Headers) (life time.Duration, brief bool) {
	text, given := c.Params.Get("expires")
	if !given {
		if fields := h.All("Expires"); len(fields) > 0 {
			text, given = fields[0], true
		}
	}
	life = max(g.Limits.DefaultExpires, g.Limits.MinExpires)
	if given {
		life = parseExpires(text)
	}
	life = min(life, g.Limits.MaxExpires)
	return life, life > 0 && life < min(g.Limits.MinExpires, g.Limits.MaxExpires)
}

// parseExpires reads delta-seconds. What is beyond 2^32-1 means just that (section 20.19), and what
// is no number means an hour.
func parseExpires(s string) time.Duration {
	s = strings.TrimSpace(s)
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return usualExpires
	}
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		n = 1<<32 - 1
	}
	return time.Duration(n) * time.Second
}

// parseQ reads a preference: 0 to 1 with up to three digits after the point (section 25.1). ok is
// false for anything else.
func parseQ(s string) (q int, ok bool) {
	whole, digits, _ := strings.Cut(s, ".")
	if whole != "0" && whole != "1" || len(digits) > 3 || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	q, err := strconv.Atoi(whole + (digits + "000")[:3])
	return q, err == nil && q <= maxQ
}

// formatQ writes a preference as short as it can be.
func formatQ(q int) string { return strconv.FormatFloat(float64(q)/maxQ, 'f', -1, 64) }
