package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/spf13/cobra"
)

// show prints an answer of a member: as it came for --output json, else as a table made of it.
func show[T any](a *app, answer []byte, table func(T) table) error {
	if a.output == "json" {
		return a.showJSON(answer)
	}
	var v T
	if err := json.Unmarshal(answer, &v); err != nil {
		return fmt.Errorf("the member's answer is not understood; is it another version? %w", err)
	}
	return table(v).write(a)
}

// question is one request of a member over REST. Without a method it asks what there is.
type question struct {
	method, path string
	query        url.Values
	body         any
}

// ask puts a question to the member and shows the answer.
func ask[T any](a *app, cmd *cobra.Command, q question, table func(T) table) error {
	c, err := a.client()
	if err != nil {
		return err
	}
	answer, err := c.call(cmd.Context(), cmp.Or(q.method, http.MethodGet), q.path, q.query, q.body)
	if err != nil {
		return err
	}
	return show(a, answer, table)
}

// showJSON prints JSON indented.
func (a *app) showJSON(text []byte) error {
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, bytes.TrimSpace(text), "", "  "); err != nil {
		return fmt.Errorf("the answer is no JSON: %w", err)
	}
	_, err := fmt.Fprintln(a.out, pretty.String())
	return err
}

// showValue prints a value of our own as JSON.
func (a *app) showValue(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return a.showJSON(text)
}

// table is rows of columns, the first row being the heads. A table without heads lists one thing's
// properties. note stands below.
type table struct {
	rows [][]string
	note string
}

// add appends a row.
func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t table) write(a *app) error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, row := range t.rows {
		for i, cell := range row {
			row[i] = printable(cell)
		}
		_, _ = fmt.Fprintln(w, strings.TrimRight(strings.Join(row, "\t"), "\t"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if t.note != "" {
		_, _ = fmt.Fprintln(a.err, t.note)
	}
	return nil
}

// printable keeps what strangers on the network wrote from commanding the terminal. An empty cell
// is a dash.
func printable(s string) string {
	if s == "" {
		return "-"
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}

// moreNote says that a list was cut.
func moreNote(more bool) string {
	if more {
		return "there is more: raise --limit"
	}
	return ""
}

// listNote tells what is missing in a list of all members.
func listNote(more bool, unheard []string) string {
	notes := []string{}
	if more {
		notes = append(notes, moreNote(more))
	}
	if len(unheard) > 0 {
		notes = append(notes, "did not answer, so that its own are missing: "+printable(strings.Join(unheard, ", ")))
	}
	return strings.Join(notes, "; ")
}

// clock is a moment on the reader's clock, a dash if there is none.
func clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04:05")
}

// seconds is a length of time as people read it.
func seconds(s float64) string {
	if s == 0 {
		return ""
	}
	return time.Duration(s * float64(time.Second)).Round(time.Millisecond).String()
}

// yesNo is a truth as a word.
func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
