package main

import (
	"bufio"
	"cmp"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

func (a *app) accountVerbs() *cobra.Command {
	return group("account", "Accounts: who may register and call",
		a.accountList(), a.accountShow(), a.accountAdd(), a.accountEdit(), a.accountRemove())
}

// account is an account as REST tells it.
type account struct {
	AOR     string
	Display string
	Enabled bool
	Roles   []string
	Forward struct {
		All           string
		Busy          string
		NoAnswer      string  `json:"no_answer"`
		NoAnswerAfter float64 `json:"no_answer_after"`
		Failure       string
	}
	Voicemail struct {
		On      bool
		After   float64
		OnBusy  bool `json:"on_busy"`
		OnError bool `json:"on_error"`
	}
	Aliases     []string
	Record      bool
	MaxContacts int `json:"max_contacts"`
	SRTP        string
	Revision    uint64
}

func (a *app) accountList() *cobra.Command {
	var match string
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List accounts",
		Args:  cobra.NoArgs,
		RunE: verb(func(cmd *cobra.Command, _ []string) error {
			query := url.Values{"limit": {strconv.Itoa(limit)}}
			if match != "" {
				query.Set("match", match)
			}
			return ask(a, cmd, question{path: path("accounts"), query: query}, accountsTable)
		}),
	}
	cmd.Flags().StringVar(&match, "match", "", "part of the address or the name")
	cmd.Flags().IntVar(&limit, "limit", 100, "rows at most")
	return cmd
}

func accountsTable(v struct {
	Accounts []account
	More     bool
}) table {
	t := table{note: moreNote(v.More)}
	t.add("ACCOUNT", "NAME", "ENABLED", "ROLES", "FORWARD")
	for _, x := range v.Accounts {
		t.add(x.AOR, x.Display, yesNo(x.Enabled), strings.Join(x.Roles, ","), x.forwards())
	}
	return t
}

// forwards lists the forwards in one cell.
func (x account) forwards() string {
	var parts []string
	for _, f := range []struct{ when, to string }{
		{"all", x.Forward.All}, {"busy", x.Forward.Busy},
		{"no answer", x.Forward.NoAnswer}, {"failure", x.Forward.Failure},
	} {
		if f.to != "" {
			parts = append(parts, f.when+" to "+f.to)
		}
	}
	return strings.Join(parts, ", ")
}

func accountTable(x account) table {
	var t table
	t.add("account", x.AOR)
	t.add("name", x.Display)
	t.add("enabled", yesNo(x.Enabled))
	t.add("roles", strings.Join(x.Roles, ", "))
	t.add("forward all", x.Forward.All)
	t.add("forward busy", x.Forward.Busy)
	t.add("forward no answer", x.Forward.NoAnswer)
	t.add("  after", seconds(x.Forward.NoAnswerAfter))
	t.add("forward failure", x.Forward.Failure)
	t.add("voice mail", x.voicemail())
	t.add("aliases", strings.Join(x.Aliases, ", "))
	t.add("recorded", yesNo(x.Record))
	t.add("registrations", countOrDefault(x.MaxContacts))
	t.add("srtp", cmp.Or(x.SRTP, "default"))
	t.add("revision", strconv.FormatUint(x.Revision, 10))
	return t
}

// voicemail says in one cell when calls go to voice mail.
func (x account) voicemail() string {
	var when []string
	if v := x.Voicemail; v.On && v.After > 0 {
		when = append(when, "no answer after "+seconds(v.After))
	} else if v.On {
		when = append(when, "no answer")
	}
	if x.Voicemail.OnBusy {
		when = append(when, "busy")
	}
	if x.Voicemail.OnError {
		when = append(when, "failure")
	}
	return strings.Join(when, ", ")
}

func countOrDefault(n int) string {
	if n == 0 {
		return "as the member's setting"
	}
	return "at most " + strconv.Itoa(n)
}

func (a *app) accountShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show ACCOUNT",
		Short: "Show one account",
		Args:  cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			return ask(a, cmd, question{path: path("accounts", args[0])}, accountTable)
		}),
	}
}

func (a *app) accountAdd() *cobra.Command {
	var f accountFlags
	cmd := &cobra.Command{
		Use:   "add ACCOUNT",
		Short: "Make an account; without --password it gets a random one, printed once",
		Args:  cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			body, err := f.body(cmd, a)
			if err != nil {
				return err
			}
			made := ""
			if body["password"] == nil {
				made = rand.Text()
				body["password"] = made
			}
			body["aor"] = args[0]
			c, err := a.client()
			if err != nil {
				return err
			}
			answer, err := c.call(cmd.Context(), http.MethodPost, path("accounts"), nil, body)
			if err != nil {
				return err
			}
			if made != "" {
				_, _ = fmt.Fprintf(a.err, "the password of %s is %s\n", args[0], made)
			}
			return show(a, answer, accountTable)
		}),
	}
	f.add(cmd)
	return cmd
}

func (a *app) accountEdit() *cobra.Command {
	var f accountFlags
	var revision uint64
	cmd := &cobra.Command{
		Use:   "edit ACCOUNT",
		Short: "Change an account; what no flag names stays as it is",
		Args:  cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			body, err := f.body(cmd, a)
			if err != nil {
				return err
			}
			if len(body) == 0 {
				return usage("nothing to change was named")
			}
			if revision != 0 {
				body["revision"] = revision
			}
			return ask(a, cmd, question{method: http.MethodPatch, path: path("accounts", args[0]),
				body: body}, accountTable)
		}),
	}
	f.add(cmd)
	cmd.Flags().Uint64Var(&revision, "revision", 0, "fail if the account is no longer at this revision")
	return cmd
}

