package stock

import (
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/actors/pbx/cgpl"
	"tandem/actors/pbx/environment"
	"tandem/actors/pbx/script"
	"tandem/ximss/object"
)

// Each program has a folder of its name with stories: scripts of package script, and what came of them.
// Besides its events a script may have these lines, for the account's memory:
//
//	prefer KEY OBJECT         a preference
//	store NAME BYTES [FROM]   a storage file of so many bytes, a message of that sender
//	broken NAME TEXT          the service of that name fails from now on, with that text
//	free NAME                 that account is in no call
//	preferences               shows all preferences
//	files                     shows all storage files
func TestStories(t *testing.T) {
	set := stockEnvironment(t)
	folders, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		program, _, err := set.Program("tandem.local", "", f.Name())
		if err != nil {
			t.Fatal(err)
		}
		t.Run(f.Name(), func(t *testing.T) {
			acttest.Play(t, path.Join("testdata", f.Name()), func(*testing.T) acttest.Player {
				return newMemory(set, program, f.Name())
			})
		})
	}
	for _, name := range programs(t) {
		if !slices.ContainsFunc(folders, func(f os.DirEntry) bool { return f.Name() == name }) {
			t.Errorf("the program %s has no stories", name)
		}
	}
}

// A script that does not do what it says is no story.
func TestScriptsAreRight(t *testing.T) {
	for _, pattern := range []string{"testdata/*/*.txt", "../testdata/programs/stories/*/*.txt"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no stories: %v", pattern, err)
		}
		for _, f := range files {
			story, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if wrong := regexp.MustCompile(`(?m)^(@\d+ )?(script:|ends by an exception).*`).Find(story); wrong != nil {
				t.Errorf("%s: %s", f, wrong)
			}
		}
	}
}

// programs are the names of all stock programs.
func programs(t *testing.T) (names []string) {
	eachSource(t, func(name, _ string) {
		if base, ok := strings.CutSuffix(path.Base(name), ".sppr"); ok {
			names = append(names, base)
		}
	})
	return names
}

// memory is what the services of an account remember while a story is played.
type memory struct {
	*script.Player
	preferences map[string]object.Value
	files       map[string][]byte
	senders     map[string]string // by the name of the message
	broken      map[string]string
	free        map[string]bool // who is in no call
	now         time.Time
}

// beat is what the lengths of sounds are rounded up to.
const beat = 500 * time.Millisecond

// newMemory is the stage for one story of a program, in the stock environment.
func newMemory(set *environment.Set, program *cgpl.Module, name string) *memory {
	m := &memory{preferences: map[string]object.Value{}, files: map[string][]byte{},
		senders: map[string]string{}, broken: map[string]string{}, free: map[string]bool{}, now: time.Date(2030, 1, 2, 15, 4, 5, 0, time.UTC)}
	m.Player = script.New(script.Stage{
		Program: program,
		Name:    name,
		Load: func(language, name string) (*cgpl.Module, error) {
			return set.Loader("tandem.local", language)(name)
		},
		Sound: func(language, name string) (string, time.Duration, bool) {
			path, length, ok := soundLength(set, language, name)
			return path, (length + beat - 1).Truncate(beat), ok // so that another speaker tells the same stories
		},
		Service: m.answer,
		Account: "pbx@tandem.local",
		Now:     m.now,
	})
	return m
}

// digests are what a PIN becomes, with salt of the day.
var digests = regexp.MustCompile(`[0-9a-f]{24}:[0-9a-f]{64}`)

// Do acts out one line.
func (m *memory) Do(line string) []string {
	out := m.do(line)
	for i := range out {
		out[i] = digests.ReplaceAllString(out[i], "SALT:DIGEST")
	}
	return out
}

