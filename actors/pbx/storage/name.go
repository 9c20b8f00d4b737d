package storage

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of names.
const (
	maxName  = 120 // bytes of a path
	maxDepth = 10  // directories above a file
	maxKey   = 250 // bytes of a key, with the account in it
)

// prefix is what the keys of all accounts' files begin with.
const prefix = "storage/"

// Split parts a name as programs write it: "notes/a.txt" of the current account, or "~user/notes/a.txt" and
// "~user@domain/notes/a.txt" of another, whose name comes without the tilde.
func Split(name string) (owner, path string) {
	rest, ok := strings.CutPrefix(name, "~")
	if !ok {
		return "", name
	}
	owner, path, _ = strings.Cut(rest, "/")
	return owner, path
}

// check refuses what can not be the path of a file or directory.
func check(path string) error {
	parts := strings.Split(path, "/")
	bad := len(path) > maxName || len(parts) > maxDepth+1 || !utf8.ValidString(path) ||
		strings.IndexFunc(path, unicode.IsControl) >= 0 || strings.HasPrefix(path, "~") || strings.Contains(path, `\`)
	for _, part := range parts {
		bad = bad || part == "" || part == "." || part == ".."
	}
	if bad {
		return fmt.Errorf("%w: %q", ErrBadName, path)
	}
	return nil
}

// key is the name of an account's file among all files.
func key(account, path string) (string, error) {
	k := root(account) + path
	if account == "" || strings.Contains(account, "/") {
		return "", ErrAccount
	}
	if len(k) > maxKey {
		return "", fmt.Errorf("%w: %q", ErrBadName, path)
	}
	return k, check(path)
}

// folder is the key of a directory, with or without its last slash.
func folder(account, path string) (string, error) {
	path = strings.TrimSuffix(path, "/")
	k, err := key(account, path)
	if err == nil && len(k) == maxKey {
		err = fmt.Errorf("%w: %q", ErrBadName, path)
	}
	return k + "/", err
}

// root is what the keys of an account's files begin with.
func root(account string) string { return prefix + account + "/" }

// ofAccount parts a key into account and path; false if it is none.
func ofAccount(key string) (account, path string, ok bool) {
	rest, ok := strings.CutPrefix(key, prefix)
	account, path, deep := strings.Cut(rest, "/")
	return account, path, ok && deep
}
