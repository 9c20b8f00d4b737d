package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

// The exit codes.
const (
	codeDone        = 0
	codeFailed      = 1
	codeUsage       = 2
	codeUnreachable = 3
)

// failure is an error that knows its exit code. Without err, all is said already.
type failure struct {
	code int
	err  error
}

func (f *failure) Error() string {
	if f.err == nil {
		return "failed"
	}
	return f.err.Error()
}

func (f *failure) Unwrap() error { return f.err }

// errReported fails a verb whose output has said everything.
var errReported = &failure{code: codeFailed}

// usage is a mistake of whoever typed the command.
func usage(format string, args ...any) error {
	return &failure{codeUsage, fmt.Errorf(format, args...)}
}

// verb is the body of a verb. An error without a code of its own counts as failed.
func verb(body func(cmd *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		err := body(cmd, args)
		var f *failure
		if err == nil || errors.As(err, &f) {
			return err
		}
		return &failure{codeFailed, err}
	}
}

// group is a verb that only has verbs below it.
func group(use, short string, verbs ...*cobra.Command) *cobra.Command {
	names := ""
	for i, v := range verbs {
		if i > 0 {
			names += ", "
		}
		names += v.Name()
	}
	g := &cobra.Command{Use: use, Short: short, Args: func(_ *cobra.Command, args []string) error {
		if len(args) > 0 {
			return fmt.Errorf("%s has no verb %q; it has %s", use, args[0], names)
		}
		return fmt.Errorf("%s needs a verb: %s", use, names)
	}, RunE: func(*cobra.Command, []string) error { return nil }}
	g.AddCommand(verbs...)
	return g
}
