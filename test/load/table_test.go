package load

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// median is the middle of some figures, 0 of none.
func median[T ~int64 | ~float64](figures []T) T {
	return quantile(slices.Sorted(slices.Values(figures)), 0.5)
}

// quantile is the figure below which that part of a sorted list lies.
func quantile[T any](sorted []T, part float64) (v T) {
	if len(sorted) == 0 {
		return v
	}
	return sorted[int(part*float64(len(sorted)-1)+0.5)]
}

// table collects rows and prints them below a title.
type table struct {
	title string
	rows  [][]string
}

func (t *table) add(cells ...any) {
	row := make([]string, len(cells))
	for i, c := range cells {
		switch v := c.(type) {
		case time.Duration:
			row[i] = fmt.Sprintf("%.1f", float64(v)/float64(time.Microsecond))
		case float64:
			row[i] = fmt.Sprintf("%.2f", v)
		default:
			row[i] = fmt.Sprint(v)
		}
	}
	t.rows = append(t.rows, row)
}

func (t *table) print() {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintf(w, "\n%s\n(load of the machine, all programs, 1, 5 and 15 min: %s)\n", t.title,
		load())
	for _, row := range t.rows {
		_, _ = fmt.Fprintln(w, strings.Join(row, "\t")+"\t")
	}
	_ = w.Flush()
}

// load is what the machine as a whole was busy with, for who judges delays and losses.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if f := strings.Fields(string(text)); err == nil && len(f) > 3 {
		return strings.Join(f[:3], " ")
	}
	return "not known"
}

// noise is the part of the server's core, in percent, beyond which others spoil a figure.
const noise = 25

// doubt marks a row whose figures others have spoilt.
func doubt(others float64) string {
	if others > noise {
		return "(noisy)"
	}
	return ""
}

// ratio is how many times the floor a figure is.
func ratio(figure, floor time.Duration) string {
	if floor == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f", float64(figure)/float64(floor))
}
