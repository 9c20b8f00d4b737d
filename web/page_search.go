package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tandem/web/screen"
)

const searchPath = "/search"

// maxFinds bounds what is shown of one kind: who sees so many of them says more, or looks into their own list.
const maxFinds = 10

// find is something that a word leads to.
type find struct{ kind, name, about, href string }

// searchPage answers the field in the bar: pages, members, queues, agents, accounts, calls and numbers.
func (s *Server) searchPage(r *http.Request, v visitor) (screen.Page, error) {
	word := strings.TrimSpace(r.URL.Query().Get("q"))
	if len(word) > maxField {
		return screen.Page{}, Invalid("the word is longer than %d bytes", maxField)
	}
	p := screen.Page{Title: "Search", Search: word}
	panel := screen.Panel{ID: "finds", Title: "What was found"}
	if word == "" {
		panel.Text = "Say a name, a number, a call id, or a part of one."
	} else {
		ctx, missing := ListenFor(r.Context())
		finds := s.search(ctx, strings.ToLower(word), v.right)
		panel.Quiet, panel.Table, panel.Notes = counted(len(finds), "thing"), findTable(finds, word), missing.remarks("things")
	}
	p.View.Panels = []screen.Panel{panel}
	return p, nil
}

// search looks for a word in small letters among everything that has a page. What can not be asked now is left out:
// the other kinds are worth showing.
func (s *Server) search(ctx context.Context, word string, right screen.Right) (all []find) {
	for _, kind := range []func(context.Context, string, screen.Right) []find{
		findPages, s.findMembers, s.findQueues, s.findAgents, s.findAccounts, s.findCalls,
	} {
		found := kind(ctx, word, right)
		all = append(all, found[:min(len(found), maxFinds)]...)
	}
	return all
}

func findPages(_ context.Context, word string, right screen.Right) (out []find) {
	for _, r := range screen.RealmsFor(right) {
		for _, p := range r.Pages {
			if has(word, p.Label, r.Label+" "+p.Label) {
				out = append(out, find{"page", p.Label, r.Label, p.Href})
			}
		}
	}
	return out
}

func (s *Server) findMembers(ctx context.Context, word string, right screen.Right) (out []find) {
	if right < screen.Supervisor {
		return nil
	}
	view, err := s.services.Cluster.Cluster(ctx)
	if err != nil {
		return nil
	}
	for _, m := range view.Members {
		if has(word, m.Name, m.Address) {
			out = append(out, find{"member", m.Name, m.Address, membersPath + "#" + url.PathEscape(memberAnchor(m.Name))})
		}
	}
	return out
}

func (s *Server) findQueues(ctx context.Context, word string, _ screen.Right) (out []find) {
	found, err := s.services.Queues.Queues(ctx, QueueQuery{By: askerOf(ctx), Match: word, Limit: maxFinds})
	if err != nil {
		return nil
	}
	for _, q := range found {
		out = append(out, find{"queue", q.Name, q.Display, queuePath(q.Name)})
	}
	return out
}

func (s *Server) findAgents(ctx context.Context, word string, _ screen.Right) (out []find) {
	found, err := s.services.Agents.Agents(ctx, AgentQuery{By: askerOf(ctx), Match: word, Limit: maxFinds})
	if err != nil {
		return nil
	}
	for _, a := range found {
		out = append(out, find{"agent", a.Name, a.Display, agentPath(a.Name)})
	}
	return out
}

// findAccounts leads to the phones of an account, which say whether it can be called. Accounts are listed to
// administrators alone.
func (s *Server) findAccounts(ctx context.Context, word string, right screen.Right) (out []find) {
	if right < screen.Administrator {
		return nil
	}
	found, err := s.services.Accounts.Find(ctx, AccountQuery{Match: word, Limit: maxFinds})
	if err != nil {
		return nil
	}
	for _, a := range found {
		out = append(out, find{"account", a.AOR, a.Display, addressOf(registrationsPath, url.Values{"search": {a.AOR}})})
	}
	return out
}

// findCalls finds legs by the id of their call, in SIP or here, and by the numbers in it.
func (s *Server) findCalls(ctx context.Context, word string, right screen.Right) (out []find) {
	if right < screen.Supervisor {
		return nil
	}
	legs, err := s.services.Calls.Legs(ctx, LegQuery{Limit: maxLimit})
	if err != nil {
		return nil
	}
	for _, l := range legs {
		if has(word, l.Call, l.SIPCallID, l.From, l.To, l.Handler) && !slices.ContainsFunc(out, func(f find) bool { return f.name == l.Call }) {
			out = append(out, find{"call", l.Call, l.From + " to " + orElse(l.To, l.Application), addressOf(legsPath, url.Values{"call": {l.Call}})})
		}
		if len(out) == maxFinds {
			break
		}
	}
	return out
}

// has reports a word in small letters in one of some texts.
func has(word string, texts ...string) bool {
	return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(strings.ToLower(text), word) })
}

func findTable(finds []find, word string) *screen.Table {
	t := &screen.Table{Columns: []screen.Column{{Label: "What", Width: "w6"}, {Label: "Name", Width: "w14"}, {Label: "Is", Width: "w18"}},
		Empty: "Nothing here is called " + word + "."}
	for _, f := range finds {
		t.Rows = append(t.Rows, screen.Row{Key: f.kind + " " + f.name, Cells: []screen.Cell{screen.Text(f.kind),
			screen.Link(f.name, f.href), screen.Text(f.about)}})
	}
	return t
}
