package main

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/spf13/cobra"
)

func (a *app) trunkVerbs() *cobra.Command {
	return group("trunk", "Trunks: ways to and from carriers", a.trunkList(), a.trunkShow(), a.trunkTest())
}

// trunk is how a trunk stands, as REST tells it.
type trunk struct {
	Name, State, Why, Member, Registration string
	Channels, Incoming, Peak, Rate         int
	MaxChannels                            int    `json:"max_channels"`
	MaxRate                                int    `json:"max_rate"`
	LastError                              string `json:"last_error"`
	Refused                                uint64
	Targets                                []struct {
		Address, State, Why string
		Trip                float64
	}
	Hour struct {
		Out, In            uint64
		ASR, NER, ACD, PDD *float64
	}
}

func (a *app) trunkList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List trunks: state, registration, channels, calls a second, and how calls of the last hour went",
		Args:  cobra.NoArgs,
		RunE: verb(func(cmd *cobra.Command, _ []string) error {
			return ask(a, cmd, question{path: path("trunks")}, trunksTable)
		}),
	}
}

func trunksTable(v struct{ Trunks []trunk }) table {
	t := table{}
	t.add("TRUNK", "STATE", "REGISTRATION", "CHANNELS", "CALLS/S", "OUT", "IN", "ASR", "NER", "ACD", "PDD", "REFUSED", "MEMBER", "WHY")
	for _, x := range v.Trunks {
		t.add(x.Name, x.State, x.Registration, ofMost(x.Channels, x.MaxChannels), ofMost(x.Rate, x.MaxRate), strconv.FormatUint(x.Hour.Out, 10),
			strconv.FormatUint(x.Hour.In, 10), percent(x.Hour.ASR), percent(x.Hour.NER), meanLength(x.Hour.ACD), meanLength(x.Hour.PDD),
			strconv.FormatUint(x.Refused, 10), x.Member, x.Why)
	}
	return t
}

func ofMost(n, most int) string {
	if most == 0 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%d/%d", n, most)
}

func percent(share *float64) string {
	if share == nil {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", 100**share)
}

func meanLength(length *float64) string {
	if length == nil {
		return "-"
	}
	return fmt.Sprintf("%.1f s", *length)
}

func (a *app) trunkShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show TRUNK",
		Short: "Show how a trunk and each of its targets stand",
		Args:  cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			return ask(a, cmd, question{path: path("trunks", args[0])}, trunkTable)
		}),
	}
}

func (a *app) trunkTest() *cobra.Command {
	return &cobra.Command{
		Use:   "test TRUNK",
		Short: "Ask each target for a sign of life now, try the registration, and show what came of it",
		Args:  cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			return ask(a, cmd, question{method: http.MethodPost, path: path("trunks", args[0], "test")}, trunkTable)
		}),
	}
}

func trunkTable(x trunk) table {
	t := table{}
	t.add("trunk", x.Name)
	t.add("state", x.State+because(x.Why))
	t.add("registration", x.Registration)
	t.add("member", x.Member)
	t.add("channels", fmt.Sprintf("%s, of them in %d, at most %d", ofMost(x.Channels, x.MaxChannels), x.Incoming, x.Peak))
	t.add("calls a second", ofMost(x.Rate, x.MaxRate))
	t.add("last hour", fmt.Sprintf("%d out, %d in, ASR %s, NER %s, ACD %s, PDD %s", x.Hour.Out, x.Hour.In, percent(x.Hour.ASR), percent(x.Hour.NER),
		meanLength(x.Hour.ACD), meanLength(x.Hour.PDD)))
	t.add("refused by limits", strconv.FormatUint(x.Refused, 10))
	if x.LastError != "" {
		t.add("last error", x.LastError)
	}
	for _, g := range x.Targets {
		trip := ""
		if g.Trip > 0 {
			trip = fmt.Sprintf(", answers in %.1f ms", 1000*g.Trip)
		}
		t.add("target", fmt.Sprintf("%s %s%s%s", g.Address, g.State, because(g.Why), trip))
	}
	return t
}

// because is a reason behind a word; none where there is none.
func because(why string) string {
	if why == "" {
		return ""
	}
	return ": " + why
}
