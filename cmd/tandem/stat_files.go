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
