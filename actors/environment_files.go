package actors

import (
	"context"
	"errors"
	"fmt"

	"tandem/actors/pbx/environment"
	"tandem/actors/store"
)

// pbxFiles changes and shows application environments, for the admin command line (reference cgpl.md 4.2) and
// for pages. A scope other than that of a domain has no owner to name: the server's is this member's. Errors are
// those of package environment, and of the store.
type pbxFiles struct{ *House }

// place is the environment that is meant.
func (p pbxFiles) place(scope environment.Scope, domain string) (environment.Place, error) {
	place := environment.Place{Scope: scope}
	switch scope {
	case environment.Domain:
		place.Owner = domain
	case environment.Server:
		place.Owner = p.live.Conf().Member.Name
	}
	return place, place.Check()
}

// changeable is the same for a change.
func (p pbxFiles) changeable(scope environment.Scope, domain string) (environment.Place, error) {
	place, err := p.place(scope, domain)
	if err == nil && scope == environment.Stock {
		err = environment.ErrStock
	}
	return place, err
}

// StorePBXFile stores "name" or "language/name". It takes effect for the next Task, here when it returns; a
// running one keeps what it began with. That a program does not compile is no error here: the log tells it.
func (p pbxFiles) StorePBXFile(ctx context.Context, author string, scope environment.Scope, domain, name string, b []byte) error {
	place, err := p.changeable(scope, domain)
	if err != nil {
		return err
	}
	if err := p.environment.set.Admit(place, name, int64(len(b))); err != nil {
		return err
	}
	return p.write(ctx, author, place, name, b)
}

// write writes a file or directory and takes it into the environment.
func (p pbxFiles) write(ctx context.Context, author string, place environment.Place, path string, b []byte) error {
	key := environment.Key(place, path)
	_, err := p.store.Files().Put(ctx, key, b, store.FileWrite{Author: author, Reason: "PBX file stored",
		Meta: map[string]string{spelling: path}})
	switch {
	case errors.Is(err, store.ErrTooLarge):
		return fmt.Errorf("%w: %w", environment.ErrTooLarge, err)
	case errors.Is(err, store.ErrBadKey):
		return fmt.Errorf("%w: %w", environment.ErrBadName, err)
	case err != nil:
		return err
	}
	return p.environment.take(ctx, key)
}

// DeletePBXFile removes a file. ErrNotFound: there is none.
func (p pbxFiles) DeletePBXFile(ctx context.Context, author string, scope environment.Scope, domain, name string) error {
	place, err := p.changeable(scope, domain)
	if err != nil {
		return err
	}
	if _, _, err := environment.Split(name); err != nil {
		return err
	}
	key := environment.Key(place, name)
	if _, ok := p.store.Files().Stat(key); !ok {
		return fmt.Errorf("%w: %s", environment.ErrNotFound, name)
	}
	return p.remove(ctx, author, key)
}

func (p pbxFiles) remove(ctx context.Context, author, key string) error {
	if err := p.store.Files().Delete(ctx, key, store.FileWrite{Author: author, Reason: "PBX file deleted"}); err != nil {
		return err
	}
	return p.environment.take(ctx, key)
}

// ReadPBXFile returns "name" or "language/name" of exactly that environment. The bytes must not be changed.
func (p pbxFiles) ReadPBXFile(ctx context.Context, scope environment.Scope, domain, name string) ([]byte, error) {
	place, err := p.place(scope, domain)
	if err != nil {
		return nil, err
	}
	_, b, err := p.environment.set.Read(ctx, place, name)
	return b, err
}

// ListPBXFiles describes the files of the default directory, with the language directories, whose Path ends in
// "/"; or of one language. ErrNotFound: there is no such environment or directory.
func (p pbxFiles) ListPBXFiles(scope environment.Scope, domain, language string) ([]environment.File, error) {
	place, err := p.place(scope, domain)
	if err != nil {
		return nil, err
	}
	return p.environment.set.List(place, language)
}

// CreateLanguage makes a language directory; without a language, the environment itself. One that is there is
// left as it is.
func (p pbxFiles) CreateLanguage(ctx context.Context, author string, scope environment.Scope, domain, language string) error {
	place, err := p.changeable(scope, domain)
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
	if _, ok := p.store.Files().Stat(environment.Key(place, path)); ok {
		return nil
	}
	return p.write(ctx, author, place, path, nil)
}

// DeleteLanguage removes a language directory with all its files; without a language, the whole environment.
// ErrNotFound: there is none.
func (p pbxFiles) DeleteLanguage(ctx context.Context, author string, scope environment.Scope, domain, language string) error {
	place, err := p.changeable(scope, domain)
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
	files := p.store.Files().List(prefix)
	if len(files) == 0 {
		return fmt.Errorf("%w: no environment %s %s", environment.ErrNotFound, place, language)
	}
	for _, i := range files {
		if err := p.remove(ctx, author, i.Name); err != nil {
			return err
		}
	}
	return nil
}
