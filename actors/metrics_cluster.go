package actors

import (
	"time"

	"tandem/actors/cluster"
	"tandem/web"
)

// memberStates are all states in which a member is shown.
var memberStates = []string{web.MemberUp, web.MemberJoining, web.MemberSuspect, web.MemberLost, web.MemberDead, web.MemberLeft}

// clusterMetrics are those of the talk with other members; a member that is alone has none.
func (h *House) clusterMetrics(m *web.Metrics) error {
	return m.Add(func(emit web.Emit) {
		s := h.member.Society()
		if s == nil {
			return
		}
		h.emitMembers(emit, s, time.Now())
		t := h.member.Traffic()
		emit("cluster_messages_total", float64(t.Sent), "out")
		emit("cluster_messages_total", float64(t.Received), "in")
		for reason, n := range map[string]uint64{"no member": t.Nobody, "unfit": t.Unfit, "unknown": t.Unknown} {
			emit("cluster_messages_refused_total", float64(n), reason)
		}
		emit("cluster_links_given_up_total", float64(t.Overflowed))
		emit("cluster_placements_total", float64(t.Placed), "elsewhere")
		emit("cluster_placements_total", float64(t.Homeless), "refused")
		for _, k := range h.member.Snapshot() {
			if k.Kind == "leg" || k.Kind == "task" {
				emit("cluster_made_for_others_total", float64(k.Foreign), k.Kind)
			}
		}
		for member, n := range h.member.Foreigners("leg") {
			emit("cluster_foreign_legs", float64(n), member)
		}
		for member, tie := range tiesByMember(t.Ties) {
			emit("cluster_link_waiting", float64(tie.Waiting), member)
			emit("cluster_link_waiting_bytes", float64(tie.Bytes), member)
			emit("cluster_link_resent_total", float64(tie.Resent), member)
			emit("cluster_link_repeated_total", float64(tie.Repeated), member)
			emit("cluster_link_dropped_total", float64(tie.Dropped), member)
		}
	},
		gauge("cluster_members", "Members, as this one sees them.", "state"),
		gauge("cluster_heartbeat_age_seconds", "Time since a member was heard.", "member"),
		gauge("cluster_slots_owned", "Slots of names that this member owns."),
		gauge("cluster_controller", "1: this member is the Controller."),
		gauge("cluster_quorum", "1: the store can be written from here."),
		counter("cluster_messages_total", "Messages between actors of different members.", "dir"),
		counter("cluster_messages_refused_total", "Messages that could not be sent, or were not understood.", "reason"),
		counter("cluster_links_given_up_total", "Links broken because too much waited."),
		counter("cluster_placements_total", "Legs and Tasks that this member needs: made on another one, or nobody was willing.", "result"),
		counter("cluster_made_for_others_total", "Legs and Tasks made for other members.", "kind"),
		gauge("cluster_foreign_legs", "Legs that live here and that another member needs.", "member"),
		gauge("cluster_link_waiting", "Messages to a member that it has not acknowledged.", "member"),
		gauge("cluster_link_waiting_bytes", "Size of those messages.", "member"),
		counter("cluster_link_resent_total", "Messages sent once more.", "member"),
		counter("cluster_link_repeated_total", "Messages that came once more.", "member"),
		counter("cluster_link_dropped_total", "Messages dropped because the link broke.", "member"),
	)
}

func (h *House) emitMembers(emit web.Emit, s *cluster.Society, now time.Time) {
	states := map[string]int{}
	for _, r := range s.Rows {
		states[cluster.StateWord(r.State)]++
		if !r.Self && r.Up() {
			emit("cluster_heartbeat_age_seconds", now.Sub(r.Heard).Seconds(), r.Member.Name)
		}
	}
	for _, state := range memberStates {
		emit("cluster_members", float64(states[state]), state)
	}
	emit("cluster_slots_owned", float64(s.Owners.Mine(now)))
	emit("cluster_controller", oneIf(s.Controller.Mine))
	emit("cluster_quorum", oneIf(s.Quorum))
}

// tiesByMember adds up the links to the lives of each member: two of them overlap for a moment.
func tiesByMember(all []cluster.TieTraffic) map[string]cluster.TieTraffic {
	out := map[string]cluster.TieTraffic{}
	for _, t := range all {
		sum := out[t.Member]
		sum.Waiting, sum.Bytes, sum.Resent = sum.Waiting+t.Waiting, sum.Bytes+t.Bytes, sum.Resent+t.Resent
		sum.Repeated, sum.Dropped = sum.Repeated+t.Repeated, sum.Dropped+t.Dropped
		out[t.Member] = sum
	}
	return out
}

func oneIf(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
