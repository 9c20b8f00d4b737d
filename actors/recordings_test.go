package actors

import (
	"testing"
	"time"

	"tandem/actors/account"
	"tandem/web"
)

// Who may listen to nobody gets no recordings, and no file is looked at for him: this house has none to look at.
func TestRecordingsForSomebodyWithoutTheRight(t *testing.T) {
	h := recordings{&House{directory: account.NewDirectory(time.Now)}}
	h.directory.SetAccount(&account.Record{AOR: "1000@tandem.local", Rights: []string{"CanSupervise"}})
	h.directory.SetAccount(&account.Record{AOR: "gone@tandem.local", Rights: []string{"CanListen"}, Disabled: true})
	for _, by := range []string{"", "1000@tandem.local", "gone@tandem.local"} {
		if got := h.Recordings(web.Asker{Account: by}, web.RecordingQuery{Limit: 10}); len(got) > 0 {
			t.Errorf("%q: %v", by, got)
		}
	}
}
