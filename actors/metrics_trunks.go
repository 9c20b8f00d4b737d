package actors

import (
	"strconv"
	"sync"

	"tandem/actors/form"
	"tandem/actors/msg"
	"tandem/web"
)

// trunkCounts counts what has become of legs over trunks on this member.
type trunkCounts struct {
	mu    sync.Mutex
	ended map[trunkOutcome]uint64
}

// trunkOutcome is how legs over a trunk ended.
type trunkOutcome struct {
	trunk, direction string
	status           int32
}

// maxTrunkOutcomes bounds them: trunks come and go with settings.
const maxTrunkOutcomes = 20_000

func (c *trunkCounts) add(r *msg.LegRecord) {
	if r.Trunk == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	key := trunkOutcome{r.Trunk, form.Direction(r), r.Status}
	if c.ended == nil {
		c.ended = map[trunkOutcome]uint64{}
	}
	if _, known := c.ended[key]; known || len(c.ended) < maxTrunkOutcomes {
		c.ended[key]++
	}
}

// trunkMetrics are those of trunks: their legs on this member, and whether they are up as far as it was told.
func (h *House) trunkMetrics(m *web.Metrics) error {
	return m.Add(func(emit web.Emit) {
		calls := map[[2]string]int{}
		for _, l := range h.legs.Live() {
			if l.Record.Trunk != "" {
				calls[[2]string{l.Record.Trunk, form.Direction(l.Record)}]++
			}
		}
		for _, t := range h.live.Conf().Trunks.List {
			up := 0.0
			if s := h.ingress.Standing(t.Name); s != nil && s.Up {
				up = 1
			}
			emit("trunk_up", up, t.Name)
			for _, d := range []string{"in", "out"} {
				emit("trunk_calls", float64(calls[[2]string{t.Name, d}]), t.Name, d)
			}
		}
		h.trunkEnds.mu.Lock()
		defer h.trunkEnds.mu.Unlock()
		for k, n := range h.trunkEnds.ended {
			emit("trunk_attempts_total", float64(n), k.trunk, k.direction, strconv.Itoa(int(k.status)))
		}
	},
		gauge("trunk_up", "Whether some target of the trunk takes calls, as far as this member was told.", "trunk"),
		gauge("trunk_calls", "Legs over the trunk that live on this member.", "trunk", "dir"),
		counter("trunk_attempts_total", "Legs over the trunk that ended on this member.", "trunk", "dir", "result"),
	)
}
