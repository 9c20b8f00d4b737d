package web

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"tandem/web/screen"
)

// Sources are switches outside that tell the statistics what happens there, each by an adapter. A refusal is an *Error.
type Sources interface {
	// Offer takes lines of a source, and says which number is wanted next. Of the texts behind the first one it may take
	// fewer than there are: the answers behind the first one say of how many that is so.
	Offer(ctx context.Context, o SourceOffer) (SourceAnswer, error)
	// Stand tells how the sources stand, by name, or the one that is named.
	Stand(ctx context.Context, name string) ([]Source, error)
	// Feeds refuses an account that may not send for a source.
	Feeds(source, account string) error
}

// SourceOffer is what an adapter sends: see intake.Offer.
type SourceOffer struct {
	Source  string
	Step    string // opens: a connection that will send, ends: it does no more, "": lines
	Conn    string // which connection; "": none that stays
	Address string
	Text    []byte
	Behind  [][]byte // texts that came while earlier ones were being taken
}

// SourceAnswer is what becomes of it.
type SourceAnswer struct {
	Next       uint64        `json:"next"` // number of the line that is wanted
	Taken      uint64        `json:"taken"`
	Duplicates uint64        `json:"duplicates"`
	Malformed  uint64        `json:"malformed"`        // lines that mean nothing; they are not wanted again
	Faults     []SourceFault `json:"faults,omitempty"` // the first of these
	Resend     bool          `json:"resend,omitempty"` // a number is missing: send again from next
	Query      []string      `json:"query,omitempty"`  // calls of which nothing was heard for long

	Behind []SourceAnswer `json:"-"` // to texts behind the first one
}

// SourceFault is a line that means nothing.
type SourceFault struct {
	Line   int    `json:"line"` // its place in what was sent, from 1
	Seq    uint64 `json:"seq,omitempty"`
	Reason string `json:"reason"`
}

// Source is how one stands.
type Source struct {
	Name       string          `json:"name"`
	State      string          `json:"state"` // live, switch lost, lost, never heard, no holder
	Holder     string          `json:"holder,omitempty"`
	Next       uint64          `json:"next"`             // number of the line that is wanted
	Latest     time.Time       `json:"latest,omitzero"`  // newest time, by its clock
	Arrived    time.Time       `json:"arrived,omitzero"` // when the last lines came
	Lag        Seconds         `json:"lag"`              // by which these came behind their times
	Heard      time.Time       `json:"heard,omitzero"`
	Address    string          `json:"address,omitempty"`
	Connected  bool            `json:"connected"` // by a WebSocket
	Lines      uint64          `json:"lines"`
	Duplicates uint64          `json:"duplicates"`
	Malformed  uint64          `json:"malformed"`
	Skewed     uint64          `json:"skewed"` // lines whose times were too far ahead
	Objects    int             `json:"objects"`
	Calls      int             `json:"calls"`
	Rate       float64         `json:"rate"`              // lines in a second, over the last ten
	Refused    []SourceRefusal `json:"refused,omitempty"` // the newest ones, the newest first
}

// SourceRefusal is a line that was refused.
type SourceRefusal struct {
	At     time.Time `json:"at"`
	Seq    uint64    `json:"seq,omitempty"` // its number, where that can be read
	Reason string    `json:"reason"`
}

// maxSourceBody is how many bytes of lines are taken at once.
const maxSourceBody = 256 << 10

var errSources = NotFound("this member takes no sources")

// adapter lets somebody through who may send for a source: whoever shows the control token, an administrator, or an account
// with the role that the settings bind to it. may tells, from then on, whether he still does.
func (s *Server) adapter(w http.ResponseWriter, r *http.Request, source string) (may func() error, err error) {
	if s.services.Sources == nil {
		return nil, errSources
	}
	if strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
		_, err := s.identify(w, r)
		return func() error { return nil }, err
	}
	who, err := s.program(w, r, roleAdapter)
	if err != nil {
		return nil, err
	}
	may = func() error { return s.feeds(who, source) }
	return may, may()
}

// feeds refuses an account, as it was when it showed its password, that may not send for a source now.
func (s *Server) feeds(who Identity, source string) error {
	now, still := s.services.Logins.Identity(who.Account)
	switch {
	case !still || now.Stamp != who.Stamp:
		return Refuse(http.StatusForbidden, "no_right", "%s is not any more what it was when it showed its password: show it again", who.Account)
	case slices.Contains(now.Roles, roleAdministrator):
		return nil
	case !slices.Contains(now.Roles, roleAdapter):
		return Refuse(http.StatusForbidden, "no_right", "%s lacks the role %s", who.Account, roleAdapter)
	}
	return s.services.Sources.Feeds(source, who.Account)
}

// reader lets somebody through who may see how a source stands: whoever may send for it, and supervisors.
func (s *Server) reader(w http.ResponseWriter, r *http.Request, source string) error {
	if s.services.Sources == nil {
		return errSources
	}
	if _, _, password := r.BasicAuth(); !password {
		_, err := s.identify(w, r)
		return err
	}
	who, err := s.program(w, r, roleAdapter, roleSupervisor)
	if err != nil || who.right() >= screen.Supervisor {
		return err
	}
	return s.feeds(who, source)
}

// sourceList tells how all sources stand.
func (s *Server) sourceList(r *http.Request) (any, error) {
	all, err := s.services.Sources.Stand(r.Context(), "")
	for i := range all { // they are told of one
		all[i].Refused = nil
	}
	return struct {
		Sources []Source `json:"sources"`
	}{append([]Source{}, all...)}, err
}

// sourceSend takes lines of a source: the body is one line after the other.
func (s *Server) sourceSend(w http.ResponseWriter, r *http.Request) {
	if _, err := s.adapter(w, r, r.PathValue("name")); err != nil {
		s.refuse(w, r, err)
		return
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxSourceBody))
	if err != nil {
		s.refuse(w, r, Refuse(http.StatusRequestEntityTooLarge, "too_large", "at most %d bytes of lines are taken at once", maxSourceBody))
		return
	}
	a, err := s.services.Sources.Offer(r.Context(), SourceOffer{Source: r.PathValue("name"), Address: sourcePort(r).String(), Text: text})
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, a)
}

// sourceShow tells how a source stands, or turns the request into a WebSocket by which its adapter sends.
func (s *Server) sourceShow(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if slices.ContainsFunc(r.Header["Upgrade"], func(u string) bool { return strings.EqualFold(u, "websocket") }) {
		may, err := s.adapter(w, r, name)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		s.sourceSocket(w, r, name, may)
		return
	}
	if err := s.reader(w, r, name); err != nil {
		s.refuse(w, r, err)
		return
	}
	all, err := s.services.Sources.Stand(r.Context(), name)
	if err == nil && len(all) == 0 {
		err = NotFound("there is no source %q; adapters.sources names those there are", clip(name, 80))
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, all[0])
}
