package signal

// Response is one answer to a Request, as received or to be sent. From, Call-ID, CSeq and Via are
// those of the request it answers; the edge puts them in.
type Response struct {
	Request     string  // ID of the request that is answered
	Method      Method  // of the request that is answered (CSeq method)
	Status      int     // 100 to 699
	Reason      string  // phrase; "" means the usual one for Status
	To          Party   // with the tag of the answering side
	Contacts    []Party // Contact header
	Routes      []string
	Headers     Headers
	ContentType string
	Body        []byte
	Local       bool    // made by our own edge (time-out, transport failure), never on the wire
	Origin      Origin  // received responses only
	Sent        []Party // Contacts of the REGISTER that it answers, as the edge has sent them
}

// Provisional reports a 1xx.
func (r *Response) Provisional() bool { return r.Status < 200 }

// Success reports a 2xx.
func (r *Response) Success() bool { return r.Status >= 200 && r.Status < 300 }

// Redirect reports a 3xx.
func (r *Response) Redirect() bool { return r.Status >= 300 && r.Status < 400 }

// reasons are the phrases of RFC 3261 section 21 and of the RFCs that added codes.
var reasons = map[int]string{
	100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 182: "Queued",
	183: "Session Progress", 199: "Early Dialog Terminated", 200: "OK", 202: "Accepted",
	204: "No Notification",
	300: "Multiple Choices", 301: "Moved Permanently", 302: "Moved Temporarily",
	305: "Use Proxy", 380: "Alternative Service",
	400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden",
	404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable",
	407: "Proxy Authentication Required", 408: "Request Timeout", 410: "Gone",
	412: "Conditional Request Failed", 413: "Request Entity Too Large",
	414: "Request-URI Too Long", 415: "Unsupported Media Type",
	416: "Unsupported URI Scheme", 420: "Bad Extension", 421: "Extension Required",
	422: "Session Interval Too Small", 423: "Interval Too Brief", 428: "Use Identity Header",
	429: "Provide Referrer Identity", 430: "Flow Failed", 433: "Anonymity Disallowed",
	436: "Bad Identity Info", 437: "Unsupported Credential", 438: "Invalid Identity Header",
	439: "First Hop Lacks Outbound Support", 469: "Bad Info Package",
	480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist",
	482: "Loop Detected", 483: "Too Many Hops", 484: "Address Incomplete", 485: "Ambiguous",
	486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here", 489: "Bad Event",
	491: "Request Pending", 493: "Undecipherable", 494: "Security Agreement Required",
	500: "Server Internal Error", 501: "Not Implemented", 502: "Bad Gateway",
	503: "Service Unavailable", 504: "Server Time-out", 505: "Version Not Supported",
	513: "Message Too Large", 580: "Precondition Failure",
	600: "Busy Everywhere", 603: "Decline", 604: "Does Not Exist Anywhere",
	606: "Not Acceptable",
}

// classes name a class of responses where the code itself has no phrase.
var classes = [...]string{1: "Progress", 2: "OK", 3: "Redirection", 4: "Request Failure",
	5: "Server Failure", 6: "Global Failure"}

// ReasonPhrase is the usual phrase for a status code, or that of its class.
func ReasonPhrase(status int) string {
	if p, ok := reasons[status]; ok {
		return p
	}
	if c := status / 100; c >= 1 && c < len(classes) {
		return classes[c]
	}
	return "Unknown"
}
