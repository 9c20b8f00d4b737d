package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tandem/actors/queuelog/loader"
)

// sender is how a loader's lines come to a member.
type sender struct {
	*client
	partition, writer, run, version string
	follows                         bool
}

// newSender names itself by machine and file.
func (a *app) newSender(partition, file string) (*sender, error) {
	if partition == "" {
		return nil, usage("which partition are they of? --partition A")
	}
	c, err := a.client()
	if err != nil {
		return nil, err
	}
	c.http.Timeout = 20 * time.Second
	machine, err := os.Hostname()
	if err != nil {
		machine = "localhost"
	}
	if whole, err := filepath.Abs(file); err == nil {
		file = whole
	}
	return &sender{client: c, partition: partition, writer: machine + ":" + file, run: rand.Text(), version: version()}, nil
}

// send sends an offer.
func (s *sender) send(ctx context.Context, o loader.Offer) (a loader.Answer, err error) {
	q := url.Values{"writer": {s.writer}, "run": {s.run}, "version": {s.version}, "file": {o.File}, "hash": {o.Hash}, "after": {o.After},
		"from": {strconv.FormatUint(o.From, 10)}, "to": {strconv.FormatUint(o.To, 10)}, "size": {strconv.FormatUint(o.Size, 10)},
		"late": {strconv.FormatBool(o.Late)}, "follows": {strconv.FormatBool(s.follows)}, "ends": {strconv.FormatBool(o.Ends)},
		"clock": {strconv.FormatInt(time.Now().UnixMilli(), 10)}}
	address := s.base + path("queuelog", "partitions", s.partition, "text") + "?" + q.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(string(o.Text)))
	if err != nil {
		return a, err
	}
	r.Header.Set("Content-Type", "text/plain; charset=utf-8")
	if s.token != "" {
		r.Header.Set("Authorization", "Bearer "+s.token)
	}
	res, err := s.http.Do(r)
	if err != nil {
		return a, s.unreachable(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	switch {
	case err != nil:
		return a, s.unreachable(err)
	case res.StatusCode/100 == 5, res.StatusCode == http.StatusTooManyRequests:
		return a, s.refusal(res, text)
	case res.StatusCode/100 != 2:
		return a, errors.Join(s.refusal(res, text), loader.ErrPermanent)
	}
	return a, json.Unmarshal(text, &a)
}

func (a *app) queuelogLoad() *cobra.Command {
	var partition string
	var lines int
	var late, last bool
	cmd := &cobra.Command{
		Use:   "load --partition NAME FILE ...",
		Short: "Load whole queue logs of a server into its partition",
		Long: "Load queue logs. Rotated pieces are given in order, oldest first; they may be squeezed by gzip. What is there already\n" +
			"is not loaded again, so that a file can be loaded twice, or a longer copy of it. A last line without an end is left:\n" +
			"whoever writes the file is not done with it.",
		Args: cobra.MinimumNArgs(1),
		RunE: verb(func(cmd *cobra.Command, files []string) error {
			s, err := a.newSender(partition, files[0])
			if err != nil {
				return err
			}
			for _, f := range files {
				if _, err := os.Stat(f); err != nil {
					return err
				}
			}
			name := filepath.Base(files[0])
			if len(files) > 1 {
				name += fmt.Sprintf(" and %d more", len(files)-1)
			}
			return s.load(cmd.Context(), a, &loader.Load{Name: name, Open: loader.Files(files), Lines: lines, Late: late, Whole: last})
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&partition, "partition", "", "the server that wrote the log, a word")
	flags.IntVar(&lines, "batch", 1000, "lines sent at once")
	flags.BoolVar(&late, "late", false, "take lines that are more than an hour older than what is there")
	flags.BoolVar(&last, "last", false, "the last line is one even if it has no end")
	return cmd
}

// load sends all and shows what became of it.
func (s *sender) load(ctx context.Context, a *app, l *loader.Load) error {
	began, said := time.Now(), ""
	l.Send = s.send
	l.Troubled = func(err error) {
		if text := err.Error(); text != said {
			said = text
			_, _ = fmt.Fprintln(a.err, text)
		}
	}
	sum, err := l.Run(ctx)
	if err != nil {
		return err
	}
	if a.output == "json" {
		return a.showValue(loaded{s.partition, sum.Lines, sum.Added, sum.Present, sum.Malformed, sum.Late, len(l.Rest) > 0})
	}
	t := table{}
	t.add("PARTITION", "LINES", "NEW", "THERE ALREADY", "NOT READABLE", "LATE", "SECONDS")
	t.add(s.partition, strconv.FormatUint(sum.Lines, 10), strconv.FormatUint(sum.Added, 10), strconv.FormatUint(sum.Present, 10),
		strconv.FormatUint(sum.Malformed, 10), strconv.FormatUint(sum.Late, 10), strconv.FormatFloat(time.Since(began).Seconds(), 'f', 1, 64))
	if len(l.Rest) > 0 {
		t.note = "the last line has no end and was left: load the file again when it has, or with --last"
	}
	return t.write(a)
}

// loaded is what became of a load.
type loaded struct {
	Partition string `json:"partition"`
	Lines     uint64 `json:"lines"`
	Added     uint64 `json:"added"`
	Present   uint64 `json:"present"`
	Malformed uint64 `json:"malformed"`
	Late      uint64 `json:"late"`
	Left      bool   `json:"left"` // a last line without an end
}
