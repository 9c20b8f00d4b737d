package ledger

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Span is a length of time as people write it: "15s", "1m30s".
type Span string

// Duration is that length; 0 for a text that is none, which no checked definition has.
func (s Span) Duration() time.Duration {
	d, err := time.ParseDuration(string(s))
	if err != nil {
		return 0
	}
	return d
}

// Limits of what is kept of queues and agents.
const (
	MaxNumbers     = 32  // of one queue
	MaxMemberships = 200 // of one agent
	MaxSkills      = 64  // of one agent
	maxLevel       = 100 // of a skill
	maxTier        = 32  // the last one
	maxSteps       = 64  // penalty rules, steps of relaxation, exits, periodic announcements
	maxWord        = 63  // bytes of a name
	maxShown       = 200 // bytes of a text for people, a file or an address
	maxKey         = 16  // digits of a key
	maxQueued      = 20000
	longest        = 30 * 24 * time.Hour
)

// QueueStrategies are the ways to choose an agent.
var QueueStrategies = []string{"ringall", "linear", "rrmemory", "rrordered", "leastrecent", "fewestcalls", "random", "wrandom"}

// Words of settings of queues.
var (
	priorityWords  = []string{"app", "conf"}       // whether the longest stay cuts the last ring
	longestWords   = []string{"no", "yes", "prio"} // who has waited longest in equally heavy queues goes first
	autoPauseWords = []string{"no", "yes", "all"}  // nowhere, in this queue, in all
	positionWords  = []string{"yes", "no", "more"}
	holdWords      = []string{"yes", "no", "once"}
	conditionWords = []string{"", "paused", "penalty", "inuse", "ringing", "unavailable", "invalid", "unknown", "wrapup",
		"strict", "loose", "yes", "no"}
)

// faults collects what is wrong with a definition, so that all is told at once.
type faults struct {
	what string
	list []string
}

func (f *faults) add(format string, a ...any) { f.list = append(f.list, fmt.Sprintf(format, a...)) }

// refusal is nil where nothing is wrong.
func (f *faults) refusal() error {
	if len(f.list) == 0 {
		return nil
	}
	return refuse(Illegal, "%s: %s", f.what, strings.Join(f.list, "; "))
}

// word is a name that stands in addresses and in lines of a queue_log, where NONE means nobody.
func (f *faults) word(key, s string) {
	if !isWord(s) {
		f.add("%s %s is no name: use up to %d letters, digits, '-', '.' and '_', and not NONE", key, clip(s), maxWord)
	}
}

func isWord(s string) bool {
	return s != "" && s != "NONE" && len(s) <= maxWord && !strings.ContainsFunc(s, func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		return !letter && !strings.ContainsRune("0123456789-._", r)
	})
}

// text is something for people.
func (f *faults) text(key, s string) {
	if len(s) > maxShown || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		f.add("%s %s is no text on one line of at most %d bytes", key, clip(s), maxShown)
	}
}

// span is a length of time; an empty one becomes 0s.
func (f *faults) span(key string, s *Span, most time.Duration) {
	if *s == "" {
		*s = "0s"
	}
	d, err := time.ParseDuration(string(*s))
	if err != nil || d < 0 || d > most {
		f.add("%s %s is no length of time such as 15s, from 0s to %s", key, clip(string(*s)), most)
	}
}

func (f *faults) number(key string, n, least, most int) {
	if n < least || n > most {
		f.add("%s %d is out of range: %d to %d", key, n, least, most)
	}
}

func (f *faults) oneOf(key, s string, words []string) {
	if !slices.Contains(words, s) {
		f.add("%s %s is unknown: use %s", key, clip(s), strings.Join(words, ", "))
	}
}

func (f *faults) few(key string, n, most int) {
	if n > most {
		f.add("%s: %d of them, at most %d", key, n, most)
	}
}

// conditions are words with commas between them (reference queuelog.md 4.1).
func (f *faults) conditions(key, s string) {
	for word := range strings.SplitSeq(s, ",") {
		if word = strings.ToLower(strings.TrimSpace(word)); !slices.Contains(conditionWords, word) {
			f.add("%s: %s is no condition: use %s", key, clip(word), strings.Join(conditionWords[1:], ", "))
		}
	}
}

// digits are those of a key or of a number.
func (f *faults) digits(key, s string, most int) {
	if s == "" || len(s) > most || strings.Trim(s, "0123456789*#") != "" {
		f.add("%s %s is not 1 to %d digits, '*' and '#'", key, clip(s), most)
	}
}

// change is one number of a penalty rule.
func (f *faults) change(key, s string) {
	if s == "" {
		return
	}
	if n, err := strconv.Atoi(strings.TrimLeft(s, "+-")); err != nil || n > 1_000_000 || len(s) > 8 {
		f.add("%s %s is neither a number nor a change such as +1 or -1", key, clip(s))
	}
}

// clip is a text in quotes, cut where it would flood the screen.
func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		s = string(r[:60]) + "..."
	}
	return strconv.Quote(s)
}

// some is a list that JSON shows as one, though it is empty.
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
