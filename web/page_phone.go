package web

import (
	"net/http"
	"time"

	userpage "tandem/web/user"
)

// recentCalls bounds the calls that a phone page shows of its account.
const recentCalls = 50

// phonePolicy lets the phone page ask for the microphone, which no other page may.
const phonePolicy = "camera=(), geolocation=(), microphone=(self)"

// phonePage is the page of account holders. It holds nothing private and needs no login of ours: see package user.
func (s *Server) phonePage(w http.ResponseWriter, r *http.Request) {
	p := userpage.Page{Member: s.services.Health.Health().Member, Hint: s.hint}
	if theme, err := r.Cookie(themeCookie); err == nil {
		p.Dark = theme.Value == "dark"
	}
	body, err := userpage.Render(p)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Permissions-Policy", phonePolicy)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Vary", "Cookie")
	_, _ = w.Write(body)
}

// pastCall is a call as its account holder sees it.
type pastCall struct {
	Peer      string    `json:"peer"`      // the other party's address
	Direction string    `json:"direction"` // as the account sees it: out, it called
	Began     time.Time `json:"began"`
	Answered  time.Time `json:"answered,omitzero"`
	Ended     time.Time `json:"ended"`
	Cause     string    `json:"cause"`
}

// phoneCalls are the last calls of the account whose password comes with the request.
func (s *Server) phoneCalls(w http.ResponseWriter, r *http.Request) {
	account, password, ok := r.BasicAuth()
	if !ok {
		s.refuse(w, r, Refuse(http.StatusUnauthorized, "unauthorized", "this needs the password of an account (Basic)"))
		return
	}
	who, err := s.checkLogin(w, r, account, password)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	found, err := s.services.Calls.Records(r.Context(), RecordQuery{Account: who.Account, Limit: recentCalls})
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"calls": pastCalls(found)})
}

// pastCalls are the calls behind records, in their order. A call that rang at several devices of the account is one
// call, and answered when one of them was.
func pastCalls(records []Record) []pastCall {
	calls := make([]pastCall, 0, len(records))
	at := map[string]int{} // by call and direction
	for _, record := range records {
		c, key := pastCallOf(record), record.Call+" "+record.Direction
		i, seen := at[key]
		switch {
		case record.Call == "" || !seen:
			at[key] = len(calls)
			calls = append(calls, c)
		case calls[i].Answered.IsZero():
			calls[i] = c
		}
	}
	return calls
}

// pastCallOf turns a leg's record round: what came in to us is a call that the account made.
func pastCallOf(r Record) pastCall {
	c := pastCall{Peer: r.From, Direction: "in", Began: r.Since, Answered: r.Answered, Ended: r.End}
	if r.Direction == "in" {
		c.Peer, c.Direction = r.To, "out"
	}
	if r.Answered.IsZero() {
		c.Cause = r.Cause
	}
	return c
}

// shareModules lets pages of the configured origins import ximss.js, as they may open the WebSocket.
func (s *Server) shareModules(w http.ResponseWriter, r *http.Request) {
	origin := r.Header.Get("Origin")
	if origin == "" || !s.allowedOrigin(origin, r.Host) {
		return
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Add("Vary", "Origin")
}
