package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tandem/web/screen"
)

const registrationsPath = "/monitors/registrations"

// soon is how long before its end a registration is marked: a phone that renews it does so earlier.
const soon = 30 * time.Second

func registrationListing(right screen.Right, now time.Time) listing[Registration] {
	l := listing[Registration]{path: registrationsPath, key: func(r Registration) string { return r.AOR + " " + r.Contact },
		columns: []listColumn[Registration]{
			{name: "account", label: "Account", width: "w11", cell: func(r Registration) screen.Cell { return screen.Text(r.AOR) },
				compare: by(func(r Registration) string { return r.AOR })},
			{label: "State", width: "w8", cell: func(r Registration) screen.Cell {
				if r.Expires.Sub(now) < soon {
					return screen.Mark(screen.StateOf("registration", "soon"))
				}
				return screen.Mark(screen.StateOf("registration", "registered"))
			}},
			{name: "contact", label: "Contact", width: "w14", cell: func(r Registration) screen.Cell { return screen.Mono(r.Contact) },
				compare: by(func(r Registration) string { return r.Contact })},
			{name: "seen", label: "Address seen", width: "w12", cell: addressSeen, compare: by(func(r Registration) string { return r.Source })},
			{name: "transport", label: "Via", width: "w4", cell: func(r Registration) screen.Cell { return screen.Text(r.Transport) },
				compare: by(func(r Registration) string { return r.Transport })},
			{name: "member", label: "Member", width: "w6", cell: func(r Registration) screen.Cell { return screen.Text(r.Member) },
				compare: by(func(r Registration) string { return r.Member })},
			{name: "since", label: "For", width: "w6", num: true, cell: func(r Registration) screen.Cell { return screen.Since(r.Since, now) },
				compare: func(a, b Registration) int { return b.Since.Compare(a.Since) }},
			{name: "expires", label: "Expires in", width: "w6", num: true, cell: func(r Registration) screen.Cell { return screen.Until(r.Expires, now) },
				compare: func(a, b Registration) int { return a.Expires.Compare(b.Expires) }},
			{name: "agent", label: "User agent", width: "w10", cell: func(r Registration) screen.Cell { return screen.Text(r.Agent) },
				compare: by(func(r Registration) string { return r.Agent })},
		},
		filters: []listFilter[Registration]{
			{name: "search", label: "Account, address, user agent", part: true, value: func(r Registration) string {
				return r.AOR + " " + r.Contact + " " + r.Source + " " + r.Agent
			}},
			{name: "member", label: "Member", value: func(r Registration) string { return r.Member }},
		}}
	if right == screen.Administrator {
		l.columns = append(l.columns, listColumn[Registration]{label: "Acts", width: "w5", cell: func(r Registration) screen.Cell {
			return screen.Cell{Acts: []screen.Act{{Label: "Kick", About: r.AOR, Href: kickHref(r.AOR, r.Contact), Risk: true}}}
		}})
	}
	return l
}

// addressSeen is shown when it is another one than the phone says.
func addressSeen(r Registration) screen.Cell {
	if strings.Contains(r.Contact, r.Source) {
		return screen.Cell{Text: "as contact", Muted: true}
	}
	return screen.Mono(r.Source)
}

func kickHref(aor, contact string) string {
	return registrationsPath + "/" + url.PathEscape(aor) + "/kick?" + url.Values{"contact": {contact}}.Encode()
}

func (s *Server) registrationsPage(r *http.Request, v visitor) (screen.Page, error) {
	return registrationListing(v.right, s.now()).page(r, v, "Registrations", "registrations", s.registrationsView)
}

func (s *Server) registrationsView(ctx context.Context, values url.Values, right screen.Right) (screen.View, error) {
	l := registrationListing(right, s.now())
	q, err := l.parse(values)
	if err != nil {
		return screen.View{}, err
	}
	all, err := s.services.Registrations.Find(ctx, RegistrationQuery{Limit: maxLimit})
	if err != nil {
		return screen.View{}, err
	}
	chosen := l.choose(q, all)
	empty := "No phone is registered. Let one register with an account and its password at this member's address."
	if len(all) > 0 {
		empty = "No registration is like that; " + counted(len(all), "registration") + " in all."
	}
	return screen.View{Panels: []screen.Panel{{ID: "registrations", Title: "Registrations",
		Quiet: counted(len(chosen), "registration"), Table: l.table(q, chosen, empty)}}}, nil
}

func (s *Server) kickPage(r *http.Request, _ visitor) (screen.Page, error) {
	aor, contact := r.PathValue("aor"), r.URL.Query().Get("contact")
	if len(contact) > 4*maxField {
		return screen.Page{}, Invalid("the contact is too long")
	}
	text := "The phone at " + contact + " gets no calls until it registers again."
	if contact == "" {
		text = "No phone of this account gets calls until it registers again."
	}
	return question("Kick "+aor, "monitors", registrationsPath, screen.Ask{
		Action: registrationsPath + "/" + url.PathEscape(aor) + "/kick", Fields: []screen.Field{{Name: "contact", Value: contact}},
		Text: []string{text}, Button: "Kick " + aor, Risk: true},
		screen.Crumb{Label: "Monitors", Href: membersPath}, screen.Crumb{Label: "Registrations", Href: registrationsPath}), nil
}

func (s *Server) kickDo(r *http.Request, _ visitor) (outcome, error) {
	aor, contact := r.PathValue("aor"), r.PostForm.Get("contact")
	n, err := s.services.Registrations.Kick(r.Context(), aor, contact)
	if err == nil && n == 0 {
		err = NotFound("%q has no such registration any more", clip(aor, 120))
	}
	return outcome{To: registrationsPath, Text: fmt.Sprintf("%s of %s removed.", counted(n, "registration"), aor)}, err
}
