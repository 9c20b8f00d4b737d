package web

import (
	"slices"
	"strings"
)

// Element is one number of the metrics, as the admin command line reads it.
type Element struct {
	Name  string // of the family without its prefix, and its labels' values, joined by '.': calls.talking
	Value float64
}

// Elements are our own numbers as they are now, in the order of their names. A histogram is the number of
// what it saw (_count) and the sum of it (_sum).
func (m *Metrics) Elements() ([]Element, error) {
	families, err := m.registry.Gather()
	if err != nil {
		return nil, err
	}
	var out []Element
	for _, f := range families {
		family, ours := strings.CutPrefix(f.GetName(), metricPrefix)
		if !ours {
			continue
		}
		for _, metric := range f.GetMetric() {
			labels := ""
			for _, l := range metric.GetLabel() {
				labels += "." + l.GetValue()
			}
			switch h := metric.GetHistogram(); {
			case h != nil:
				out = append(out, Element{family + "_count" + labels, float64(h.GetSampleCount())},
					Element{family + "_sum" + labels, h.GetSampleSum()})
			case metric.GetCounter() != nil:
				out = append(out, Element{family + labels, metric.GetCounter().GetValue()})
			default:
				out = append(out, Element{family + labels, metric.GetGauge().GetValue()})
			}
		}
	}
	slices.SortFunc(out, func(a, b Element) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}
