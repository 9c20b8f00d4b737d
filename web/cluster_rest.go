package web

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"time"
)

// Limits of what is asked of a cluster.
const (
	maxDrain = 24 * time.Hour
	maxJoin  = 16 << 10 // bytes of a request to join
)

func (s *Server) clusterShow(r *http.Request) (any, error) {
	v, err := s.services.Cluster.Cluster(r.Context())
	return v.whole(), err
}

// whole has no null where a list is meant.
func (v ClusterView) whole() ClusterView {
	v.Members, _ = page(v.Members, len(v.Members))
	v.Willing.Members, _ = page(v.Willing.Members, len(v.Willing.Members))
	v.Store.Members, _ = page(v.Store.Members, len(v.Store.Members))
	v.Sights, _ = page(v.Sights, len(v.Sights))
	v.Placed, _ = page(v.Placed, len(v.Placed))
	v.Events, _ = page(v.Events, len(v.Events))
	v.Changes, _ = page(v.Changes, len(v.Changes))
	return v
}

// memberDrain takes {"limit": seconds}, or no body at all for a day.
func (s *Server) memberDrain(r *http.Request) (any, error) {
	var body struct {
		Limit Seconds `json:"limit"`
	}
	if r.ContentLength != 0 {
		if err := s.readJSON(r, &body); err != nil {
			return nil, err
		}
	}
	if body.Limit < 0 || body.Limit > InSeconds(maxDrain) {
		return nil, Invalid("limit is %.0f seconds: from 0 to %.0f is right", float64(body.Limit), maxDrain.Seconds())
	}
	name := r.PathValue("name")
	if err := s.services.Cluster.Drain(r.Context(), name, body.Limit.Duration(), author(r)); err != nil {
		return nil, err
	}
	return map[string]string{"draining": name}, nil
}

func (s *Server) memberUndrain(r *http.Request) (any, error) {
	name := r.PathValue("name")
	if err := s.services.Cluster.Undrain(r.Context(), name, author(r)); err != nil {
		return nil, err
	}
	return map[string]string{"undrained": name}, nil
}

func (s *Server) memberForget(r *http.Request) (any, error) {
	name := r.PathValue("name")
	if err := s.services.Cluster.Forget(r.Context(), name, author(r)); err != nil {
		return nil, err
	}
	return map[string]string{"forgotten": name}, nil
}

// clusterJoin is open to everybody, as the ticket in the request is what counts: so each try is counted
// as a guess of it until it proves right.
func (s *Server) clusterJoin(w http.ResponseWriter, r *http.Request) {
	answer, err := s.join(w, r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(answer)
}

func (s *Server) join(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/octet-stream" {
		return nil, Refuse(http.StatusUnsupportedMediaType, "media_type",
			"a request to join is sent as application/octet-stream")
	}
	if wait := s.joins.try(source(r), s.now()); wait > 0 {
		return nil, tooMany(w, wait)
	}
	request, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxJoin))
	if err != nil {
		var tooLong *http.MaxBytesError
		if errors.As(err, &tooLong) {
			return nil, Refuse(http.StatusRequestEntityTooLarge, "too_large",
				"a request to join has at most %d bytes", maxJoin)
		}
		return nil, Invalid("the request was not received whole")
	}
	answer, err := s.services.Joiner.Join(r.Context(), request)
	if err != nil {
		s.log.Warn("member refused", slog.String("source", source(r).String()), slog.Any("err", err))
		return nil, err
	}
	s.joins.right(source(r))
	return answer, nil
}

// alone is the cluster of a member that has no other.
type alone struct{ Services }

// errAlone refuses what needs a second member.
var errAlone = Conflict("this member is alone: set cluster.address, and cluster.seeds on the others, to make a cluster")

// Cluster implements Cluster.
func (a alone) Cluster(ctx context.Context) (ClusterView, error) {
	c := a.Health.Health()
	legs, err := a.Calls.Legs(ctx, LegQuery{Limit: maxLimit})
	if err != nil {
		return ClusterView{}, err
	}
	tasks, err := a.Services.Tasks.Tasks(ctx, TaskQuery{Limit: maxLimit})
	if err != nil {
		return ClusterView{}, err
	}
	sessions, err := a.Services.Sessions.Sessions(ctx, SessionQuery{Limit: maxLimit})
	if err != nil {
		return ClusterView{}, err
	}
	row := MemberRow{Name: c.Member, Version: c.Version, State: MemberUp, Since: c.Started, Draining: c.Draining,
		Store: true, Controller: true, CallLegs: "locally", Farm: "disabled", OwnLegs: len(legs),
		Calls: callsOf(legs), Legs: len(legs), Tasks: len(tasks), Sessions: len(sessions)}
	v := ClusterView{Member: c.Member, Time: time.Now(), Alone: true, Quorum: true,
		Controller: Controller{Member: c.Member, Epoch: 1, Since: c.Started}, Members: []MemberRow{row},
		Store: StoreState{Ready: true, Members: []string{c.Member}, Up: 1}}
	for _, check := range c.Checks {
		if check.Name == "store" && !check.OK {
			v.Quorum, v.Store.Ready, v.Store.Up, v.Store.Message = false, false, 0, check.Message
		}
	}
	if len(legs) > 0 {
		v.Placed = []Placed{{Needs: c.Member, Lives: c.Member, Legs: len(legs)}}
	}
	return v, nil
}

// callsOf counts the calls that legs belong to.
func callsOf(legs []Leg) int {
	calls := map[string]bool{}
	for _, l := range legs {
		calls[l.Call] = true
	}
	return len(calls)
}

// Drain implements Cluster.
func (alone) Drain(context.Context, string, time.Duration, string) error { return errAlone }

// Undrain implements Cluster.
func (alone) Undrain(context.Context, string, string) error { return errAlone }

// Set implements Cluster.
func (alone) Set(context.Context, string, string, string, uint64, string) (ClusterChange, error) {
	return ClusterChange{}, errAlone
}

// Forget implements Cluster.
func (alone) Forget(context.Context, string, string) error { return errAlone }

// Join implements Joiner.
func (alone) Join(context.Context, []byte) ([]byte, error) { return nil, errAlone }
