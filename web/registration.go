package web

import "net/http"

func (s *Server) registrationList(r *http.Request) (any, error) {
	q := r.URL.Query()
	limit, err := limitOf(q)
	if err != nil {
		return nil, err
	}
	found, err := s.services.Registrations.Find(r.Context(),
		RegistrationQuery{AOR: q.Get("account"), Limit: limit + 1})
	if err != nil {
		return nil, err
	}
	list, more := page(found, limit)
	return struct {
		Registrations []Registration `json:"registrations"`
		More          bool           `json:"more"`
	}{list, more}, nil
}

func (s *Server) registrationKick(r *http.Request) (any, error) {
	aor, contact := r.PathValue("aor"), r.URL.Query().Get("contact")
	n, err := s.services.Registrations.Kick(r.Context(), aor, contact)
	if err != nil {
		return nil, err
	}
	if n == 0 && contact != "" {
		return nil, NotFound("%q has no registration with the contact %q", aor, contact)
	}
	return map[string]int{"removed": n}, nil
}
