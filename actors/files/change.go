package files

import (
	"context"
	"errors"
	"fmt"

	"tandem/actors/pbx/environment"
	"tandem/actors/store"
)

// What follows changes and shows application environments, for the admin command line (reference cgpl.md 4.2) and for
// pages. A scope other than that of a domain has no owner to name: the server's is this member's. Errors are those of
// package environment, and of the store.

// place is the environment that is meant.
func (e *Environment) place(scope environment.Scope, domain string) (environment.Place, error) {
	place := environment.Place{Scope: scope}
	switch scope {
	case environment.Domain:
		place.Owner = domain
	case environment.Server:
		place.Owner = e.member
	}
	return place, place.Check()
}

// changeable is the same for a change.
func (e *Environment) changeable(scope environment.Scope, domain string) (environment.Place, error) {
	place, err := e.place(scope, domain)
	if err == nil && scope == environment.Stock {
		err = environment.ErrStock
	}
	return place, err
}

// StorePBXFile stores "name" or "language/name". It takes effect for the next Task, here when it returns; a
// running one keeps what it began with. That a program does not compile is no error here: the log tells it.
func (e *Environment) StorePBXFile(ctx context.Context, author string, scope environment.Scope, domain, name string, b []byte) error {
	place, err := e.changeable(scope, domain)
	if err != nil {
		return err
	}
	if err := e.set.Admit(place, name, int64(len(b))); err != nil {
		return err
	}
	return e.write(ctx, author, place, name, b)
}

// write writes a file or directory and takes it into the environment.
func (e *Environment) write(ctx context.Context, author string, place environment.Place, path string, b []byte) error {
	key := environment.Key(place, path)
	_, err := e.files.Put(ctx, key, b, store.FileWrite{Author: author, Reason: "PBX file stored",
		Meta: map[string]string{spelling: path}})
	switch {
	case errors.Is(err, store.ErrTooLarge):
		return fmt.Errorf("%w: %w", environment.ErrTooLarge, err)
	case errors.Is(err, store.ErrBadKey):
		return fmt.Errorf("%w: %w", environment.ErrBadName, err)
	case err != nil:
		return err
	}
	return e.take(ctx, key)
}

// DeletePBXFile removes a file. ErrNotFound: there is none.
func (e *Environment) DeletePBXFile(ctx context.Context, author string, scope environment.Scope, domain, name string) error {
	place, err := e.changeable(scope, domain)
	if err != nil {
		return err
	}
	if _, _, err := environment.Split(name); err != nil {
		return err
	}
	key := environment.Key(place, name)
	if _, ok := e.files.Stat(key); !ok {
		return fmt.Errorf("%w: %s", environment.ErrNotFound, name)
	}
	return e.remove(ctx, author, key)
}

func (e *Environment) remove(ctx context.Context, author, key string) error {
	if err := e.files.Delete(ctx, key, store.FileWrite{Author: author, Reason: "PBX file deleted"}); err != nil {
		return err
	}
	return e.take(ctx, key)
}

// ReadPBXFile returns "name" or "language/name" of exactly that environment. The bytes must not be changed.
func (e *Environment) ReadPBXFile(ctx context.Context, scope environment.Scope, domain, name string) ([]byte, error) {
	place, err := e.place(scope, domain)
	if err != nil {
		return nil, err
	}
	_, b, err := e.set.Read(ctx, place, name)
	return b, err
}

// ListPBXFiles describes the files of the default directory, with the language directories, whose Path ends in
// "/"; or of one language. ErrNotFound: there is no such environment or directory.
func (e *Environment) ListPBXFiles(scope environment.Scope, domain, language string) ([]environment.File, error) {
	place, err := e.place(scope, domain)
	if err != nil {
		return nil, err
	}
	return e.set.List(place, language)
}

// CreateLanguage makes a language directory; without a language, the environment itself. One that is there is
// left as it is.
func (e *Environment) CreateLanguage(ctx context.Context, author string, scope environment.Scope, domain, language string) error {
	place, err := e.changeable(scope, domain)
	if err != nil {
		return err
	}
	path := ""
	if language != "" {
		if err := environment.CheckLanguage(language); err != nil {
			return err
		}
		path = language + "/"
	}
	if _, ok := e.files.Stat(environment.Key(place, path)); ok {
		return nil
	}
	return e.write(ctx, author, place, path, nil)
}

// DeleteLanguage removes a language directory with all its files; without a language, the whole environment.
// ErrNotFound: there is none.
func (e *Environment) DeleteLanguage(ctx context.Context, author string, scope environment.Scope, domain, language string) error {
	place, err := e.changeable(scope, domain)
	if err != nil {
		return err
	}
	prefix := environment.Prefix(place)
	if language != "" {
		if err := environment.CheckLanguage(language); err != nil {
			return err
		}
		prefix = environment.Key(place, language+"/")
	}
	files := e.files.List(prefix)
	if len(files) == 0 {
		return fmt.Errorf("%w: no environment %s %s", environment.ErrNotFound, place, language)
	}
	for _, i := range files {
		if err := e.remove(ctx, author, i.Name); err != nil {
			return err
		}
	}
	return nil
}
