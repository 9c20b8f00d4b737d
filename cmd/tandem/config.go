package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"tandem/actors"
	"tandem/conf"
)

// configFlags are how settings are given to a verb that reads them itself.
type configFlags struct {
	file string
	set  []string
}

func (f *configFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.file, "config", "", "settings file, YAML")
	cmd.Flags().StringArrayVar(&f.set, "set", nil, "one setting, section.key=value; may be repeated")
}

// sources are the layers that the flags ask for: file, environment, flags.
func (f *configFlags) sources() conf.Sources {
	return conf.Sources{File: f.file, Environ: os.Environ(), Set: f.set}
}

func (a *app) configVerbs() *cobra.Command {
	return group("config", "Look at settings", a.configCheck(), a.configShow(), a.configExplain())
}

func (a *app) configCheck() *cobra.Command {
	var f configFlags
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check a settings file, the environment and --set, and name all mistakes",
		Args:  cobra.NoArgs,
		RunE: verb(func(*cobra.Command, []string) error {
			if err := checkSettings(f.sources()); err != nil {
				return err
			}
			if a.output == "json" {
				return a.showValue(map[string]bool{"ok": true})
			}
			_, err := fmt.Fprintln(a.out, "ok")
			return err
		}),
	}
	f.add(cmd)
	return cmd
}

func (a *app) configShow() *cobra.Command {
	var f configFlags
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Show every setting with its origin: of the running member, or of --config FILE",
		Args:  cobra.NoArgs,
		RunE: verb(func(cmd *cobra.Command, _ []string) error {
			if f.file == "" && len(f.set) == 0 {
				return a.showRunning(cmd)
			}
			c, err := conf.Load(f.sources())
			if err != nil {
				return err
			}
			if a.output == "json" {
				return a.showValue(map[string]any{"settings": settingsOf(c)})
			}
			_, err = fmt.Fprint(a.out, c.Show())
			return err
		}),
	}
	f.add(cmd)
	return cmd
}

// setting is one setting as REST tells it.
type setting struct {
	Key    string `json:"key"`
	Value  string `json:"value"`
	Origin string `json:"origin"`
}

// settingsOf lists what a configuration holds, in the words of REST.
func settingsOf(c *conf.Conf) []setting {
	var all []setting
	for _, f := range conf.Fields() {
		if e, err := c.Explain(f.Key); err == nil {
			all = append(all, setting{f.Key, e.Value, e.Origin.String()})
		}
	}
	return all
}

// showRunning shows the settings of the running member.
func (a *app) showRunning(cmd *cobra.Command) error {
	c, err := a.client()
	if err != nil {
		return err
	}
	answer, err := c.get(cmd.Context(), path("config"), nil)
	if err != nil {
		return err
	}
	return show(a, answer, func(v struct{ Settings []setting }) table {
		var t table
		t.add("SETTING", "ORIGIN", "VALUE") // a value can be long, so it is last
		for _, s := range v.Settings {
			t.add(s.Key, s.Origin, s.Value)
		}
		return t
	})
}

func (a *app) configExplain() *cobra.Command {
	var f configFlags
	cmd := &cobra.Command{
		Use:   "explain KEY",
		Short: "Say what a setting means, what it may be, what it is and where that comes from",
		Long: "Say what a setting means, what it may be, what it is and where that comes from: as the running\n" +
			"member has it, or as --config FILE and --set say. Without a member, as the environment says.",
		Args: cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			if f.file == "" && len(f.set) == 0 {
				if done, err := a.explainRunning(cmd, args[0]); done {
					return err
				}
			}
			c, err := conf.Load(f.sources())
			if err != nil {
				return err
			}
			e, err := c.Explain(args[0])
			if err != nil {
				return err
			}
			if a.output == "json" {
				return a.showValue(e)
			}
			_, err = fmt.Fprint(a.out, e.String())
			return err
		}),
		ValidArgsFunction: completeKeys,
	}
	f.add(cmd)
	return cmd
}

// explainRunning explains a setting as the running member has it; not done when there is none.
func (a *app) explainRunning(cmd *cobra.Command, key string) (done bool, err error) {
	c, err := a.client()
	if err != nil {
		return true, err
	}
	answer, err := c.get(cmd.Context(), path("settings", key), nil)
	var f *failure
	if errors.As(err, &f) && f.code == codeUnreachable && a.server == "" {
		return false, nil
	}
	if err != nil {
		return true, err
	}
	if a.output == "json" {
		return true, a.showJSON(answer)
	}
	var e conf.Explanation
	if err := json.Unmarshal(answer, &e); err != nil {
		return true, fmt.Errorf("the member's answer is not understood; is it another version? %w", err)
	}
	_, err = fmt.Fprint(a.out, e.String())
	return true, err
}

// completeKeys offers the settings to the shell.
func completeKeys(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var keys []string
	for _, f := range conf.Fields() {
		keys = append(keys, f.Key)
	}
	return keys, cobra.ShellCompDirectiveNoFileComp
}

// checkSettings reads the settings as a member would, and demands what its house will.
func checkSettings(s conf.Sources) error {
	live, err := conf.NewLive(s)
	if err == nil {
		_, err = live.Require(actors.Demand)
	}
	return err
}
