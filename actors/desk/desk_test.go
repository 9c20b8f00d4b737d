package desk

import (
	"errors"
	"net/http"
	"testing"

	"tandem/actors/ledger"
	"tandem/web"
)

// Each verdict of the ledger has its status, and what is none of its refusals goes on as it is.
func TestRefusals(t *testing.T) {
	for verdict, status := range map[ledger.Verdict]int{ledger.Illegal: http.StatusBadRequest, ledger.Absent: http.StatusNotFound,
		ledger.Conflict: http.StatusConflict, ledger.Unavailable: http.StatusServiceUnavailable} {
		var e *web.Error
		if err := refusal(&ledger.Refusal{Verdict: verdict, Text: "100% why"}); !errors.As(err, &e) || e.Status != status || e.Message != "100% why" {
			t.Errorf("verdict %d is %+v, want %d", verdict, err, status)
		}
	}
	if other := errors.New("other"); refusal(other) != other || refusal(nil) != nil {
		t.Error("what is no refusal became one")
	}
}
