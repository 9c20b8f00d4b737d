package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"tandem/actors/queuelog/loader"
)

// place is where the newest lines of this loader end; ok is false where others are newer, or none are there.
func (s *sender) place(ctx context.Context) (a loader.Answer, ok bool, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+path("queuelog", "partitions", s.partition), nil)
	if err != nil {
		return a, false, err
	}
	if s.token != "" {
		r.Header.Set("Authorization", "Bearer "+s.token)
	}
	res, err := s.http.Do(r)
	if err != nil {
		return a, false, s.unreachable(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	switch {
	case err != nil:
		return a, false, s.unreachable(err)
	case res.StatusCode == http.StatusNotFound:
		return a, false, nil
	case res.StatusCode/100 == 5, res.StatusCode == http.StatusTooManyRequests:
		return a, false, s.refusal(res, text)
	case res.StatusCode/100 != 2:
		return a, false, errors.Join(s.refusal(res, text), loader.ErrPermanent)
	}
	var p struct {
		loader.Answer
		By   string    `json:"by"`
		Last time.Time `json:"last"`
	}
	err = json.Unmarshal(text, &p)
	if !p.Last.IsZero() {
		p.High = p.Last.Unix()
	}
	return p.Answer, p.By == s.writer, err
}

func (a *app) queuelogTail() *cobra.Command {
	var partition string
	var every, beat time.Duration
	cmd := &cobra.Command{
		Use:   "tail --partition NAME FILE",
		Short: "Follow the queue log of a server into its partition",
		Long: "Follow a queue log as it grows, for ever. It may be renamed, squeezed, or copied and emptied; the loader, the network and\n" +
			"members may go and come back: it goes on exactly where it was. Of a partition one alone is followed: a second loader waits until the first\n" +
			"has ended. Lines that are there already are not loaded again.",
		Args: cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, files []string) error {
			s, err := a.newSender(partition, files[0])
			if err != nil {
				return err
			}
			s.follows = true
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			said := ""
			l := &loader.Tail{Path: files[0], Lines: 500, Every: every, Beat: beat, Send: s.send, Place: s.place,
				Troubled: func(err error) {
					if text := err.Error(); text != said {
						said = text
						_, _ = fmt.Fprintln(a.err, text)
					}
				}}
			return l.Run(ctx)
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&partition, "partition", "", "the server that writes the log, a word")
	flags.DurationVar(&every, "every", 250*time.Millisecond, "how often the file is looked at")
	flags.DurationVar(&beat, "beat", 5*time.Second, "how often the member hears that we live, when nothing is new")
	return cmd
}
