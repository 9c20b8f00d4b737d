package storage

import (
	"context"
	"errors"
	"strings"

	"tandem/actors/pbx/task"
	"tandem/ximss/object"
)

// Accounts tells about accounts what files need. It answers from memory.
type Accounts interface {
	// Resolve is the canonical address of an account that a program names, which may be an alias, without a
	// domain that of the asking account; false: there is none.
	Resolve(name, domain string) (account string, ok bool)
	// MayAdminister tells whether an account may use the files of another one.
	MayAdminister(account, other string) bool
}

// Functions are the functions of CG/PL that programs use files by (reference cgpl.md 2.9), and SubmitEMail.
func (s *Storage) Functions(accounts Accounts) []task.Service {
	f := functions{s, accounts}
	return []task.Service{
		{Name: "ReadStorageFile", Run: f.read},
		{Name: "WriteStorageFile", Run: f.write},
		{Name: "AppendStorageFile", Run: f.one(func(ctx context.Context, account, path string, args []object.Value) error {
			return s.Write(ctx, account, path, content(args, 1), End)
		})},
		{Name: "DeleteStorageFile", Run: f.one(func(ctx context.Context, account, path string, _ []object.Value) error {
			return s.Delete(ctx, account, path)
		})},
		{Name: "RenameStorageFile", Run: f.two(s.Rename)},
		{Name: "CreateStorageDirectory", Run: f.one(func(ctx context.Context, account, path string, _ []object.Value) error {
			return s.MakeDirectory(ctx, account, path)
		})},
		{Name: "RenameStorageDirectory", Run: f.two(s.RenameDirectory)},
		{Name: "DeleteStorageDirectory", Run: f.one(func(ctx context.Context, account, path string, _ []object.Value) error {
			return s.DeleteDirectory(ctx, account, path)
		})},
		{Name: "ListStorageFiles", Quick: true, Run: f.list},
		{Name: "SubmitEMail", Run: f.submit},
	}
}

type functions struct {
	storage  *Storage
	accounts Accounts
}

// place is whose file a program means, and its path.
func (f functions) place(c task.Caller, name string) (account, path string, err error) {
	owner, path := Split(name)
	if c.Account == "" {
		return "", "", ErrAccount
	}
	if owner == "" {
		return c.Account, path, nil
	}
	account, ok := f.accounts.Resolve(owner, c.Domain)
	switch {
	case !ok:
		return "", "", ErrAccount
	case account != c.Account && !f.accounts.MayAdminister(c.Account, account):
		return "", "", ErrDenied
	}
	return account, path, nil
}

// failure is an error as programs get it; null is success. What only the store understands is told as one
// thing.
func failure(err error) object.Value {
	var known Error
	switch {
	case err == nil:
		return object.Null
	case errors.As(err, &known):
		return object.String(string(known))
	}
	return object.String(string(ErrStorage))
}

// one makes a function of one file.
func (f functions) one(do func(context.Context, string, string, []object.Value) error) func(context.Context, task.Caller, []object.Value) object.Value {
	return func(ctx context.Context, c task.Caller, args []object.Value) object.Value {
		account, path, err := f.place(c, argument(args, 0).Text())
		if err == nil {
			err = do(ctx, account, path, args)
		}
		return failure(err)
	}
}

// two makes a function of an old and a new name, which are of one account.
func (f functions) two(do func(ctx context.Context, account, from, to string) error) func(context.Context, task.Caller, []object.Value) object.Value {
	return f.one(func(ctx context.Context, account, path string, args []object.Value) error {
		to := argument(args, 1).Text()
		if owner, rest := Split(to); owner != "" {
			if named, ok := f.accounts.Resolve(owner, domainOf(account)); !ok || named != account {
				return ErrDenied
			}
			to = rest
		}
		return do(ctx, account, path, to)
	})
}

func domainOf(account string) string {
	_, domain, _ := strings.Cut(account, "@")
	return domain
}

// read is ReadStorageFile(name or {fileName; position?; limit?}): a datablock or null.
func (f functions) read(ctx context.Context, c task.Caller, args []object.Value) object.Value {
	name, position, limit := argument(args, 0).Text(), int64(0), int64(-1)
	if d := argument(args, 0).Dictionary(); d != nil {
		name = d.GetFold("fileName").Text()
		if v := d.GetFold("position"); !v.IsNull() {
			position, _ = number(v)
		}
		if v := d.GetFold("limit"); !v.IsNull() {
			limit, _ = number(v)
		}
	}
	account, path, err := f.place(c, name)
	if err != nil {
		return object.Null
	}
	b, err := f.storage.Read(ctx, account, path, position, limit)
	if err != nil {
		return object.Null
	}
	return object.Data(b)
}

// number is a number, or a string of one.
func number(v object.Value) (int64, bool) {
	if n, ok := v.Int(); ok {
		return n, true
	}
	return object.ParseNumber(strings.TrimSpace(v.Text()))
}

// write is WriteStorageFile(name or {fileName; position?}, data): null or an error text.
func (f functions) write(ctx context.Context, c task.Caller, args []object.Value) object.Value {
	name, at := argument(args, 0).Text(), Whole
	if d := argument(args, 0).Dictionary(); d != nil {
		name = d.GetFold("fileName").Text()
		if v := d.GetFold("position"); !v.IsNull() {
			var ok bool
			if at, ok = whence(v); !ok {
				return failure(ErrPosition)
			}
		}
	}
	account, path, err := f.place(c, name)
	if err == nil {
		err = f.storage.Write(ctx, account, path, content(args, 1), at)
	}
	return failure(err)
}

// whence reads the position of a write.
func whence(v object.Value) (Whence, bool) {
	switch strings.ToLower(v.Text()) {
	case "end", "append":
		return End, true
	case "new":
		return Create, true
	}
	n, ok := number(v)
	return Whence(n), ok && n >= 0
}

// list is ListStorageFiles(folder or null): a dictionary of names, or null. The properties of a voice message
// are there under the names of its headers.
func (f functions) list(_ context.Context, c task.Caller, args []object.Value) object.Value {
	account, path, err := f.place(c, argument(args, 0).Text())
	if err != nil {
		return object.Null
	}
	files, err := f.storage.List(account, path)
	if err != nil {
		return object.Null
	}
	all := object.NewDictionary()
	for _, file := range files {
		all.Put(file.Name, attributes(file))
	}
	return all.Value()
}

func attributes(f File) object.Value {
	d := object.NewFolded()
	if f.Size >= 0 {
		d.Set("STFileSize", object.Number(f.Size))
	}
	if !f.Created.IsZero() {
		d.Set("STCreated", object.Date(f.Created.Unix()))
	}
	if !f.Modified.IsZero() {
		d.Set("STModified", object.Date(f.Modified.Unix()))
	}
	for meta, name := range map[string]string{metaFrom: "From", metaSubject: "Subject", metaDuration: "Duration"} {
		if value := f.Meta[meta]; value != "" {
			d.Set(name, object.String(value))
		}
	}
	return d.Value()
}

// argument is an argument, or null where it was not given.
func argument(args []object.Value, i int) object.Value {
	if i < len(args) {
		return args[i]
	}
	return object.Null
}

// content is what is to be written: a datablock, or the bytes of a string.
func content(args []object.Value, i int) []byte {
	v := argument(args, i)
	if b, ok := v.Bytes(); ok {
		return b
	}
	return []byte(v.Text())
}
