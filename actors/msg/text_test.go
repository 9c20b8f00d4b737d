package msg

import (
	"testing"

	"google.golang.org/protobuf/proto"
)

func TestCut(t *testing.T) {
	for text, want := range map[string]string{"abc": "abc", "abcdef": "abcd", "abcä": "abc", "aä": "aä", "a\xe4b": "a?b", "abc\xe4\xf6": "abc?",
		"\xe4\xf6\xfcx": "?x", "": ""} {
		got := Cut(text, 4)
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
		if _, err := proto.Marshal(&QueueWithdraw{Text: got}); err != nil {
			t.Errorf("%q: %v", got, err)
		}
	}
}
