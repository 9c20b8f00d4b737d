package web

import "net/http"

func (s *Server) legList(r *http.Request) (any, error) {
	q := r.URL.Query()
	limit, err := limitOf(q)
	if err != nil {
		return nil, err
	}
	ctx, missing := ListenFor(r.Context())
	found, err := s.services.Calls.Legs(ctx, LegQuery{Account: q.Get("account"), Limit: limit + 1})
	if err != nil {
		return nil, err
	}
	list, more := page(found, limit)
	return struct {
		Legs    []Leg    `json:"legs"`
		More    bool     `json:"more"`
		Unheard []string `json:"unheard"` // members that did not answer: what they have is missing
	}{list, more, missing.List()}, nil
}

func (s *Server) legShow(r *http.Request) (any, error) {
	handler := r.PathValue("handler")
	found, err := s.services.Calls.Legs(r.Context(), LegQuery{Handler: handler, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, NotFound("no leg lives under %q; if it has ended, look for its record", handler)
	}
	return found[0], nil
}

func (s *Server) legHangup(r *http.Request) (any, error) {
	handler := r.PathValue("handler")
	if err := s.services.Calls.Hangup(r.Context(), handler); err != nil {
		return nil, err
	}
	return map[string]string{"ended": handler}, nil
}

func (s *Server) recordList(r *http.Request) (any, error) {
	q := r.URL.Query()
	limit, err := limitOf(q)
	if err != nil {
		return nil, err
	}
	since, err := sinceOf(q, s.now())
	if err != nil {
		return nil, err
	}
	ctx, missing := ListenFor(r.Context())
	found, err := s.services.Calls.Records(ctx, RecordQuery{Account: q.Get("account"),
		SIPCallID: q.Get("sip_call_id"), Since: since, Limit: limit + 1})
	if err != nil {
		return nil, err
	}
	list, more := page(found, limit)
	return struct {
		Records []Record `json:"records"`
		More    bool     `json:"more"`
		Unheard []string `json:"unheard"` // members whose last records are missing
	}{list, more, missing.List()}, nil
}
