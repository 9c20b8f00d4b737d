package web

import "net/http"

func (s *Server) configShow(*http.Request) (any, error) {
	return struct {
		Settings []Setting `json:"settings"`
	}{s.services.Settings.Effective()}, nil
}

func (s *Server) configReload(r *http.Request) (any, error) {
	done, err := s.services.Settings.Reload(r.Context())
	if err != nil {
		return nil, err
	}
	if done.Changes == nil {
		done.Changes = []SettingChange{}
	}
	return done, nil
}
