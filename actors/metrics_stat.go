package actors

import "tandem/web"

// statMetrics are those of the statistics server.
func (h *House) statMetrics(m *web.Metrics) error {
	return m.Add(func(emit web.Emit) {
		if h.hall == nil {
			return // it opens later
		}
		c := h.hall.Counts()
		emit("statistics", float64(c.Open), "open")
		emit("statistics", float64(c.Here), "here")
		emit("statistics", float64(c.Followed), "followed")
		emit("stat_objects", float64(c.Objects))
		emit("stat_facts_total", float64(c.Late), "late")
		emit("stat_facts_total", float64(c.Ignored), "ignored")
		emit("stat_facts_total", float64(c.Broken), "broken")
		emit("stat_unsaved_facts", float64(c.Unsaved))
		emit("stat_resets_lost_total", float64(c.Untold))
	},
		gauge("statistics", "Statistics that are open, those that are computed here, and those that somebody follows here.", "which"),
		gauge("stat_objects", "Objects that statistics know of."),
		counter("stat_facts_total", "Facts that were not counted as they came: late, ignored as they meant nothing, broken.", "why"),
		gauge("stat_unsaved_facts", "Facts of the journal that are not in the member's checkpoint of statistics yet."),
		counter("stat_resets_lost_total", "Values before resets that a member did not take from this one in time."),
	)
}
