package web

import (
	"context"
	"net/http"

	"tandem/conf"
)

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

// LiveSettings are the Settings of a configuration that can be reloaded.
func LiveSettings(l *conf.Live) Settings { return liveSettings{l} }

type liveSettings struct{ live *conf.Live }

// Effective implements Settings.
func (s liveSettings) Effective() []Setting {
	c := s.live.Conf()
	var all []Setting
	for _, f := range conf.Fields() {
		if e, err := c.Explain(f.Key); err == nil {
			all = append(all, Setting{Key: f.Key, Value: e.Value, Origin: e.Origin.String()})
		}
	}
	return all
}

// Reload implements Settings.
func (s liveSettings) Reload(context.Context) (Reloaded, error) {
	report, err := s.live.Reload()
	if err != nil {
		return Reloaded{}, Invalid("nothing was changed, because of mistakes in the settings:\n%v", err)
	}
	var done Reloaded
	for _, c := range report {
		done.Changes = append(done.Changes, SettingChange{Key: c.Key, Old: c.Old, New: c.New,
			Origin: c.Origin.String(), Effect: c.Effect.String()})
	}
	return done, nil
}
