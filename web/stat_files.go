package web

import (
	"context"
	"io"
	"net/http"
)

// StatFiles are the statistics as files; a refusal is an *Error.
type StatFiles interface {
	// Export writes the facts of the journal and the open statistics as `tandem stat evaluate` reads them; at is the moment
	// that is asked for in ms since 1970, 0 for now.
	Export(ctx context.Context, at int64, to io.Writer) error
	// Backup writes what all open statistics have counted.
	Backup(ctx context.Context, to io.Writer) error
	// Restore opens the statistics of a backup that are not open, with what they had counted.
	Restore(ctx context.Context, from io.Reader) (StatRestored, error)
}

// StatRestored says what became of the statistics of a backup.
type StatRestored struct {
	Restored int `json:"restored"`
	Open     int `json:"open"` // which were open already, and go on as they are
}

// statFileRoutes are the answers that are files.
func (s *Server) statFileRoutes() map[string]http.HandlerFunc {
	if s.services.StatFiles == nil {
		return nil
	}
	return map[string]http.HandlerFunc{
		"GET /api/v1/stat/export":   s.statExport,
		"GET /api/v1/stat/backup":   s.statBackup,
		"POST /api/v1/stat/restore": s.serveJSON(s.statRestore),
	}
}

func (s *Server) statBackup(w http.ResponseWriter, r *http.Request) {
	body := &fileBody{w: w, kind: "application/gzip", name: "statistics.backup"}
	s.sendFile(w, r, body, func(to io.Writer) error { return s.services.StatFiles.Backup(r.Context(), to) })
}

// statRestore reads a backup, which may be long: it has a limit of its own where it is read.
func (s *Server) statRestore(r *http.Request) (any, error) {
	return s.services.StatFiles.Restore(r.Context(), r.Body)
}

func (s *Server) statExport(w http.ResponseWriter, r *http.Request) {
	at, err := momentOf(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.sendFile(w, r, &fileBody{w: w, kind: fileKinds["json"]}, func(to io.Writer) error {
		return s.services.StatFiles.Export(r.Context(), at, to)
	})
}

// sendFile answers with a file that is made while it is sent.
func (s *Server) sendFile(w http.ResponseWriter, r *http.Request, body *fileBody, write func(io.Writer) error) {
	if err := write(body); err != nil {
		if body.begun {
			panic(http.ErrAbortHandler) // what was sent must not pass for the whole
		}
		s.refuse(w, r, err)
	}
}
