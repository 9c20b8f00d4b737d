package sdp

import (
	"strconv"
	"strings"

	"tandem/media/codec"
)

// What an end says of the Opus that it would like to be sent, or will send (RFC 7587 section 6.1), is between the two who
// talk it. It stands behind the codec's name where that is passed on, "opus;useinbandfec=1;stereo=0", as it is written in an
// fmtp; we act on some of it where we encode ourselves.

// opusMap is how Opus is always named in an rtpmap.
const opusMap = "opus/48000/2"

// opusSays are the parameters that are passed on. All have numbers for values.
var opusSays = map[string]bool{
	"maxplaybackrate": true, "sprop-maxcapturerate": true, "minptime": true, "stereo": true, "sprop-stereo": true,
	"cbr": true, "useinbandfec": true, "usedtx": true, "maxaveragebitrate": true,
}

// says is what an fmtp line says of a payload number.
type says struct {
	number uint8
	text   string
}

// parseSays reads an fmtp, "number name=value;name=value"; of what is not known nothing is kept.
func parseSays(value string) (s says, ok bool) {
	number, list, _ := strings.Cut(strings.TrimSpace(value), " ")
	n, err := strconv.ParseUint(number, 10, 7)
	return says{uint8(n), cleanSays(list)}, err == nil
}

// cleanSays writes what is known of a list of parameters in one way, each once.
func cleanSays(list string) string {
	var kept []string
	seen := map[string]bool{}
	for one := range strings.SplitSeq(list, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(one), "=")
		name = strings.ToLower(name)
		n, err := strconv.ParseUint(value, 10, 20)
		if err == nil && opusSays[name] && !seen[name] {
			seen[name] = true
			kept = append(kept, name+"="+strconv.FormatUint(n, 10))
		}
	}
	return strings.Join(kept, ";")
}

// said is what the m-line says of a payload number, "" for nothing.
func (m *mediaLine) said(number uint8) string {
	for _, s := range m.attrs.says {
		if s.number == number {
			return s.text
		}
	}
	return ""
}

// wishes are what we heed of what a peer says.
func wishes(says string) (w codec.Wishes) {
	for one := range strings.SplitSeq(says, ";") {
		name, value, _ := strings.Cut(one, "=")
		switch name {
		case "useinbandfec":
			w.FEC = value == "1"
		case "usedtx":
			w.DTX = value == "1"
		case "maxaveragebitrate":
			w.Rate, _ = strconv.Atoi(value) // it was read once
		}
	}
	return w
}

// Named is the codec's name, with what the peer says of it.
func (f Format) Named() string { return named(f.Codec, f.Says) }

func named(c codec.Codec, says string) string {
	if says == "" {
		return c.Name
	}
	return c.Name + ";" + says
}

// Pass lets our SDP say of Opus, from now on, what another end says of it: the one whose packets are passed on, which gave
// these names of codecs. Where none of them says anything, ours is said.
func (s *Session) Pass(names ...string) {
	s.passes = ""
	for _, n := range names {
		name, says, _ := strings.Cut(n, ";")
		if c, ok := codec.ByName(name); ok && c.Parameters() != "" {
			s.passes = cleanSays(says)
			return
		}
	}
}

// parameters is what our fmtp says of a codec.
func (s *Session) parameters(c codec.Codec) string {
	if ours := c.Parameters(); ours == "" || s.passes == "" {
		return ours
	}
	return s.passes
}
