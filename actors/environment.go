package actors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"tandem/actors/pbx"
	"tandem/actors/pbx/cgpl"
	"tandem/actors/pbx/environment"
	"tandem/actors/pbx/stock"
	"tandem/actors/pbx/task"
	"tandem/actors/store"
	"tandem/signal"
	"tandem/ximss/object"
)

// openEnvironment reads the application environment from the files of the store, and follows them: a change
// by whatever member takes effect for the next Task here.
func (h *House) openEnvironment(ctx context.Context) error {
	files := h.store.Files()
	set, err := environment.New(h.live.Conf().Member.Name, stock.Files(), task.Library(), environmentFiles{files},
		environment.DefaultLimits(), h.log)
	if err != nil {
		return err
	}
	h.environment = &environmentFollower{set: set, files: files, log: h.log,
		changed: map[string]bool{}, wake: make(chan struct{}, 1)}
	stop := files.Watch(environment.Prefix(environment.Place{}), func(i store.FileVersion, _ bool) { h.environment.note(i.Name) })
	for _, i := range files.List(environment.Prefix(environment.Place{})) {
		if err := h.environment.take(ctx, i.Name); err != nil {
			h.log.Error("a file of an application environment is not there", "file", i.Name, "err", err)
		}
	}
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() { defer close(ended); h.environment.follow(life) }()
	h.closes(func(context.Context) error { stop(); cancel(); <-ended; return nil })
	return nil
}

// environmentFiles is the store as the environment sees it.
type environmentFiles struct{ files *store.Files }

// Contents answers environment.Source.
func (e environmentFiles) Contents(ctx context.Context, key string) ([]byte, error) {
	b, _, err := e.files.Get(ctx, key, 0, -1)
	if errors.Is(err, store.ErrNoFile) {
		err = fmt.Errorf("%w: %w", environment.ErrNotFound, err)
	}
	return b, err
}

// spelling is the property of a file with its path as it was spelled: keys have no case.
const spelling = "path"

// environmentFollower keeps the Set as the files are.
type environmentFollower struct {
	set   *environment.Set
	files *store.Files
	log   *slog.Logger

	taking  sync.Mutex // one file at a time goes from the store into the Set
	mu      sync.Mutex
	changed map[string]bool
	wake    chan struct{} // something changed; holds one token
}

// note leaves a changed file to follow. The store's goroutine must not wait for contents.
func (e *environmentFollower) note(key string) {
	e.mu.Lock()
	e.changed[key] = true
	e.mu.Unlock()
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// retryFile is how soon a file is asked for again that could not be read.
const retryFile = time.Second

// follow takes changed files into the Set until life ends.
func (e *environmentFollower) follow(life context.Context) {
	var again <-chan time.Time
	for {
		select {
		case <-e.wake:
		case <-again:
		case <-life.Done():
			return
		}
		e.mu.Lock()
		changed := e.changed
		e.changed = map[string]bool{}
		e.mu.Unlock()
		again = nil
		for key := range changed {
			if err := e.take(life, key); err != nil && life.Err() == nil {
				e.log.Error("a changed file of an application environment is not taken", "file", key, "err", err)
				if errors.Is(err, store.ErrUnavailable) {
					e.mu.Lock()
					e.changed[key] = true
					e.mu.Unlock()
					again = time.After(retryFile)
				}
			}
		}
	}
}

// take takes the newest version of a file into the Set, whoever calls it and however late; a program is
// compiled, so that its errors are in the log now.
func (e *environmentFollower) take(ctx context.Context, key string) error {
	e.taking.Lock()
	defer e.taking.Unlock()
	place, path, err := environment.ParseKey(key)
	if err != nil {
		return err
	}
	i, ok := e.files.Stat(key)
	if !ok {
		e.set.Remove(place, path)
		return nil
	}
	var source []byte
	if environment.IsProgram(path) {
		if source, i, err = e.files.Get(ctx, key, 0, -1); err != nil {
			return err
		}
	}
	if spelled := i.Meta[spelling]; strings.EqualFold(spelled, path) {
		path = spelled
	}
	err = e.set.Put(environment.File{Place: place, Path: path, Size: i.Size, Created: i.Created, Modified: i.Modified,
		Digest: i.Digest}, source)
	if err == nil {
		e.set.Compile(place, path)
	}
	return err
}

// programs answers pbx.Programs.
type programs struct{ set *environment.Set }

var _ pbx.Programs = programs{}

// Program finds a program.
func (p programs) Program(domain, language, name string) (*cgpl.Module, error) {
	m, _, err := p.set.Program(domain, language, name)
	return m, err
}

// Module finds a module.
func (p programs) Module(domain, language, name string) (*cgpl.Module, error) {
	return p.set.Loader(domain, language)(name)
}

// Sound finds a sound.
func (p programs) Sound(domain, language, name string) (path string, ok bool) {
	path, err := p.set.Locate(domain, language, name)
	return path, err == nil
}

// readEnvirFile is the function of programs: a datablock or null.
func (h *House) readEnvirFile() task.Service {
	return task.Service{Name: "ReadEnvirFile", Run: func(ctx context.Context, c task.Caller, args []object.Value) object.Value {
		b, err := h.environment.set.ReadEnvirFile(ctx, signal.AOR(c.Owner).Domain(), c.Language, args[0].Text())
		if err != nil {
			return object.Null
		}
		return object.Data(b)
	}}
}
