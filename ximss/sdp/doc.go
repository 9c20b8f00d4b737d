// Package sdp turns session descriptions (RFC 8866) into the XML form that XIMSS clients and CG/PL
// programs see (reference communigate.md 2.1), and back.
//
//	read.go   text to XML      write.go   XML to text
//
//	<sdp origUser sessionID sessionVersion origIP ip subject>
//	  <media media protocol ip rtcp direction ptime> <codec id name format/> <attr name>value</attr> </media>
//	  <attr name>value</attr>
//	</sdp>
//
// Nothing that a description says is lost. What has no place of its own in the form is kept so:
//
//	m= with a number of ports           media@ports
//	any other line, such as b=AS:64     <line type="b">AS:64</line>; t= too where it is not "0 0"
//	a= line that stands twice, or names a payload number that its m= line lacks     <attr>
//	"a=name:" with nothing after it     <attr name="name:"/>
//	an address with an unusual type     the three words of its line, as in ip="[IN IP6 host.test]"
//	no address at all                   ip="[]:9"
//
// Text comes back in the order of the standard: payloads with their lines, rtcp, ptime, direction, then
// the other attributes as they stood. A c= line that says what the session's says is dropped, and an
// rtcp line gets the address that it implied.
//
// What a client writes is not trusted: a value with a line end or another control character, or a blank
// where a word is due, is refused, so that it can not add lines.
package sdp

// Limits of what is read and written.
const (
	MaxText   = 64 << 10 // bytes of a description
	MaxMedia  = 64       // m= lines
	MaxCodecs = 256      // payloads of an m= line
)
