package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"tandem/conf"
)

func (a *app) serveVerb() *cobra.Command {
	var f configFlags
	var portsTo, solution string
	cmd := &cobra.Command{
		Use:   "serve --config FILE [--stat-solution NAME]",
		Short: "Run a member",
		Long: "Run a member as its settings say, until SIGTERM or SIGINT, which drains and stops it; a\n" +
			"second signal cuts the drain short. SIGHUP reloads the settings. No demo account exists;\n" +
			"the first start prints the password of the first administrator, once.",
		Args: cobra.NoArgs,
		RunE: verb(func(cmd *cobra.Command, _ []string) error {
			sources := f.sources()
			if a.data != "" {
				sources.Flags = append(sources.Flags, conf.Flag{Name: "--data", Key: "member.data", Value: a.data})
			}
			if solution != "" {
				sources.Flags = append(sources.Flags, conf.Flag{Name: "--stat-solution", Key: "stat.solution", Value: solution})
			}
			live, err := conf.NewLive(sources)
			if err != nil {
				return err
			}
			dir := live.Conf().Member.Data
			if dir == "" {
				return errors.New("a member needs a place for what must last: " +
					"set member.data in the settings file, or give --data DIR")
			}
			release, err := lockData(dir)
			if err != nil {
				return err
			}
			defer release()
			m := a.newMember(live, func(ports) { _, _ = fmt.Fprintln(a.out, "ready") }, portsTo)
			return m.run(cmd.Context(), a.start)
		}),
	}
	f.add(cmd)
	cmd.Flags().StringVar(&solution, "stat-solution", "", "compute the statistics of this one of stat.solutions, and of no other")
	cmd.Flags().StringVar(&portsTo, "ports-file", "", "write the ports really bound into this file, JSON, when ready")
	return cmd
}
