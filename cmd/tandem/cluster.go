package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func (a *app) clusterVerbs() *cobra.Command {
	return group("cluster", "Members of the cluster, and tickets for new ones",
		a.clusterMembers(), a.clusterDrain(), a.clusterUndrain(), a.clusterTicket())
}

// clusterView is the cluster as REST tells it.
type clusterView struct {
	Member        string
	Alone, Quorum bool
	Controller    struct {
		Member string
		Epoch  uint64
	}
	Willing struct{ Members []string }
	Members []memberRow
}

// memberRow is one member of it.
type memberRow struct {
	Name, Address, State, Why, Farm           string
	Draining, Store                           bool
	CutOff                                    bool      `json:"cut_off"`
	DrainUntil                                time.Time `json:"drain_until"`
	CallLegs                                  string    `json:"call_legs"`
	OwnLegs                                   int       `json:"own_legs"`
	OthersLegs                                int       `json:"others_legs"`
	Elsewhere                                 int       `json:"elsewhere_legs"`
	Load, Calls, Legs, Tasks, Sessions, Names int
	ClockOffset                               float64 `json:"clock_offset"` // seconds
}

func (a *app) clusterMembers() *cobra.Command {
	return &cobra.Command{
		Use:   "members",
		Short: "List the members as one of them sees them",
		Args:  cobra.NoArgs,
		RunE: verb(func(cmd *cobra.Command, _ []string) error {
			return ask(a, cmd, question{path: path("cluster")}, membersTable)
		}),
	}
}

func membersTable(v clusterView) table {
	var t table
	t.add("MEMBER", "STATE", "ADDRESS", "CALL LEGS", "FARM", "OWN", "FOR OTHERS", "ELSEWHERE", "TASKS", "LOAD", "STORE", "CLOCK")
	for _, m := range v.Members {
		t.add(m.Name, m.condition(), m.Address, m.CallLegs, m.Farm, strconv.Itoa(m.OwnLegs), strconv.Itoa(m.OthersLegs),
			strconv.Itoa(m.Elsewhere), strconv.Itoa(m.Tasks), fmt.Sprintf("%.1f%%", float64(m.Load)/10), yesNo(m.Store),
			fmt.Sprintf("%+.3fs", m.ClockOffset))
	}
	notes := []string{"seen by " + v.Member}
	if v.Controller.Member != "" {
		notes = append(notes, fmt.Sprintf("controller %s, epoch %d", v.Controller.Member, v.Controller.Epoch))
	}
	if len(v.Willing.Members) > 0 {
		notes = append(notes, "legs for others: "+strings.Join(v.Willing.Members, ", "))
	}
	if !v.Quorum {
		notes = append(notes, "it is cut off from the store: it keeps its calls and takes nothing over")
	}
	t.note = printable(strings.Join(notes, "; "))
	return t
}

// condition is a member's state in words.
func (m memberRow) condition() string {
	words := m.State
	if m.Draining {
		words += ", draining"
	}
	if m.CutOff {
		words += ", cut off"
	}
	if m.Why != "" && m.State != "up" {
		words += " (" + m.Why + ")"
	}
	return words
}

func (a *app) clusterUndrain() *cobra.Command {
	return &cobra.Command{
		Use:   "undrain MEMBER",
		Short: "Let a member that drains take calls again",
		Args:  cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			return ask(a, cmd, question{method: http.MethodPost, path: path("cluster", "members", args[0], "undrain")},
				func(v struct{ Undrained string }) (t table) {
					t.add("undrained", v.Undrained)
					return t
				})
		}),
	}
}

func (a *app) clusterDrain() *cobra.Command {
	var limit time.Duration
	var leave bool
	cmd := &cobra.Command{
		Use:   "drain MEMBER",
		Short: "Let a member take nothing new, and wait until its last call has ended",
		Long: "Let a member take nothing new, and wait until its last call has ended, telling how many are left.\n" +
			"After --limit what is left is ended. The member drains on when this command is interrupted;\n" +
			"cluster undrain ends that.",
		Args: cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			if limit < 0 {
				return usage("--limit %v is less than nothing", limit)
			}
			return a.drain(cmd.Context(), args[0], limit, leave)
		}),
	}
	cmd.Flags().DurationVar(&limit, "limit", 0, "longest wait, such as 30s (default a day)")
	cmd.Flags().BoolVar(&leave, "no-wait", false, "do not wait")
	return cmd
}

const (
	drainPoll = 250 * time.Millisecond
	// drainHeard is how long the word that a member drains may take to reach the one that is asked.
	drainHeard = 10 * time.Second
	// drainGrace is how long a member may take after its limit to end what is left.
	drainGrace = 10 * time.Second
)

// drain asks a member to drain and follows it.
func (a *app) drain(ctx context.Context, member string, limit time.Duration, leave bool) error {
	c, err := a.client()
	if err != nil {
		return err
	}
	var body any
	if limit > 0 {
		body = map[string]float64{"limit": limit.Seconds()}
	}
	answer, err := c.call(ctx, http.MethodPost, path("cluster", "members", member, "drain"), nil, body)
	if err != nil {
		return err
	}
	if leave {
		return show(a, answer, func(v struct{ Draining string }) (t table) {
			t.add("draining", v.Draining)
			return t
		})
	}
	w := drainWatch{member: member, began: time.Now(), left: -1}
	for {
		answer, err := c.get(ctx, path("cluster"), nil)
		if err != nil {
			return err
		}
		var v clusterView
		if err := json.Unmarshal(answer, &v); err != nil {
			return fmt.Errorf("the member's answer is not understood; is it another version? %w", err)
		}
		before := w.left
		done, err := w.see(v, time.Now())
		if w.left != before && w.left > 0 {
			_, _ = fmt.Fprintf(a.err, "%s: legs left: %d\n", member, w.left)
		}
		if err != nil {
			return err
		}
		if done {
			return a.drained(member)
		}
		select {
		case <-time.After(drainPoll):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (a *app) drained(member string) error {
	if a.output == "json" {
		return a.showValue(map[string]string{"drained": member})
	}
	var t table
	t.add("drained", member)
	return t.write(a)
}

// drainWatch follows a member that drains.
type drainWatch struct {
	member string
	began  time.Time
	heard  bool // it has said that it drains
	left   int  // legs; -1: not known yet
}

// see takes in what is known now. It is done when no leg is left, or the member has gone. Tasks do not count: those
// without a call may live for ever.
func (w *drainWatch) see(v clusterView, now time.Time) (done bool, err error) {
	var row *memberRow
	for i := range v.Members {
		if v.Members[i].Name == w.member {
			row = &v.Members[i]
		}
	}
	switch {
	case row == nil && w.heard, row != nil && row.State == "left":
		return true, nil
	case row == nil:
		return false, fmt.Errorf("there is no member %s any more", w.member)
	case row.State == "dead":
		return false, fmt.Errorf("%s has died while it drained", w.member)
	case !row.Draining && w.heard:
		return false, fmt.Errorf("%s takes calls again: somebody has ended its draining", w.member)
	case !row.Draining && now.Sub(w.began) > drainHeard:
		return false, fmt.Errorf("%s does not say that it drains", w.member)
	case !row.Draining:
		return false, nil
	}
	w.heard, w.left = true, row.Legs
	if w.left > 0 && !row.DrainUntil.IsZero() && now.After(row.DrainUntil.Add(drainGrace)) {
		return false, fmt.Errorf("%s still has legs after its limit: %d", w.member, w.left)
	}
	return w.left == 0, nil
}
