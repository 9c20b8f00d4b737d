package recording

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// Limits of what is found and of how long is looked for it.
const (
	maxFound = 50 // recordings of one call
	maxLook  = 4 * time.Second
	maxStuck = 4 // looks into a folder that does not answer, of one rule; further ones wait for one of them
)

// Found is one recording.
type Found struct {
	Name  string // of the file, to be shown
	Size  int64  // bytes; -1: not told
	Kind  string // content type
	at    string // path in the folder, or address
	place template
}

// Same tells whether it is the same file as another one.
func (f Found) Same(other Found) bool {
	return f.at == other.at && f.place.remote == other.place.remote && f.place.folder() == other.place.folder()
}

// Finder finds recordings. It is safe for concurrent use.
type Finder struct {
	rules  []template
	places []chan struct{} // for those who look into the folder of a rule
	zone   *time.Location
	client *http.Client
	glob   func(folder fs.FS, pattern string) ([]string, error)
}

// New reads rules. The error says which one can not be.
func New(rules []string, zone *time.Location) (*Finder, error) {
	f := &Finder{zone: zone, glob: fs.Glob, client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // who answers for a partition must not name others in our network
	}}}
	if len(rules) > maxRules {
		return nil, fmt.Errorf("there are %d rules, and %d at most", len(rules), maxRules)
	}
	for _, rule := range rules {
		t, err := parse(rule)
		if err != nil {
			return nil, err
		}
		f.rules, f.places = append(f.rules, t), append(f.places, make(chan struct{}, maxStuck))
	}
	return f, nil
}

// Has tells whether recordings of a partition can be found at all.
func (f *Finder) Has(partition string) bool {
	return slices.ContainsFunc(f.rules, func(t template) bool { return t.of(partition) })
}

func (t template) of(partition string) bool { return t.partition == "*" || t.partition == partition }

// Find looks for the recordings of a call, in the order of the rules, those of one by name. A folder or server that does
// not answer hides those of the others from nobody: the error comes with what was found.
func (f *Finder) Find(ctx context.Context, c Call) (all []Found, failed error) {
	ctx, cancel := context.WithTimeout(ctx, maxLook)
	defer cancel()
	if c.CallID == "" {
		return nil, nil
	}
	looks := make([]looked, len(f.rules))
	var work sync.WaitGroup
	for i, t := range f.rules {
		switch {
		case !t.of(c.Partition):
		case t.remote:
			work.Go(func() { looks[i] = f.remote(ctx, t, c) })
		default:
			work.Go(func() { looks[i] = f.folder(ctx, i, c) })
		}
	}
	work.Wait()
	for _, l := range looks {
		failed = errors.Join(failed, l.err)
		for _, one := range l.found {
			if !slices.ContainsFunc(all, one.Same) && len(all) < maxFound {
				all = append(all, one)
			}
		}
	}
	return all, failed
}

// looked is what a look by one rule has found.
type looked struct {
	found []Found
	err   error
}

// folder looks into a folder until ctx ends. Nobody can interrupt a file system that does not answer, so a look is left to
// itself then.
func (f *Finder) folder(ctx context.Context, rule int, c Call) looked {
	silent := func() looked {
		return looked{err: fmt.Errorf("recordings of partition %s: the folder does not answer: %w", c.Partition, ctx.Err())}
	}
	select {
	case f.places[rule] <- struct{}{}:
	case <-ctx.Done():
		return silent()
	}
	done := make(chan looked, 1)
	go func() {
		defer func() { <-f.places[rule] }()
		done <- f.files(ctx, f.rules[rule], c)
	}()
	select {
	case l := <-done:
		return l
	case <-ctx.Done():
		return silent()
	}
}

// files are those of a folder.
func (f *Finder) files(ctx context.Context, t template, c Call) (l looked) {
	root, err := os.OpenRoot(t.folder())
	if err != nil {
		return looked{err: fmt.Errorf("recordings of partition %s: %w", c.Partition, err)}
	}
	defer func() { _ = root.Close() }()
	for _, text := range t.spellings(c, f.zone, plain) {
		if l.err = ctx.Err(); l.err != nil {
			return l
		}
		names, err := f.glob(root.FS(), strings.TrimPrefix(strings.TrimPrefix(text, t.folder()), "/"))
		if err != nil {
			l.err = err
			return l
		}
		for _, name := range names[:min(len(names), maxFound)] {
			if about, err := root.Stat(name); err == nil && about.Mode().IsRegular() {
				l.found = append(l.found, Found{path.Base(name), about.Size(), kindOf(name), name, t})
			}
		}
	}
	slices.SortFunc(l.found, func(a, b Found) int { return cmp.Compare(a.at, b.at) })
	return l
}

// kindOf is a content type that a browser plays; what is no sound is not said to be one.
func kindOf(name string) string {
	switch ext := strings.ToLower(path.Ext(name)); ext {
	case ".wav", ".wav49":
		return "audio/wav"
	case ".mp3":
		return "audio/mpeg"
	case ".ogg", ".opus":
		return "audio/ogg"
	default:
		if kind := mime.TypeByExtension(ext); strings.HasPrefix(kind, "audio/") {
			return kind
		}
		return "application/octet-stream"
	}
}

// remote asks a server.
func (f *Finder) remote(ctx context.Context, t template, c Call) (l looked) {
	for _, address := range t.spellings(c, f.zone, escaped) {
		ask, err := http.NewRequestWithContext(ctx, http.MethodHead, address, nil)
		if err != nil {
			l.err = err
			return l
		}
		answer, err := f.client.Do(ask)
		if err != nil {
			l.err = fmt.Errorf("recordings of partition %s: %w", c.Partition, err)
			return l
		}
		_ = answer.Body.Close()
		switch answer.StatusCode {
		case http.StatusOK:
			name := path.Base(ask.URL.Path)
			l.found = append(l.found, Found{name, answer.ContentLength, kindOf(name), address, t})
		case http.StatusNotFound, http.StatusGone:
		default:
			l.err = fmt.Errorf("recordings of partition %s: %s answers %s", c.Partition, ask.URL.Host, answer.Status)
			return l
		}
	}
	return l
}

// Open opens one that was found. Who has it closes it.
func (f *Finder) Open(ctx context.Context, one Found) (io.ReadSeekCloser, error) {
	if one.place.remote {
		return &stream{ctx: ctx, client: f.client, address: one.at, size: one.Size}, nil
	}
	root, err := os.OpenRoot(one.place.folder())
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	return root.Open(one.at)
}
