package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// maxEvent bounds an event that a member tells, in bytes.
const maxEvent = 1 << 20

func (a *app) statWatch() *cobra.Command {
	var r statRequest
	var mode string
	var insensitivity float64
	var frequency int
	cmd := &cobra.Command{
		Use:   "watch OBJECT NAME",
		Short: "Show what a statistic comes to, and each change of it",
		Long: "Show what a statistic comes to, and each change of it, until it is interrupted or the statistic is dropped. NAME is as with tandem stat get.\n\n" +
			"  tandem stat watch Queue:sales CurrentCallsWaiting\n" +
			"  tandem stat watch Queue:sales Average_Speed_Of_Answer --mode TimeBased --frequency 10",
		Args: cobra.ExactArgs(2),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			r.named(args[0], args[1])
			query := url.Values{"mode": {mode}, "insensitivity": {strconv.FormatFloat(insensitivity, 'f', -1, 64)},
				"frequency": {strconv.Itoa(frequency)}}
			return a.watchStatistic(cmd.Context(), r, query)
		}),
	}
	r.flags(cmd)
	cmd.Flags().StringVar(&mode, "mode", "ChangesBased", "ChangesBased, TimeBased or ResetBased")
	cmd.Flags().Float64Var(&insensitivity, "insensitivity", 0, "smallest change that is told: of a whole number so much, else per cent")
	cmd.Flags().IntVar(&frequency, "frequency", 10, "seconds between two values, with TimeBased")
	return cmd
}

func (a *app) watchStatistic(ctx context.Context, r statRequest, query url.Values) error {
	c, err := a.client()
	if err != nil {
		return err
	}
	answer, err := c.call(ctx, http.MethodPut, path("stat", "statistics"), nil, r)
	if err != nil {
		return err
	}
	var opened statValue
	if err := json.Unmarshal(answer, &opened); err != nil {
		return err
	}
	query.Set("id", opened.ID)
	err = c.events(ctx, path("stat", "events"), query, func(kind string, data []byte) error {
		var v statValue
		if kind == "beat" {
			return nil
		}
		if a.output == "json" {
			_, err := fmt.Fprintf(a.out, "{\"event\":%q,\"value\":%s}\n", kind, data)
			return unlessGone(kind, err)
		}
		if err := json.Unmarshal(data, &v); err != nil {
			return err
		}
		text := clockOf(v.At) + "  " + statNumber(v) + "  " + kind
		switch kind {
		case "value":
			text = strings.TrimSuffix(text, "  value")
		case "gone", "overflow": // which have no value
			text = kind
		}
		_, err := fmt.Fprintln(a.out, text)
		return unlessGone(kind, err)
	})
	if errors.Is(err, errDropped) {
		return nil
	}
	return err
}

// errDropped ends the watch of a statistic of which nothing more is told.
var errDropped = errors.New("the statistic was dropped")

func unlessGone(kind string, err error) error {
	if kind == "gone" && err == nil {
		return errDropped
	}
	return err
}

// events reads a stream of Server-Sent Events until it ends.
func (c *client) events(ctx context.Context, path string, query url.Values, told func(kind string, data []byte) error) error {
	answer, err := c.stream(ctx, http.MethodGet, path, query, nil) // it lasts as long as somebody looks
	if err != nil {
		return err
	}
	defer func() { _ = answer.Close() }()
	lines, kind := bufio.NewScanner(answer), ""
	lines.Buffer(nil, maxEvent)
	for lines.Scan() {
		if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			kind = name
		} else if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			if err := told(kind, []byte(data)); err != nil {
				return err
			}
		}
	}
	return lines.Err()
}
