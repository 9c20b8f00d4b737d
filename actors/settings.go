package actors

import (
	"context"
	"errors"

	"tandem/conf"
	"tandem/signal"
	"tandem/web"
)

// settings answers web.Settings.
type settings struct{ *House }

// Effective returns every setting with its value and origin.
func (s settings) Effective() []web.Setting {
	c := s.live.Conf()
	var out []web.Setting
	for _, f := range conf.Fields() {
		e, err := c.Explain(f.Key)
		if err != nil {
			continue // Fields and Explain know the same keys
		}
		out = append(out, web.Setting{Key: f.Key, Value: e.Value, Origin: e.Origin.String()})
	}
	return out
}

// Reload reads the settings again.
func (s settings) Reload(context.Context) (web.Reloaded, error) {
	report, err := s.live.Reload()
	if err != nil {
		return web.Reloaded{}, web.Invalid("nothing was changed: %v", err)
	}
	out := web.Reloaded{Changes: []web.SettingChange{}}
	for _, c := range report {
		out.Changes = append(out.Changes, web.SettingChange{Key: c.Key, Old: c.Old, New: c.New, Effect: c.Effect.String()})
	}
	return out, nil
}

// sockets answers web.SIPSockets.
type sockets struct{ *House }

// ServeSocket lets the SIP edge read a WebSocket until it ends.
func (s sockets) ServeSocket(w *web.Socket) {
	if err := s.sip.ServeWebSocket(w); err != nil {
		s.log.Debug("SIP over WebSocket ended", "remote", w.RemoteAddr().String(), "err", err)
	}
}

// administrators answers web.Authenticator.
type administrators struct{ *House }

// Administrator checks an administrator's password; the main domain is understood.
func (a administrators) Administrator(user, password string) bool {
	aor, err := accounts(a).aor(user)
	if err != nil {
		aor = signal.AOR(user)
	}
	return a.directory.CheckAdministrator(aor, password)
}

// services are what the listener's handlers call.
func (h *House) services() web.Services {
	return web.Services{Accounts: accounts{h}, Registrations: registrations{h}, Calls: calls{h},
		Health: h, Settings: settings{h}, Sockets: sockets{h}, Authenticator: administrators{h}}
}

// portsLeft is an error when no stream can be opened.
func (h *House) portsLeft() error {
	if h.engine.Snapshot().PortsFree == 0 {
		return errors.New("no RTP port is free")
	}
	return nil
}
