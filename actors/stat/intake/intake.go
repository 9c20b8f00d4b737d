package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"tandem/actors/cluster"
	"tandem/actors/stat/source"
	"tandem/conf"
)

// Kind is that of the names of sources.
const Kind = "source"

// Questions between members.
const (
	// OfferWhat brings an offer to the holder of its source: see Intake.Offered.
	OfferWhat = "source.offer"
	// StandWhat asks a member how the sources stand that it holds: see Intake.Stands.
	StandWhat = "source.stand"
)

// Times of an offer.
const (
	ownerWait = 6 * time.Second // for a source to have a holder
	ownerLook = 50 * time.Millisecond
	takeTime  = 8 * time.Second // for lines to be in the journal
	standTime = 2 * time.Second
)

// Member is this member among others: that of package cluster.
type Member interface {
	Name() string
	Owner(kind, name string) (member string, ok bool)
	Epoch(kind, name string) (uint64, bool)
	AskMember(ctx context.Context, member, what string, body []byte) ([]byte, error)
}

// Hall follows the journal: that of package stat.
type Hall interface {
	Sources(look func(*source.Book))
	CaughtUp(ctx context.Context) error
	Tell(ctx context.Context, name string, bodies ...[]byte) error
}

// Options are what an Intake works with.
type Options struct {
	Member   Member
	Hall     Hall
	Settings func() conf.Adapters
	Now      func() time.Time
	Log      *slog.Logger
}

// Intake takes lines on one member.
type Intake struct {
	Options

	mu   sync.Mutex
	held map[string]*held // sources that this member holds, or has held
}

// New makes an Intake.
func New(o Options) *Intake { return &Intake{Options: o, held: map[string]*held{}} }

// Errors that adapters see.
var (
	ErrUnknown  = errors.New("there is no such source; adapters.sources names those there are")
	ErrNobody   = errors.New("nobody holds this source at the moment; send again")
	ErrReplaced = errors.New("another connection sends for this source now")
	ErrRate     = errors.New("more lines than adapters.max_rate allows in a second; send them again in a moment")
)

// Refusal says what is wrong with an offer as a whole.
type Refusal struct{ error }

// Unwrap gives the reason.
func (r *Refusal) Unwrap() error { return r.error }

// Step is what an offer is, beside its lines.
type Step string

// Steps of a connection.
const (
	Sends Step = ""      // lines; none says that the source lives
	Opens Step = "opens" // a connection that will send from now on, in place of any other one
	Ends  Step = "ends"  // it does not any more
)

// Offer is what an adapter sends.
type Offer struct {
	Source  string `json:"source"`
	Step    Step   `json:"step,omitempty"`
	Conn    string `json:"conn,omitempty"` // the connection by which it comes; "": by none that stays
	Address string `json:"address,omitempty"`
	Text    []byte `json:"text,omitempty"` // lines
	// Behind are texts of messages that came while the one before was being taken. With the first one they have no more bytes
	// than one may have.
	Behind [][]byte `json:"behind,omitempty"`
}

// Answer is what becomes of it.
type Answer struct {
	Next       uint64         `json:"next"`             // number of the line that is wanted
	Taken      uint64         `json:"taken"`            // lines
	Duplicates uint64         `json:"duplicates"`       // that were taken before
	Malformed  uint64         `json:"malformed"`        // that mean nothing; they are not wanted again
	Faults     []source.Fault `json:"faults,omitempty"` // the first of these
	Resend     bool           `json:"resend,omitempty"` // a number is missing: send again from Next
	Query      []string       `json:"query,omitempty"`  // calls of which nothing was heard for long: are they still there?
	Problem    string         `json:"problem,omitempty"`
	// Behind are the answers to the texts behind the first one that were looked at, in order; the others are to be offered
	// again.
	Behind []Answer `json:"behind,omitempty"`
}

// Offer brings an offer to the holder of its source, and waits for what becomes of it. A holder that dies meanwhile may have
// taken it: whoever sends it again does no harm.
func (i *Intake) Offer(ctx context.Context, o Offer) (a Answer, err error) {
	if _, ok := i.Settings().Of(o.Source); !ok {
		return a, ErrUnknown
	}
	size := len(o.Text)
	for _, text := range o.Behind {
		size += len(text)
	}
	if size > source.MaxOffer {
		return a, &Refusal{fmt.Errorf("it has %d bytes; at most %d are taken at once", size, source.MaxOffer)}
	}
	wait, cancel := context.WithTimeout(ctx, ownerWait)
	defer cancel()
	_ = cluster.Until(wait, ownerLook, func() bool {
		a, err = i.bring(ctx, o)
		return err == nil || !errors.Is(err, ErrNobody)
	})
	return a, err
}

// bring brings an offer to who holds its source now.
func (i *Intake) bring(ctx context.Context, o Offer) (a Answer, err error) {
	owner, ok := i.Member.Owner(Kind, o.Source)
	switch {
	case !ok:
		return a, ErrNobody
	case owner == i.Member.Name():
		return i.take(ctx, o)
	}
	body, err := json.Marshal(o)
	if err != nil {
		return a, err
	}
	if body, err = i.Member.AskMember(ctx, owner, OfferWhat, body); err != nil {
		return a, fmt.Errorf("%w (%w)", ErrNobody, err)
	}
	if err := json.Unmarshal(body, &a); err != nil {
		return a, fmt.Errorf("member %s answers what is not understood: %w", owner, err)
	}
	return a, known(a.Problem)
}

// Offered takes an offer that another member brings.
func (i *Intake) Offered(ctx context.Context, body []byte) ([]byte, error) {
	var o Offer
	if err := json.Unmarshal(body, &o); err != nil {
		return nil, err
	}
	a, err := i.take(ctx, o)
	if err != nil {
		a.Problem = err.Error()
	}
	return json.Marshal(a)
}

// known is the error that another member has told by its text.
func known(problem string) error {
	for _, err := range []error{ErrUnknown, ErrNobody, ErrReplaced, ErrRate} {
		if strings.HasPrefix(problem, err.Error()) {
			return err
		}
	}
	if problem != "" {
		return &Refusal{errors.New(problem)}
	}
	return nil
}
