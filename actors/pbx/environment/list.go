package environment

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// List returns the files of one directory of one environment, in order of their names: of the default
// directory with its language directories, whose Path ends in "/", or of one language. ErrNotFound: there
// is no such environment or directory.
func (s *Set) List(p Place, language string) ([]File, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	if language != "" {
		if err := CheckLanguage(language); err != nil {
			return nil, err
		}
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	files, there := s.places[p.String()], language == "" && p.Scope != Domain
	var found []File
	named := map[string]bool{}
	for folded, f := range files {
		directory, base, deep := strings.Cut(folded, "/")
		switch {
		case language != "":
			there = there || deep && directory == strings.ToLower(language)
			if deep && base != "" && directory == strings.ToLower(language) {
				found = append(found, f.File)
			}
		case folded == "":
			there = true
		case !deep:
			there, found = true, append(found, f.File)
		case !named[directory]:
			there, named[directory] = true, true
			found = append(found, s.directory(f, directory))
		}
	}
	if !there {
		return nil, fmt.Errorf("%w: no environment %s", ErrNotFound, join(p.String(), language))
	}
	slices.SortFunc(found, func(a, b File) int {
		return cmp.Compare(strings.ToLower(a.Path), strings.ToLower(b.Path))
	})
	return found, nil
}

// directory is the language directory that a file is in; one that was never made by itself is there as
// long as it has files.
func (s *Set) directory(f *file, folded string) File {
	if made := s.at(f.Place, folded+"/"); made != nil {
		return made.File
	}
	language, _, _ := strings.Cut(f.Path, "/")
	return File{Place: f.Place, Path: language + "/"}
}

// Read returns a file of an exact place. The bytes are shared and must not be changed.
func (s *Set) Read(ctx context.Context, p Place, path string) (File, []byte, error) {
	if _, _, err := Split(path); err != nil {
		return File{}, nil, err
	}
	s.mu.RLock()
	f := s.at(p, path)
	s.mu.RUnlock()
	if f == nil {
		return File{}, nil, fmt.Errorf("%w: %s in %s", ErrNotFound, path, p)
	}
	b, err := s.read(ctx, f)
	return f.File, b, err
}

// Admit refuses a file that Put could not take: by its name, or for want of room. Of the stock, ErrStock.
func (s *Set) Admit(p Place, path string, size int64) error {
	if err := p.Check(); err != nil {
		return err
	}
	if p.Scope == Stock {
		return ErrStock
	}
	if _, _, err := Split(path); err != nil || !IsProgram(path) {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	held := int64(0)
	if old := s.at(p, path); old != nil {
		held = int64(len(old.source))
	}
	return s.fits(p, path, size, s.sources-held)
}

// All are the paths of everything in one place: files and directories. With a language, those of that one.
func (s *Set) All(p Place, language string) (paths []string) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for folded, f := range s.places[p.String()] {
		if language == "" || strings.HasPrefix(folded, strings.ToLower(language)+"/") {
			paths = append(paths, f.Path)
		}
	}
	slices.Sort(paths)
	return paths
}
