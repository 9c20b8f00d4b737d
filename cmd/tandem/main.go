// Command tandem is the telecom server and its command line.
//
// Two verbs run a member: serve in earnest, dev with demo accounts on loopback. The others talk to
// a running member over REST, or work on files alone (config check). Exit codes: 0 done, 1 failed,
// 2 usage, 3 no member reachable.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

func main() {
	os.Exit(newApp(os.Stdin, os.Stdout, os.Stderr).run(os.Args[1:]))
}

// app is one run of the command line: the streams, the global flags and how a member is started.
type app struct {
	in       io.Reader
	out, err io.Writer
	start    starter

	server, token, data, output string
}

func newApp(in io.Reader, out, err io.Writer) *app {
	return &app{in: in, out: out, err: err, start: startHouse}
}

// run executes one command line and returns the exit code.
func (a *app) run(args []string) int {
	root := a.root()
	root.SetArgs(args)
	err := root.ExecuteContext(context.Background())
	if err == nil {
		return codeDone
	}
	var f *failure
	if !errors.As(err, &f) { // found by cobra before a verb began
		f = &failure{codeUsage, err}
	}
	if f.err != nil {
		_, _ = fmt.Fprintf(a.err, "tandem: %v\n", f.err)
	}
	if f.code == codeUsage {
		_, _ = fmt.Fprintln(a.err, "tandem: --help behind any verb tells how it is used")
	}
	return f.code
}

// root is the table of all verbs.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "tandem",
		Short:         "A clustered real-time telecom server",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	flags := root.PersistentFlags()
	flags.StringVar(&a.server, "server", os.Getenv("TANDEM_SERVER"),
		"URL of the member (default the local one; also TANDEM_SERVER)")
	flags.StringVar(&a.token, "token", os.Getenv("TANDEM_TOKEN"),
		"control token (default that of the local member; also TANDEM_TOKEN)")
	flags.StringVar(&a.data, "data", "",
		"data directory (default member.data, or that of tandem dev)")
	flags.StringVarP(&a.output, "output", "o", "table", "table or json")
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return a.checkGlobals(cmd) }

	root.AddCommand(
		a.devVerb(), a.memberVerb(), a.serveVerb(), a.versionVerb(),
		a.configVerbs(), a.settingsVerbs(), a.reloadVerb(), a.healthVerb(), a.selftestVerb(),
		a.accountVerbs(), a.regVerbs(), a.trunkVerbs(), a.callVerbs(), a.taskVerbs(), a.sessionVerbs(), a.queueVerbs(), a.agentVerbs(), a.statVerbs(), a.clusterVerbs(),
		a.queuelogVerbs(),
	)
	return root
}

// moreOutputs annotates verbs that write more than tables and JSON: the words of --output, with blanks between.
const moreOutputs = "outputs"

// checkGlobals refuses global flags that make no sense.
func (a *app) checkGlobals(cmd *cobra.Command) error {
	known := append([]string{"table", "json"}, strings.Fields(cmd.Annotations[moreOutputs])...)
	if !slices.Contains(known, a.output) {
		last := len(known) - 1
		return fmt.Errorf("--output %q: only %s and %s are known", a.output, strings.Join(known[:last], ", "), known[last])
	}
	return nil
}
