package guard

// problem is a rule that a message broke. All of them are here, so that the labels are few and the
// same problem is always answered alike.
type problem struct {
	status int
	reason string // "" for the usual phrase
	cause  string
	close  bool
	// extra makes the fields that the answer must have; may be nil.
	extra func(g *Guard, head []byte) string
}

var (
	problemNotSIP     = &problem{status: 400, cause: "not-sip", close: true}
	problemTooLarge   = &problem{status: 513, cause: "too-large", close: true}
	problemHeaders    = &problem{status: 513, reason: "Too Many Header Fields", cause: "too-many-headers"}
	problemHeader     = &problem{status: 513, reason: "Header Field Too Large", cause: "header-too-large"}
	problemBody       = &problem{status: 413, cause: "body-too-large"}
	problemURILong    = &problem{status: 414, cause: "uri-too-long"}
	problemNoEnd      = &problem{status: 400, reason: "No Empty Line After Header", cause: "no-end", close: true}
	problemControl    = &problem{status: 400, reason: "Control Character In Header", cause: "control", close: true}
	problemField      = &problem{status: 400, reason: "Malformed Header Field", cause: "field"}
	problemStart      = &problem{status: 400, reason: "Malformed Request-Line", cause: "request-line"}
	problemStatusLine = &problem{status: 400, cause: "status-line"}
	problemVersion    = &problem{status: 505, cause: "version", close: true}
	problemURI        = &problem{status: 400, reason: "Malformed Request-URI", cause: "uri"}
	problemScheme     = &problem{status: 416, cause: "scheme"}
	problemVia        = &problem{status: 400, reason: "Malformed Via", cause: "via"}
	problemVias       = &problem{status: 483, cause: "too-many-vias"}
	problemMissing    = &problem{status: 400, reason: "Missing Header Field", cause: "missing"}
	problemRepeated   = &problem{status: 400, reason: "Repeated Header Field", cause: "repeated"}
	problemLength     = &problem{status: 400, reason: "Bad Content-Length", cause: "content-length", close: true}
	problemTruncated  = &problem{status: 400, reason: "Content-Length Beyond Message", cause: "truncated", close: true}
	problemCSeq       = &problem{status: 400, reason: "Bad CSeq", cause: "cseq"}
	problemCSeqMethod = &problem{status: 400, reason: "CSeq Method Does Not Match", cause: "cseq-method"}
	problemCallID     = &problem{status: 400, reason: "Bad Call-ID", cause: "call-id"}
	problemForwards   = &problem{status: 400, reason: "Bad Max-Forwards", cause: "max-forwards"}
	problemHops       = &problem{status: 483, cause: "hops"}
	problemAddress    = &problem{status: 400, reason: "Malformed Address", cause: "address"}
	problemMethod     = &problem{status: 405, cause: "method", extra: allow}
	problemOption     = &problem{status: 420, cause: "option", extra: unsupported}
	problemNoType     = &problem{status: 400, reason: "Missing Content-Type", cause: "no-content-type"}
	problemType       = &problem{status: 415, cause: "content-type", extra: accept}
	problemEncoding   = &problem{status: 415, cause: "content-encoding", extra: acceptEncoding}
	problemAccept     = &problem{status: 406, cause: "accept"}
	problemManyVias   = &problem{status: 400, cause: "response-vias"}
	problemUnparsed   = &problem{status: 400, cause: "unparsed"}
)
