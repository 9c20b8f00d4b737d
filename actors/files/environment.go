package files

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"tandem/actors/pbx/cgpl"
	"tandem/actors/pbx/environment"
	"tandem/actors/pbx/stock"
	"tandem/actors/pbx/task"
	"tandem/actors/store"
	"tandem/signal"
	"tandem/ximss/object"
)

// Environment is the application environment as a member has it: it keeps a Set as the files are.
type Environment struct {
	set    *environment.Set
	files  *store.Files
	member string // whose the server's environment is
	log    *slog.Logger
	close  func()

	taking  sync.Mutex // one file at a time goes from the store into the Set
	mu      sync.Mutex
	changed map[string]bool
	wake    chan struct{} // something changed; holds one token
}

// OpenEnvironment reads the application environment from the files of the store, and follows them until Close: a
// change by whatever member takes effect for the next Task here.
func OpenEnvironment(ctx context.Context, files *store.Files, member string, log *slog.Logger) (*Environment, error) {
	set, err := environment.New(member, stock.Files(), task.Library(), environmentFiles{files}, environment.DefaultLimits(), log)
	if err != nil {
		return nil, err
	}
	e := &Environment{set: set, files: files, member: member, log: log, changed: map[string]bool{}, wake: make(chan struct{}, 1)}
	stop := files.Watch(environment.Prefix(environment.Place{}), func(i store.FileVersion, _ bool) { e.note(i.Name) })
	for _, i := range files.List(environment.Prefix(environment.Place{})) {
		if err := e.take(ctx, i.Name); err != nil {
			log.Error("a file of an application environment is not there", "file", i.Name, "err", err)
		}
	}
	e.close = background(ctx, stop, e.follow)
	return e, nil
}

// background runs f on a goroutine of its own. What it returns stops what feeds f, and waits for the end of f.
func background(ctx context.Context, stop func(), f func(life context.Context)) (end func()) {
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() { defer close(ended); f(life) }()
	return func() { stop(); cancel(); <-ended }
}

// Close ends following.
func (e *Environment) Close(context.Context) error {
	e.close()
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

// note leaves a changed file to follow. The store's goroutine must not wait for contents.
func (e *Environment) note(key string) {
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
func (e *Environment) follow(life context.Context) {
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
func (e *Environment) take(ctx context.Context, key string) error {
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

// Program finds a program of a domain. The errors are those of the Set.
func (e *Environment) Program(domain, language, name string) (*cgpl.Module, error) {
	m, _, err := e.set.Program(domain, language, name)
	return m, err
}

// Module finds a module.
func (e *Environment) Module(domain, language, name string) (*cgpl.Module, error) {
	return e.set.Loader(domain, language)(name)
}

// Sound finds a sound.
func (e *Environment) Sound(domain, language, name string) (path string, ok bool) {
	path, err := e.set.Locate(domain, language, name)
	return path, err == nil
}

// soundWait is how long a sound may take to come from the store.
const soundWait = 10 * time.Second

// Contents are those of the media file that Sound has found.
func (e *Environment) Contents(domain, path string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), soundWait)
	defer cancel()
	s, err := e.set.Sound(ctx, domain, path)
	return s.Data, err
}

// ReadEnvirFile is the function of programs: a datablock or null.
func (e *Environment) ReadEnvirFile() task.Service {
	return task.Service{Name: "ReadEnvirFile", Run: func(ctx context.Context, c task.Caller, args []object.Value) object.Value {
		b, err := e.set.ReadEnvirFile(ctx, signal.AOR(c.Owner).Domain(), c.Language, args[0].Text())
		if err != nil {
			return object.Null
		}
		return object.Data(b)
	}}
}
