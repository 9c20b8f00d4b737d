package storage

import (
	"context"
	"strings"
)

// MakeDirectory makes a directory; those above it need not be made.
func (s *Storage) MakeDirectory(ctx context.Context, account, name string) error {
	k, err := folder(account, name)
	if err != nil {
		return err
	}
	defer s.lock(account)()
	if err := s.free(account, strings.TrimSuffix(name, "/")); err != nil {
		return err
	}
	if _, file := s.files.Stat(strings.TrimSuffix(k, "/")); file {
		return ErrExists
	}
	if err := s.admit(account, k, 0); err != nil {
		return err
	}
	return s.files.Put(ctx, k, nil, 0, nil)
}

// DeleteDirectory removes an empty directory.
func (s *Storage) DeleteDirectory(ctx context.Context, account, name string) error {
	k, err := folder(account, name)
	if err != nil {
		return err
	}
	defer s.lock(account)()
	files := s.files.List(k)
	switch {
	case len(files) == 0:
		return ErrNoFile
	case len(files) > 1 || files[0].Name != k:
		return ErrNotEmpty
	}
	return s.files.Delete(ctx, k)
}

// RenameDirectory gives a directory another name, with all that is in it, under which there must be nothing.
// It is done file by file: when it fails, some files have the new name.
func (s *Storage) RenameDirectory(ctx context.Context, account, from, to string) error {
	old, err := folder(account, from)
	if err != nil {
		return err
	}
	k, err := folder(account, to)
	if err != nil {
		return err
	}
	if strings.HasPrefix(k, old) {
		return ErrBadName // into itself
	}
	defer s.lock(account)()
	files := s.files.List(old)
	if len(files) == 0 {
		return ErrNoFile
	}
	if _, file := s.files.Stat(strings.TrimSuffix(k, "/")); file {
		return ErrExists
	}
	if err := s.free(account, strings.TrimSuffix(to, "/")); err != nil {
		return err
	}
	for _, f := range files {
		path := strings.TrimPrefix(k, root(account)) + strings.TrimPrefix(f.Name, old)
		if _, err := key(account, strings.TrimSuffix(path, "/")); err != nil {
			return err // before the first of them has moved
		}
	}
	for _, f := range files {
		if err := s.files.Rename(ctx, f.Name, k+strings.TrimPrefix(f.Name, old)); err != nil {
			return err
		}
	}
	return nil
}

// List returns the files of one directory in order, with its directories, whose Size is -1; of
// the account's own when the name is empty. ErrNoFile: there is no such directory. It never waits.
func (s *Storage) List(account, name string) ([]File, error) {
	above := root(account)
	if name != "" {
		k, err := folder(account, name)
		if err != nil {
			return nil, err
		}
		above = k
	} else if account == "" {
		return nil, ErrAccount
	}
	files := s.files.List(above)
	if len(files) == 0 && name != "" {
		return nil, ErrNoFile
	}
	var found []File
	for _, f := range files {
		child, deeper, deep := strings.Cut(strings.TrimPrefix(f.Name, above), "/")
		switch last := len(found) - 1; {
		case child == "":
			continue // the directory itself
		case !deep:
			f.Name = child
			found = append(found, f)
		case last >= 0 && found[last].Size < 0 && found[last].Name == child:
			// a further file of the same directory
		case deeper == "": // the directory's own entry is the first of it
			found = append(found, File{Name: child, Size: -1, Created: f.Created, Modified: f.Modified})
		default:
			found = append(found, File{Name: child, Size: -1, Modified: f.Modified})
		}
	}
	return found, nil
}