func (a *app) accountRemove() *cobra.Command {
	var revision uint64
	cmd := &cobra.Command{
		Use:   "rm ACCOUNT",
		Short: "Remove an account and its registrations",
		Args:  cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			query := url.Values{}
			if revision != 0 {
				query.Set("revision", strconv.FormatUint(revision, 10))
			}
			return ask(a, cmd, question{method: http.MethodDelete, path: path("accounts", args[0]), query: query},
				func(v struct{ Removed string }) (t table) {
					t.add("removed", v.Removed)
					return t
				})
		}),
	}
	cmd.Flags().Uint64Var(&revision, "revision", 0, "fail if the account is no longer at this revision")
	return cmd
}

// accountFlags are the properties of an account on the command line.
type accountFlags struct {
	password, display                                string
	forwardAll, forwardBusy, forwardNoAnswer, failed string
	noAnswerAfter                                    float64
	voicemail                                        []string
	voicemailAfter                                   float64
	roles                                            []string
	enabled                                          bool
	aliases                                          []string
	record                                           bool
	maxContacts                                      int
	srtp                                             string
}

func (f *accountFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.password, "password", "", "new password; - reads it from standard input")
	flags.StringVar(&f.display, "display", "", "name shown to people")
	flags.BoolVar(&f.enabled, "enabled", true, "whether it may register and call")
	flags.StringSliceVar(&f.roles, "roles", nil, "roles, separated by commas, e.g. administrator")
	flags.StringVar(&f.forwardAll, "forward-all", "", "all calls go there; empty ends it")
	flags.StringVar(&f.forwardBusy, "forward-busy", "", "calls go there when busy; empty ends it")
	flags.StringVar(&f.forwardNoAnswer, "forward-no-answer", "", "calls not answered go there; empty ends it")
	flags.Float64Var(&f.noAnswerAfter, "no-answer-after", 0, "seconds of ringing; 0 as the member's setting")
	flags.StringVar(&f.failed, "forward-failure", "", "calls that fail go there; empty ends it")
	flags.StringSliceVar(&f.voicemail, "voicemail", nil, "when calls go to voice mail: no-answer,busy,failure; empty ends it")
	flags.Float64Var(&f.voicemailAfter, "voicemail-after", 0, "seconds of ringing until then; 0 as the member's setting")
	flags.StringSliceVar(&f.aliases, "aliases", nil, "further addresses that mean this account; empty ends them")
	flags.BoolVar(&f.record, "record", false, "record the calls that it makes or that are dialled to it, once answered, while the caller is in them")
	flags.StringVar(&f.srtp, "srtp", "", "encryption of its phones' audio: never, offered, required; empty as the member's setting")
	flags.IntVar(&f.maxContacts, "max-contacts", 0, "registrations at once; 0 as the member's setting")
}

// body is what the flags ask to change, as REST wants it.
func (f *accountFlags) body(cmd *cobra.Command, a *app) (map[string]any, error) {
	body := map[string]any{}
	set := func(flag, key string, value any) {
		if cmd.Flags().Changed(flag) {
			body[key] = value
		}
	}
	if f.password == "-" {
		line, err := bufio.NewReader(a.in).ReadString('\n')
		if f.password = strings.TrimRight(line, "\r\n"); f.password == "" {
			return nil, usage("no password came from standard input (%v)", err)
		}
	}
	set("password", "password", f.password)
	set("display", "display", f.display)
	set("enabled", "enabled", f.enabled)
	set("roles", "roles", f.roles)
	set("aliases", "aliases", f.aliases)
	set("record", "record", f.record)
	set("max-contacts", "max_contacts", f.maxContacts)
	set("srtp", "srtp", f.srtp)
	if forward := f.forward(cmd); len(forward) > 0 {
		body["forward"] = forward
	}
	if cmd.Flags().Changed("voicemail") || cmd.Flags().Changed("voicemail-after") {
		v, err := f.voicemailWhen()
		if err != nil {
			return nil, err
		}
		body["voicemail"] = v
	}
	return body, nil
}

// voicemailWhen is the part of the body that says when calls go to voice mail.
func (f *accountFlags) voicemailWhen() (map[string]any, error) {
	v := map[string]any{"after": f.voicemailAfter}
	for _, when := range f.voicemail {
		key, ok := map[string]string{"no-answer": "on", "busy": "on_busy", "failure": "on_error"}[when]
		if !ok {
			return nil, usage("--voicemail %q: there are no-answer, busy and failure", when)
		}
		v[key] = true
	}
	return v, nil
}

// forward is the part of the body that says where calls go instead.
func (f *accountFlags) forward(cmd *cobra.Command) map[string]any {
	forward := map[string]any{}
	for flag, field := range map[string]struct {
		key   string
		value any
	}{
		"forward-all":       {"all", f.forwardAll},
		"forward-busy":      {"busy", f.forwardBusy},
		"forward-no-answer": {"no_answer", f.forwardNoAnswer},
		"no-answer-after":   {"no_answer_after", f.noAnswerAfter},
		"forward-failure":   {"failure", f.failed},
	} {
		if cmd.Flags().Changed(flag) {
			forward[field.key] = field.value
		}
	}
	return forward
}
