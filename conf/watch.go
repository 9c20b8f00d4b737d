package conf

import (
	"context"
	"crypto/sha256"
	"time"
)

// Watch reloads whenever the content of the settings file differs at a tick, and hands on what came
// of it; a bad file is told once and not again before it changes. It returns when ctx ends.
//
// It compares content, not names or times, so a file that is replaced through a symbolic link, as
// Kubernetes does it, is seen like one that was written in place. A file that is gone for a moment
// is waited for.
func (l *Live) Watch(ctx context.Context, tick <-chan time.Time, told func(Report, error)) {
	var refused [sha256.Size]byte
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
		src, err := readLimited(l.sources.File, maxFile)
		if err != nil {
			continue
		}
		found := sha256.Sum256(src)
		if found == l.Conf().digest || found == refused {
			continue
		}
		report, err := l.Reload()
		if err != nil {
			refused = found
		}
		told(report, err)
	}
}
