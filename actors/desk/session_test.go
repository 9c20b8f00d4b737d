package desk

import (
	"log/slog"
	"testing"
	"time"

	"tandem/actors/account"
	"tandem/actors/cluster"
	"tandem/web"
)

func TestSessionsOfAnAccountAreEnded(t *testing.T) {
	m := cluster.New(cluster.Options{Name: "m1", Key: []byte("key"), Mailbox: 10, Log: slog.New(slog.DiscardHandler),
		Kinds: []cluster.Kind{{Name: "session"}}})
	t.Cleanup(m.Stop)
	var rows []Session
	for i, who := range []string{"alice@t", "bob@t", "alice@t"} {
		pid, err := m.Numbered("session", m.BootTag(), uint64(i+1))
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, Session{Session: web.Session{Handler: m.Handler(pid), Account: who, Since: time.Unix(int64(-i), 0)}, URLID: "secret"})
	}
	directory := account.NewDirectory(time.Now)
	directory.SetAccount(&account.Record{AOR: "alice@t"})
	var ended []string
	s := Sessions{Rows: func() []Session { return rows }, Directory: directory, Member: m,
		End: func(handler, _ string) error { ended = append(ended, handler); return nil }}
	if all, err := s.Sessions(t.Context(), web.SessionQuery{Limit: 2}); err != nil || len(all) != 2 || all[0].Handler != rows[1].Handler {
		t.Errorf("of the first two the oldest first: %v, %v", all, err)
	}
	if n, err := s.EndSessions(t.Context(), "Alice@t"); n != 2 || err != nil || len(ended) != 2 || ended[0] != rows[2].Handler {
		t.Errorf("%d were ended: %v, %v", n, ended, err)
	}
	if _, err := s.EndSessions(t.Context(), "nobody@t"); err == nil {
		t.Error("the sessions of nobody are ended")
	}
	if err := s.EndSession(t.Context(), "made up"); err == nil {
		t.Error("a handler that was made up leads to a session")
	}
}
