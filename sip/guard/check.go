package guard

import (
	"bytes"
	"slices"
	"strings"

	"tandem/signal"
	"tandem/sip/octet"
)

// once are the fields that may stand one time only. Two of them would leave it to each reader which
// one to believe.
var once = [...]kind{kindFrom, kindTo, kindCallID, kindCSeq, kindMaxForwards, kindContentType}

// needed are the fields without which no message can be matched (RFC 3261 section 8.1.1).
// Max-Forwards is not among them: RFC 2543 did not have it in every request.
var needed = [...]kind{kindVia, kindFrom, kindTo, kindCallID, kindCSeq}

// checkCommon checks what is true of requests and responses alike.
func (s *scan) checkCommon() *problem {
	for _, k := range once {
		if s.count[k] > 1 {
			return problemRepeated
		}
	}
	for _, k := range needed {
		if s.count[k] == 0 {
			return problemMissing
		}
	}
	if id := s.value[kindCallID]; len(id) == 0 || bytes.ContainsAny(id, " \t\r\n") || hasControl(id) {
		return problemCallID
	}
	if !checkAddresses(s.value[kindFrom], false) || !checkAddresses(s.value[kindTo], false) {
		return problemAddress
	}
	seq, method := word(s.value[kindCSeq])
	if _, ok := number(seq, 1<<31-1); !ok || !isToken(method) {
		return problemCSeq
	}
	if !s.start.response && !bytes.Equal(method, s.start.method) {
		return problemCSeqMethod
	}
	return nil
}

// checkResponse: a response with more Vias than ours is for somebody else (section 8.1.3.3).
func (s *scan) checkResponse() *problem {
	if s.count[kindVia] > 1 {
		return problemManyVias
	}
	return nil
}

// checkRequest goes through RFC 3261 section 8.2 in its order: method, header, content.
func (s *scan) checkRequest(l *Limits) *problem {
	if p := s.checkForwards(); p != nil {
		return p
	}
	if !isKnown(s.start.method) {
		return problemMethod
	}
	if s.is(signal.ACK) || s.is(signal.CANCEL) {
		return nil // Require has no meaning there (section 8.2.2.3), nor has content
	}
	if s.count[kindRequire] > 0 && len(unknownOptions(s.head, l.Options)) > 0 {
		return problemOption
	}
	return s.checkContent()
}

func (s *scan) is(m signal.Method) bool { return string(s.start.method) == string(m) }

// known are the methods that somebody here can at least refuse with understanding.
var known = [...]signal.Method{signal.INVITE, signal.ACK, signal.BYE, signal.CANCEL, signal.REGISTER,
	signal.OPTIONS, signal.INFO, signal.MESSAGE, signal.REFER, signal.NOTIFY, signal.SUBSCRIBE,
	signal.UPDATE, signal.PRACK, signal.PUBLISH}

func isKnown(method []byte) bool {
	for _, m := range known {
		if string(method) == string(m) {
			return true
		}
	}
	return false
}

// checkForwards refuses a request that must not go one hop further (section 16.3): one that would
// be sent on. What ends here (OPTIONS, REGISTER, all inside a dialog) needs no hop.
func (s *scan) checkForwards() *problem {
	if s.count[kindMaxForwards] == 0 {
		return nil
	}
	n, ok := number(s.value[kindMaxForwards], 255)
	if !ok {
		return problemForwards
	}
	sentOn := s.is(signal.INVITE) || s.is(signal.MESSAGE) || s.is(signal.SUBSCRIBE) || s.is(signal.PUBLISH)
	if n == 0 && sentOn && !hasTag(s.value[kindTo]) {
		return problemHops
	}
	return nil
}

// unknownOptions are the option tags in Require that are not ours, in their order.
func unknownOptions(head []byte, ours []string) (out []string) {
	f := fields{rest: head}
	for name, value, ok := f.next(); ok; name, value, ok = f.next() {
		if kindOf(name) != kindRequire {
			continue
		}
		for tag := range bytes.SplitSeq(value, []byte{','}) {
			t := string(trim(tag))
			known := slices.ContainsFunc(ours, func(o string) bool { return strings.EqualFold(o, t) })
			if t != "" && !known {
				out = append(out, t)
			}
		}
	}
	return out
}

// checkContent checks what an INVITE carries and what it would take back (sections 8.2.3 and
// 20.1). Content of other methods is judged where it is used.
func (s *scan) checkContent() *problem {
	if e := s.value[kindContentEncoding]; len(e) > 0 && !octet.EqualFold(e, "identity") {
		return problemEncoding
	}
	if len(s.body) > 0 && s.count[kindContentType] == 0 {
		return problemNoType
	}
	if !s.is(signal.INVITE) {
		return nil
	}
	if len(s.body) > 0 && !isOffer(s.value[kindContentType]) {
		return problemType
	}
	if s.count[kindAccept] > 0 && !s.acceptsSDP() {
		return problemAccept
	}
	return nil
}

// isOffer reports content in which an SDP offer can be.
func isOffer(contentType []byte) bool {
	media, _, _ := bytes.Cut(contentType, []byte{';'})
	major, minor, _ := bytes.Cut(media, []byte{'/'})
	major, minor = trim(major), trim(minor)
	return octet.EqualFold(major, "application") && octet.EqualFold(minor, "sdp") || octet.EqualFold(major, "multipart")
}

// acceptsSDP looks for SDP in the media ranges of all Accept fields.
func (s *scan) acceptsSDP() bool {
	f := fields{rest: s.head}
	for name, value, ok := f.next(); ok; name, value, ok = f.next() {
		if kindOf(name) != kindAccept {
			continue
		}
		for media := range bytes.SplitSeq(value, []byte{','}) {
			media, _, _ = bytes.Cut(media, []byte{';'})
			media = trim(media)
			if octet.EqualFold(media, "application/sdp") || octet.EqualFold(media, "application/*") || octet.EqualFold(media, "*/*") {
				return true
			}
		}
	}
	return false
}

// hasTag reports a tag parameter in a From or To value, however its parameters are spaced.
func hasTag(value []byte) bool {
	params := value
	if i := bytes.LastIndexByte(value, '>'); i >= 0 {
		params = value[i:]
	}
	_, params, _ = bytes.Cut(params, []byte{';'})
	for p := range bytes.SplitSeq(params, []byte{';'}) {
		name, v, _ := bytes.Cut(p, []byte{'='})
		if octet.EqualFold(trim(name), "tag") && len(trim(v)) > 0 {
			return true
		}
	}
	return false
}