func (m *memory) do(line string) []string {
	word, rest, _ := strings.Cut(line, " ")
	name, text, _ := strings.Cut(rest, " ")
	switch word {
	case "prefer":
		v, err := object.Parse(text)
		if err != nil {
			return []string{"script: " + err.Error()}
		}
		m.preferences[name] = v
	case "store":
		size, from, _ := strings.Cut(text, " ")
		n, err := strconv.Atoi(size)
		if err != nil {
			return []string{"script: " + err.Error()}
		}
		m.files[name], m.senders[path.Base(name)] = make([]byte, n), from
	case "broken":
		m.broken[name] = text
	case "free":
		m.free[name] = true
	case "preferences":
		var out []string
		for _, key := range slices.Sorted(maps.Keys(m.preferences)) {
			out = append(out, key+" = "+object.Format(m.preferences[key]))
		}
		return out
	case "files":
		var out []string
		for _, name := range slices.Sorted(maps.Keys(m.files)) {
			out = append(out, name+" "+strconv.Itoa(len(m.files[name])))
		}
		return out
	default:
		return m.Player.Do(line)
	}
	return nil
}

// answer is what the service says whose name it is; false: it is left to the script.
func (m *memory) answer(name string, args []object.Value) (object.Value, bool) {
	if text := m.broken[name]; text != "" {
		return object.String(text), true
	}
	first, second := text(args, 0), text(args, 1)
	switch name {
	case "RouteLocalURI":
		return local(first), true
	case "GetAccountPreferences":
		return object.Copy(m.preferences[first]), true
	case "SetAccountPreferences":
		if args[0].IsNull() {
			delete(m.preferences, second)
		} else {
			m.preferences[second] = object.Copy(args[0])
		}
	case "ReadStorageFile":
		return m.read(args[0]), true
	case "WriteStorageFile":
		b, _ := args[1].Bytes()
		m.files[first] = b
	case "DeleteStorageFile":
		if _, ok := m.files[first]; !ok {
			return object.String("file is not found"), true
		}
		delete(m.files, first)
	case "RenameStorageFile":
		m.files[second] = m.files[first]
		delete(m.files, first)
	case "CallToAttend":
		if m.free[second] {
			return object.String("480-Temporarily Unavailable"), true
		}
		return object.NewArray(object.String("legof" + second)).Value(), true
	case "ListStorageFiles":
		return m.list(first), true
	default:
		return object.Null, false
	}
	return object.Null, true
}

func text(args []object.Value, i int) string {
	if i >= len(args) {
		return ""
	}
	return args[i].Text()
}

// local knows the accounts 1000 to 1019 and admin by their numbers.
func local(uri string) object.Value {
	user, domain, _ := strings.Cut(strings.TrimPrefix(uri, "sip:"), "@")
	n, err := strconv.Atoi(user)
	if domain == "tandem.local" && (user == "operator" || err == nil && n >= 1000 && n <= 1019) {
		return object.String(user + "@" + domain)
	}
	return object.Null
}

func (m *memory) read(what object.Value) object.Value {
	name, position, limit := what.Text(), int64(0), int64(1<<20)
	if d := what.Dictionary(); d != nil {
		name = d.Get("fileName").Text()
		position, _ = d.Get("position").Int()
		limit, _ = d.Get("limit").Int()
	}
	b, ok := m.files[name]
	if !ok {
		return object.Null
	}
	b = b[min(position, int64(len(b))):]
	return object.Data(b[:min(limit, int64(len(b)))])
}

func (m *memory) list(folder string) object.Value {
	d := object.NewDictionary()
	for _, name := range slices.Sorted(maps.Keys(m.files)) {
		if rest, ok := strings.CutPrefix(name, folder+"/"); ok {
			a := object.NewDictionary()
			a.Set("STFileSize", object.Number(int64(len(m.files[name]))))
			a.Set("STCreated", object.Date(m.now.Add(-26*time.Hour).Unix()))
			if from := m.senders[rest]; from != "" {
				a.Set("From", object.String(from))
			}
			d.Set(rest, a.Value())
		}
	}
	return d.Value()
}
