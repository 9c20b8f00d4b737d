package syntax

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// Position is a place in a file. Both count from 1; columns are characters, and a tab is one.
type Position struct{ Line, Column int32 }

// Diagnostic is one mistake or doubt in a source file.
type Diagnostic struct {
	File         string
	Line, Column int
	Warning      bool
	Text         string
}

// Error is "file:line:column: text", with "warning: " before the text of a warning.
func (d Diagnostic) Error() string {
	kind := ""
	if d.Warning {
		kind = "warning: "
	}
	return d.File + ":" + strconv.Itoa(d.Line) + ":" + strconv.Itoa(d.Column) + ": " + kind + d.Text
}

// Diagnostics are those of one file, in its order.
type Diagnostics []Diagnostic

// Err is an error with a line for each that is not a warning; nil when there is none.
func (l Diagnostics) Err() error {
	var lines []string
	for _, d := range l {
		if !d.Warning {
			lines = append(lines, d.Error())
		}
	}
	if lines == nil {
		return nil
	}
	return errors.New(strings.Join(lines, "\n"))
}

// maxDiagnostics bounds what one file can say; after as many the rest would not be read either.
const maxDiagnostics = 100

// Report collects the diagnostics of one file.
type Report struct {
	file   string
	list   Diagnostics
	errors int
	full   bool
}

// NewReport starts the report of a file.
func NewReport(file string) *Report { return &Report{file: file} }

// Fault adds an error. A second one at the same place follows from the first and is not added.
func (r *Report) Fault(at Position, text string) {
	if r.add(at, false, text) {
		r.errors++
	}
}

// Warn adds a warning.
func (r *Report) Warn(at Position, text string) { r.add(at, true, text) }

// Errors is the number of errors so far.
func (r *Report) Errors() int { return r.errors }

// Full tells whether nothing more will be listed, so that it is not worth going on.
func (r *Report) Full() bool { return r.full }

// List is what was found, in the order of the file.
func (r *Report) List() Diagnostics {
	slices.SortStableFunc(r.list, func(a, b Diagnostic) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return r.list
}

func (r *Report) add(at Position, warning bool, text string) bool {
	d := Diagnostic{r.file, int(at.Line), int(at.Column), warning, text}
	if r.full {
		return !warning // it counts all the same
	}
	for i := len(r.list) - 1; i >= 0; i-- {
		o := r.list[i]
		if o.Line == d.Line && o.Column == d.Column && o.Warning == warning {
			return false
		}
	}
	if len(r.list) == maxDiagnostics {
		r.full = true
		d.Text, d.Warning = "there is more wrong than is worth listing: mend the above first", false
	}
	r.list = append(r.list, d)
	return true
}
