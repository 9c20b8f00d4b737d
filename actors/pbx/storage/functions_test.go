package storage

import (
	"errors"
	"strings"
	"testing"

	"tandem/ximss/object"
)

// story runs lines "who Function (arguments)" and compares what each gives.
func (l *lab) story(lines [][2]string) {
	l.Helper()
	for _, line := range lines {
		who, call, _ := strings.Cut(line[0], " ")
		function, args, _ := strings.Cut(call, " ")
		v, err := object.Parse(args)
		if err != nil {
			l.Fatalf("%s: %v", line[0], err)
		}
		account := map[string]string{"alice": alice, "bob": bob, "nobody": ""}[who]
		if got := l.call(account, function, v.Array().Items()...); got != line[1] {
			l.Errorf("%s\n gives %s\n  want %s", line[0], got, line[1])
		}
	}
}

func TestStoryOfOneFile(t *testing.T) {
	newLab(t).story([][2]string{
		{`bob ReadStorageFile ("a.txt")`, `#null#`},
		{`bob WriteStorageFile ("a.txt", "hello world")`, `#null#`},
		{`bob ReadStorageFile ("a.txt")`, `[hello world]`},
		{`bob ReadStorageFile ({fileName=a.txt; position=#6;})`, `[world]`},
		{`bob ReadStorageFile ({FILENAME=a.txt; position="6"; limit=#3;})`, `[wor]`},
		{`bob ReadStorageFile ({fileName=a.txt; position=#11;})`, `[]`},
		{`bob ReadStorageFile ({fileName=a.txt; position=#99;})`, `[]`},
		{`bob ReadStorageFile ({fileName=a.txt; position=#-1;})`, `#null#`},
		{`bob WriteStorageFile ({fileName=a.txt; position=new;}, "x")`, `"file already exists"`},
		{`bob WriteStorageFile ({fileName=b.txt; position=NEW;}, [aGkh])`, `#null#`},
		{`bob WriteStorageFile ({fileName=b.txt; position=end;}, " you")`, `#null#`},
		{`bob WriteStorageFile ({fileName=b.txt; position=append;}, "!")`, `#null#`},
		{`bob ReadStorageFile ("b.txt")`, `[hi! you!]`},
		{`bob WriteStorageFile ({fileName=a.txt; position=#6;}, "W")`, `#null#`},
		{`bob WriteStorageFile ({fileName=a.txt; position=#9;}, "LD and more")`, `#null#`},
		{`bob ReadStorageFile ("a.txt")`, `[hello WorLD and more]`},
		{`bob WriteStorageFile ({fileName=a.txt; position=#20;}, ".")`, `#null#`},
		{`bob WriteStorageFile ({fileName=a.txt; position=#99;}, ".")`, `"illegal file position"`},
		{`bob WriteStorageFile ({fileName=a.txt; position=#-2;}, ".")`, `"illegal file position"`},
		{`bob WriteStorageFile ({fileName=a.txt; position=other;}, ".")`, `"illegal file position"`},
		{`bob WriteStorageFile ({fileName=c.txt; position=#0;}, "c")`, `#null#`},
		{`bob AppendStorageFile ("d.txt", "1")`, `#null#`},
		{`bob AppendStorageFile ("d.txt", "2")`, `#null#`},
		{`bob RenameStorageFile ("d.txt", "a.txt")`, `"file already exists"`},
		{`bob RenameStorageFile ("none", "x")`, `"file is not found"`},
		{`bob RenameStorageFile ("d.txt", "e.txt")`, `#null#`},
		{`bob ReadStorageFile ("e.txt")`, `[12]`},
		{`bob DeleteStorageFile ("e.txt")`, `#null#`},
		{`bob DeleteStorageFile ("e.txt")`, `"file is not found"`},
		{`nobody WriteStorageFile ("a.txt", "x")`, `"unknown user account"`},
		{`nobody ReadStorageFile ("a.txt")`, `#null#`},
		{`nobody ListStorageFiles (#NULL#)`, `#null#`},
	})
}

