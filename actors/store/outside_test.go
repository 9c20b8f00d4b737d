package store

import (
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// outside starts a server of its own, as an operator would, and returns its address.
func outside(t *testing.T) string {
	t.Helper()
	srv, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true,
		NoLog: true, JetStream: true, StoreDir: t.TempDir(), SyncAlways: true, MaxPayload: enginePayload,
		JetStreamMaxStore: 8 << 30})
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(func() { srv.Shutdown(); srv.WaitForShutdown() })
	if !srv.ReadyForConnections(10 * time.Second) {
		t.Fatal("no server")
	}
	return srv.ClientURL()
}
