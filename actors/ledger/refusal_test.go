package ledger

import (
	"errors"
	"fmt"
	"testing"

	"tandem/actors/store"
	"tandem/ximss/cli"
)

// Whoever wraps an error and however often, its text is the same for all.
func TestTexts(t *testing.T) {
	for _, c := range []struct {
		err  error
		text string
	}{
		{ErrNoAccount, "unknown user account"},
		{cli.ErrAccess, "access denied"},
		{store.ErrConflict, "it is being changed by others: try again"},
		{store.ErrTooLarge, "the object is too large"},
		{t.Context().Err(), ""},
		{errors.New("else"), ""},
	} {
		err := c.err
		if err != nil {
			err = fmt.Errorf("around: %w", err)
		}
		if text, known := Text(err); text != c.text || known != (c.text != "") {
			t.Errorf("%v is %q, %v", c.err, text, known)
		}
	}
}