func TestStoryOfDirectories(t *testing.T) {
	l := newLab(t)
	l.story([][2]string{
		{`bob ListStorageFiles (#NULL#)`, `{}`},
		{`bob ListStorageFiles ("none")`, `#null#`},
		{`bob CreateStorageDirectory ("notes")`, `#null#`},
		{`bob CreateStorageDirectory ("notes/")`, `"file already exists"`},
		{`bob ListStorageFiles ("notes")`, `{}`},
		{`bob WriteStorageFile ("notes", "x")`, `"file already exists"`},
		{`bob WriteStorageFile ("a", "x")`, `#null#`},
		{`bob WriteStorageFile ("a/b", "x")`, `"file already exists"`},
		{`bob CreateStorageDirectory ("a")`, `"file already exists"`},
		{`bob CreateStorageDirectory ("a/b")`, `"file already exists"`},
		{`bob WriteStorageFile ("notes/deep/1", "xyz")`, `#null#`},
		{`bob WriteStorageFile ("notes/2", "xy")`, `#null#`},
		{`bob DeleteStorageDirectory ("notes")`, `"directory is not empty"`},
		{`bob DeleteStorageDirectory ("notes/deep")`, `"directory is not empty"`},
		{`bob DeleteStorageDirectory ("none")`, `"file is not found"`},
		{`bob RenameStorageDirectory ("notes", "notes/deep/er")`, `"illegal file name"`},
		{`bob RenameStorageDirectory ("notes", "a")`, `"file already exists"`},
		{`bob RenameStorageDirectory ("notes", "a/b")`, `"file already exists"`},
		{`bob RenameStorageDirectory ("none", "x")`, `"file is not found"`},
		{`bob RenameStorageFile ("a", "notes")`, `"file already exists"`},
		{`bob RenameStorageDirectory ("notes", "papers")`, `#null#`},
		{`bob ReadStorageFile ("papers/deep/1")`, `[xyz]`},
		{`bob DeleteStorageFile ("papers/deep/1")`, `#null#`},
		{`bob DeleteStorageFile ("papers/2")`, `#null#`},
		{`bob DeleteStorageDirectory ("papers/")`, `#null#`},
		{`bob ListStorageFiles ("papers")`, `#null#`},
		{`bob ReadStorageFile ("a/")`, `#null#`},
		{`bob DeleteStorageFile ("a/")`, `"illegal file name"`},
	})
	if got := l.keys(); got != "storage/1001@tandem.local/a" {
		t.Errorf("there are %s", got)
	}
}

func TestListShowsAttributes(t *testing.T) {
	l := newLab(t)
	l.desk.clock = 1764000000
	l.story([][2]string{
		{`bob WriteStorageFile ("x/1", "abc")`, `#null#`},
		{`bob CreateStorageDirectory ("x/empty")`, `#null#`},
		{`bob WriteStorageFile ("x/sub/2", "d")`, `#null#`},
		{`bob WriteStorageFile ("x/sub/3", "d")`, `#null#`},
		{`bob ListStorageFiles ("x")`, `{1={STFileSize=#3;STCreated=#T24-11-2025_16:00:01;STModified=#T24-11-2025_16:00:01;};` +
			`empty={STCreated=#T24-11-2025_16:00:02;STModified=#T24-11-2025_16:00:02;};sub={STModified=#T24-11-2025_16:00:03;};}`},
	})
}

// One account's program reaches another's files only where the account may.
func TestFilesOfOthers(t *testing.T) {
	l := newLab(t)
	l.story([][2]string{
		{`alice WriteStorageFile ("~1001/a.txt", "from alice")`, `#null#`},
		{`bob ReadStorageFile ("a.txt")`, `[from alice]`},
		{`bob ReadStorageFile ("~1001@tandem.local/a.txt")`, `[from alice]`},
		{`bob WriteStorageFile ("~alice/a.txt", "x")`, `"access denied"`},
		{`bob ReadStorageFile ("~alice/a.txt")`, `#null#`},
		{`bob ListStorageFiles ("~alice/")`, `#null#`},
		{`alice ListStorageFiles ("~none/")`, `#null#`},
		{`alice DeleteStorageFile ("~none/a")`, `"unknown user account"`},
		{`alice RenameStorageFile ("~1001/a.txt", "b.txt")`, `#null#`},
		{`alice RenameStorageFile ("~1001/b.txt", "~alice/b.txt")`, `"access denied"`},
		{`alice RenameStorageFile ("~1001/b.txt", "~1001/c.txt")`, `#null#`},
		{`alice WriteStorageFile ("~1001", "x")`, `"illegal file name"`},
	})
	if got := l.keys(); got != "storage/1001@tandem.local/c.txt" {
		t.Errorf("there are %s", got)
	}
}

func TestNames(t *testing.T) {
	l := newLab(t)
	for name, good := range map[string]bool{
		"a": true, "a/b/c": true, "a b.txt": true, "...": true, strings.Repeat("n", maxName): true, "ä": true,
		"": false, "/a": false, "a/": false, "a//b": false, "..": false, "a/../b": false, ".": false, "a\\b": false,
		"a\nb": false, "\xff": false, strings.Repeat("n", maxName+1): false, strings.Repeat("d/", maxDepth+1) + "a": false,
	} {
		if err := l.Write(t.Context(), bob, name, nil, Whole); (err == nil) != good || err != nil && !errors.Is(err, ErrBadName) {
			t.Errorf("%q: %v", name, err)
		}
		if good {
			if err := l.Delete(t.Context(), bob, name); err != nil {
				t.Errorf("%q: %v", name, err)
			}
		}
	}
	if err := l.Write(t.Context(), strings.Repeat("u", maxKey), "a", nil, Whole); !errors.Is(err, ErrBadName) {
		t.Errorf("a long account: %v", err)
	}
}

