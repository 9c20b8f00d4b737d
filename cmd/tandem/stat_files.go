package main

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"

	"github.com/spf13/cobra"
)

func (a *app) statExport() *cobra.Command {
	var at int64
	var out string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the journal's facts and the open statistics as a file for tandem stat evaluate",
		Long: "Write the journal's facts and the open statistics as a file for tandem stat evaluate, which computes from it what\n" +
			"the members told of one moment, without them.\n\n" +
			"  tandem stat export --out facts.json && tandem stat evaluate facts.json",
		Args: cobra.NoArgs,
		RunE: verb(func(cmd *cobra.Command, _ []string) error {
			query := url.Values{}
			if at != 0 {
				query.Set("at", strconv.FormatInt(at, 10))
			}
			return a.download(cmd.Context(), path("stat", "export"), query, out)
		}),
	}
	cmd.Flags().Int64Var(&at, "at", 0, "the moment, in milliseconds since 1970; none: now")
	cmd.Flags().StringVar(&out, "out", "-", "the file; -: the standard output")
	return cmd
}

func (a *app) statBackup() *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Write what all statistics have counted into a file that any installation can restore",
		Args:  cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			return a.download(cmd.Context(), path("stat", "backup"), nil, args[0])
		}),
	}
}

func (a *app) statRestore() *cobra.Command {
	return &cobra.Command{
		Use:   "restore FILE",
		Short: "Open the statistics of a backup with what they had counted",
		Long: "Open the statistics of a backup with what they had counted: of this installation or another one. Those that are\n" +
			"open already go on as they are.",
		Args: cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			file, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer func() { _ = file.Close() }()
			c, err := a.client()
			if err != nil {
				return err
			}
			answer, err := c.stream(cmd.Context(), http.MethodPost, path("stat", "restore"), nil, file)
			if err != nil {
				return err
			}
			defer func() { _ = answer.Close() }()
			text, err := io.ReadAll(io.LimitReader(answer, maxAnswer))
			if err != nil {
				return err
			}
			return show(a, text, func(v struct{ Restored, Open int }) (t table) {
				t.add("restored", strconv.Itoa(v.Restored))
				t.add("open already", strconv.Itoa(v.Open))
				return t
			})
		}),
	}
}

// download writes what a member answers into a file, as it comes; -: the standard output.
func (a *app) download(ctx context.Context, path string, query url.Values, file string) error {
	c, err := a.client()
	if err != nil {
		return err
	}
	answer, err := c.stream(ctx, http.MethodGet, path, query, nil)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Close() }()
	if file == "-" {
		_, err := io.Copy(a.out, answer)
		return err
	}
	to, err := os.Create(file)
	if err != nil {
		return err
	}
	if _, err = io.Copy(to, answer); err != nil {
		_ = to.Close() // it is not the whole
		return err
	}
	return to.Close()
}

// stream makes a request whose answer may be long and take its time. The answer must be closed.
func (c *client) stream(ctx context.Context, method, path string, query url.Values, body io.Reader) (io.ReadCloser, error) {
	address := c.base + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	answer, err := (&http.Client{}).Do(r) // without a time limit
	if err != nil {
		return nil, c.unreachable(err)
	}
	if answer.StatusCode != http.StatusOK {
		defer func() { _ = answer.Body.Close() }()
		text, _ := io.ReadAll(io.LimitReader(answer.Body, maxEvent)) // what could be read says why
		return nil, c.refusal(answer, text)
	}
	return answer.Body, nil
}
