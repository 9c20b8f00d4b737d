package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func (a *app) settingsVerbs() *cobra.Command {
	return group("settings", "Settings that the cluster keeps, for all members or for one",
		a.settingsGet(), a.settingsSet(), a.settingsUnset(), a.settingsHistory(), a.settingsRevert())
}

// storedSetting is a value that the cluster keeps, as REST tells it.
type storedSetting struct {
	Key, Member    string
	Value          *string
	Revision       uint64
	At             time.Time
	Author, Reason string
	Change         string
	Except         []struct{ Member, State, Why string }
}

// settingFlags are what the verbs have in common.
type settingFlags struct {
	member   string
	revision uint64
	reason   string
}

func (f *settingFlags) forMember(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.member, "member", "", "the value for this member alone (default the one for all)")
}

func (f *settingFlags) forChange(cmd *cobra.Command) {
	f.forMember(cmd)
	cmd.Flags().Uint64Var(&f.revision, "revision", 0, "only if it has this revision now, 0: only if it is not set")
	cmd.Flags().StringVar(&f.reason, "reason", "", "why, for the history")
}

func (f *settingFlags) query() url.Values {
	q := url.Values{}
	if f.member != "" {
		q.Set("member", f.member)
	}
	return q
}

// body adds to what is sent what the flags say.
func (f *settingFlags) body(cmd *cobra.Command, b map[string]any) map[string]any {
	if cmd.Flags().Changed("revision") {
		b["revision"] = f.revision
	}
	if f.reason != "" {
		b["reason"] = f.reason
	}
	return b
}

func (a *app) settingsGet() *cobra.Command {
	var f settingFlags
	cmd := &cobra.Command{
		Use:   "get [KEY]",
		Short: "Show what the cluster keeps, and the members that do not obey it",
		Long: "Show what the cluster keeps, and the members that do not obey it. What a member has in effect, and\n" +
			"where that comes from, say config show and config explain.",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeKeys,
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			where := path(append([]string{"settings"}, args...)...)
			return ask(a, cmd, question{path: where, query: f.query()},
				func(v struct{ Settings []storedSetting }) table { return settingsTable(v.Settings) })
		}),
	}
	cmd.Flags().StringVar(&f.member, "member", "", "values for this member alone (default all)")
	return cmd
}

func settingsTable(all []storedSetting) (t table) {
	if len(all) == 0 {
		t.add("nothing is set")
		return t
	}
	t.add("SETTING", "FOR", "REVISION", "AUTHOR", "AT", "VALUE", "NOTE")
	for _, s := range all {
		t.add(s.Key, s.scope(), strconv.FormatUint(s.Revision, 10), s.Author, clock(s.At), textOrDash(s.Value), s.note())
	}
	return t
}

// scope says whom a value is for.
func (s storedSetting) scope() string {
	if s.Member == "" {
		return "cluster"
	}
	return s.Member
}

// note says who does not obey a value, and why.
func (s storedSetting) note() string {
	var parts []string
	for _, e := range s.Except {
		part := fmt.Sprintf("%s on %s", e.State, e.Member)
		switch e.State {
		case "after restart":
			part = fmt.Sprintf("acts after restart on %s", e.Member)
		case "hidden":
			part = fmt.Sprintf("hidden on %s by %s", e.Member, e.Why)
		case "not taken":
			part += ": " + e.Why
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// textOrDash is a value, a dash if there is none and "" if it is empty.
func textOrDash(s *string) string {
	switch {
	case s == nil:
		return ""
	case *s == "":
		return `""`
	}
	return *s
}

// settingTable shows one value after a change.
func settingTable(s storedSetting) (t table) {
	t.add("setting", s.Key)
	t.add("for", s.scope())
	t.add("value", textOrDash(s.Value))
	t.add("revision", strconv.FormatUint(s.Revision, 10))
	t.add("acts", s.Change)
	t.add("note", s.note())
	return t
}

func (a *app) settingsSet() *cobra.Command {
	var f settingFlags
	cmd := &cobra.Command{
		Use:   "set KEY VALUE",
		Short: "Set a value for all members, or for one",
		Long: "Set a value for all members, or for one: over what their files say, below their environment and\n" +
			"flags. A list of words is written with commas or as [a, b], a list of entries as in the file.",
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: completeKeys,
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			return ask(a, cmd, question{method: http.MethodPut, path: path("settings", args[0]), query: f.query(),
				body: f.body(cmd, map[string]any{"value": args[1]})}, settingTable)
		}),
	}
	f.forChange(cmd)
	return cmd
}

func (a *app) settingsUnset() *cobra.Command {
	var f settingFlags
	cmd := &cobra.Command{
		Use:               "unset KEY",
		Short:             "Take a value back, so that the members' files say it again",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeKeys,
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			q := f.query()
			for name, v := range f.body(cmd, map[string]any{}) {
				q.Set(name, fmt.Sprint(v))
			}
			return ask(a, cmd, question{method: http.MethodDelete, path: path("settings", args[0]), query: q}, settingTable)
		}),
	}
	f.forChange(cmd)
	return cmd
}

func (a *app) settingsHistory() *cobra.Command {
	var f settingFlags
	cmd := &cobra.Command{
		Use:               "history KEY",
		Short:             "Show the revisions of a value that are kept, the oldest first",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeKeys,
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			return ask(a, cmd, question{path: path("settings", args[0], "history"), query: f.query()}, historyTable)
		}),
	}
	f.forMember(cmd)
	return cmd
}

func historyTable(v struct{ Revisions []storedSetting }) (t table) {
	if len(v.Revisions) == 0 {
		t.add("it was never set")
		return t
	}
	t.add("REVISION", "AT", "AUTHOR", "REASON", "VALUE")
	for _, r := range v.Revisions {
		t.add(strconv.FormatUint(r.Revision, 10), clock(r.At), r.Author, r.Reason, textOrDash(r.Value))
	}
	return t
}

func (a *app) settingsRevert() *cobra.Command {
	var f settingFlags
	cmd := &cobra.Command{
		Use:               "revert KEY REVISION",
		Short:             "Set the value that an older revision has, as a new one",
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: completeKeys,
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			to, err := strconv.ParseUint(args[1], 10, 64)
			if err != nil || to == 0 {
				return usage("%q is no revision: settings history %s lists them", args[1], args[0])
			}
			return ask(a, cmd, question{method: http.MethodPost, path: path("settings", args[0], "revert"), query: f.query(),
				body: f.body(cmd, map[string]any{"to": to})}, settingTable)
		}),
	}
	f.forChange(cmd)
	return cmd
}