func TestQuota(t *testing.T) {
	l := newLab(t)
	l.limits = Limits{Bytes: 100, Files: 3}
	write := func(name string, size int, at Whence) error {
		return l.Write(t.Context(), bob, name, make([]byte, size), at)
	}
	for _, step := range []struct {
		name string
		size int
		at   Whence
		want error
	}{
		{"a", 101, Whole, ErrQuota}, {"a", 60, Whole, nil}, {"b", 41, Whole, ErrQuota}, {"b", 41, Create, ErrQuota},
		{"a", 41, End, ErrQuota}, {"a", 51, 50, ErrQuota}, {"a", 50, 50, nil}, {"a", 10, Whole, nil}, {"b", 90, Whole, nil},
		{"a", 0, End, nil}, {"b", 90, 0, nil}, {"c", 0, Whole, nil}, {"d", 0, Whole, ErrQuota},
	} {
		if err := write(step.name, step.size, step.at); !errors.Is(err, step.want) {
			t.Errorf("%+v: %v", step, err)
		}
	}
	if err := l.MakeDirectory(t.Context(), bob, "dir"); !errors.Is(err, ErrQuota) {
		t.Errorf("a directory too many: %v", err)
	}
	if err := l.Write(t.Context(), alice, "a", make([]byte, 100), Whole); err != nil {
		t.Errorf("another account: %v", err)
	}
	if bytes, files := l.Used(bob); bytes != 100 || files != 3 {
		t.Errorf("%d bytes in %d files", bytes, files)
	}
}

// A write in the middle is made upon what is there, also when somebody else was quicker.
func TestOverwriteOfAChangedFile(t *testing.T) {
	l := newLab(t)
	if err := l.Write(t.Context(), bob, "a", []byte("hello"), Whole); err != nil {
		t.Fatal(err)
	}
	l.desk.race = func(key string) {
		if err := l.desk.Put(t.Context(), key, []byte("HELLO WORLD"), -1, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Write(t.Context(), bob, "a", []byte("E"), 1); err != nil || l.text(bob, "a") != "HELLO WORLD" {
		t.Errorf("%q %v", l.text(bob, "a"), err)
	}
	l.desk.race = func(key string) {
		if err := l.desk.Put(t.Context(), key, []byte("x"), -1, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Write(t.Context(), bob, "a", []byte("E"), 5); !errors.Is(err, ErrPosition) {
		t.Errorf("the file became shorter: %v", err)
	}
}

func TestStoreThatFails(t *testing.T) {
	l := newLab(t)
	l.desk.fail = errors.New("disk")
	l.story([][2]string{{`bob WriteStorageFile ("a", "x")`, `"storage is not available"`}})
	l.desk.fail = ErrTooLarge
	l.story([][2]string{{`bob WriteStorageFile ("a", "x")`, `"file is too large"`}})
}

func TestReadIsBounded(t *testing.T) {
	l := newLab(t)
	l.limits.Bytes = 10 * MaxRead
	if err := l.Write(t.Context(), bob, "a", make([]byte, MaxRead+10), Whole); err != nil {
		t.Fatal(err)
	}
	for _, limit := range []int64{-1, MaxRead, MaxRead + 1} {
		if b, err := l.Read(t.Context(), bob, "a", 0, limit); err != nil || len(b) != MaxRead {
			t.Errorf("%d: %d bytes, %v", limit, len(b), err)
		}
	}
}

func TestAccountsAreMovedAndCleared(t *testing.T) {
	l := newLab(t)
	l.story([][2]string{
		{`bob CreateStorageDirectory ("x")`, `#null#`},
		{`bob WriteStorageFile ("x/a", "1")`, `#null#`},
		{`alice WriteStorageFile ("b", "2")`, `#null#`},
	})
	for range 2 {
		if err := l.Move(t.Context(), bob, alice); err != nil {
			t.Error(err)
		}
	}
	if got := l.keys(); got != "storage/1000@tandem.local/b storage/1000@tandem.local/x/ storage/1000@tandem.local/x/a" {
		t.Errorf("moved: %s", got)
	}
	if err := l.Clear(t.Context(), alice); err != nil || l.keys() != "" {
		t.Errorf("cleared: %s %v", l.keys(), err)
	}
}
