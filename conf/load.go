package conf

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/viper"
	"go.yaml.in/yaml/v3"
)

// Limits of what Load reads.
const (
	maxFile   = 1 << 20  // bytes of the settings file
	maxSecret = 64 << 10 // bytes of a file that holds a secret
	maxPEM    = 1 << 20  // bytes of a certificate chain or its key
)

// Sources is where the settings of a member come from, the weakest first.
type Sources struct {
	Base    *Conf    // stands for the defaults, such as Dev gives; nil: Default
	File    string   // YAML file; empty: none
	Environ []string // as os.Environ gives it
	Set     []string // pairs section.key=value, from flags that take such pairs
	Flags   []Flag   // values of flags made for one setting
}

// Flag is a command line flag made for one setting.
type Flag struct {
	Name  string // as the user wrote it: "--data"
	Key   string // "member.data"
	Value string // as in a file; parts of a list may be separated by commas
}

// Load reads and checks everything. If anything is wrong the error is an Errors that names all of
// it, and there is no Conf.
//
// A list is replaced as a whole by the next layer. An empty environment variable counts as absent.
func Load(s Sources) (*Conf, error) {
	l := &loader{Sources: s, bad: map[string]bool{}, v: viper.New()}
	l.base()
	if s.File != "" {
		l.file()
	}
	l.environment()
	l.flags()
	c, err := l.conf()
	if err != nil {
		return nil, err
	}
	for _, e := range append(c.check(l.bad), c.checkFiles(l.bad)...) {
		l.errs.add(e)
	}
	if len(l.errs) > 0 {
		l.errs.sort()
		return nil, l.errs
	}
	return c, nil
}

// loader lays the sources over one another. viper holds the values, each already of its own type.
type loader struct {
	Sources
	v       *viper.Viper
	origins origins
	errs    Errors
	bad     map[string]bool   // keys of which a value could not be read
	digest  [sha256.Size]byte // of the file
}

func (l *loader) base() {
	base := Default()
	if l.Base != nil {
		base = *l.Base
	}
	for _, f := range fields() {
		l.v.SetDefault(f.Key, f.of(&base))
	}
	l.origins = base.origins.clone()
}

// file reads the YAML file, if it can be read at all.
func (l *loader) file() {
	src, err := readLimited(l.File, maxFile)
	if err != nil {
		l.errs.add(Error{Origin: Origin{source: fromFile, name: l.File}, Wrong: "cannot be read: " + err.Error(),
			Right: "a file that this user may read"})
		return
	}
	l.digest = sha256.Sum256(src)
	l.yaml(src)
}

func (l *loader) yaml(src []byte) {
	at := func(line int) Origin { return Origin{fromFile, l.File, line} }
	root, err := document(src)
	if err != nil {
		line, words := syntaxError(err)
		l.errs.add(Error{Origin: at(line), Wrong: "is no YAML here or soon after: " + words})
		return
	}
	if root == nil || root.ShortTag() == "!!null" {
		return
	}
	d := l.decoder(at)
	d.mapping(root, "", sections(), func(section string, n *yaml.Node) bool {
		if n.ShortTag() == "!!null" {
			return true // every line of it is a comment
		}
		return d.mapping(n, section+".", keysOf(section), func(key string, n *yaml.Node) bool {
			f := byKey()[section+"."+key]
			return l.put(d, n, f, func(v any) error {
				return l.v.MergeConfigMap(map[string]any{section: map[string]any{key: v}})
			})
		})
	})
}

// put decodes the value of one setting and hands it to its layer.
func (l *loader) put(d *decoder, n *yaml.Node, f Field, layer func(any) error) bool {
	d.origins = origins{}
	v, ok := d.decode(n, f.typ, f.Key, f.Unit)
	if !ok {
		l.bad[f.Key] = true
		return false
	}
	if err := layer(v.Interface()); err != nil {
		d.wrong(n, f.Key, err.Error(), "")
		return false
	}
	l.origins.replace(f.Key, d.origins)
	return true
}

func (l *loader) decoder(at func(line int) Origin) *decoder {
	return &decoder{origin: at, secret: l.secret, errs: &l.errs}
}

// textual reads a value that was written on one line, in a variable or a flag, and hands it to its layer.
func (l *loader) textual(f Field, value string, at Origin, layer func(any) error) {
	d := l.decoder(func(int) Origin { return at })
	n := word(value)
	switch {
	case f.typ.Kind() != reflect.Slice:
	case f.typ.Elem().Kind() == reflect.String && !strings.HasPrefix(value, "["):
		n = &yaml.Node{Kind: yaml.SequenceNode}
		for part := range strings.SplitSeq(value, ",") {
			n.Content = append(n.Content, word(strings.TrimSpace(part)))
		}
	default:
		list, err := document([]byte(value))
		if err != nil || list == nil {
			l.bad[f.Key] = true
			l.errs.add(Error{at, f.Key, "is no list", "[ ... ], parts separated by commas"})
			return
		}
		n = list
	}
	l.put(d, n, f, layer)
}

// over is the layer of variables and flags, over the file.
func (l *loader) over(f Field) func(any) error {
	return func(v any) error { l.v.Set(f.Key, v); return nil }
}

// conf lets viper decode what the layers came to. UnmarshalExact is the second lock on the door:
// a key that slipped past the decoder is an error, never silence.
func (l *loader) conf() (*Conf, error) {
	c := &Conf{}
	if err := l.v.UnmarshalExact(c, viper.DecodeHook(fieldNames)); err != nil {
		return nil, fmt.Errorf("conf: %w", err)
	}
	c.origins, c.digest = l.origins, l.digest
	return c, nil
}

// fieldNames is a decode hook that renames the keys of a section to the names of its fields.
func fieldNames(_, to reflect.Type, data any) (any, error) {
	m, isMap := data.(map[string]any)
	if !isMap || to.Kind() != reflect.Struct {
		return data, nil
	}
	renamed := make(map[string]any, len(m))
	for key, v := range m {
		renamed[key] = v
	}
	for i := range to.NumField() {
		f := to.Field(i)
		if v, ok := m[keyOf(f.Name)]; ok && f.IsExported() {
			delete(renamed, keyOf(f.Name))
			renamed[f.Name] = v
		}
	}
	return renamed, nil
}

// secret resolves what is written for a secret. Its errors never quote the text.
func (l *loader) secret(s string) (Secret, *problem) {
	if path, ok := strings.CutPrefix(s, "file:"); ok {
		return secretFile(path)
	}
	if name, ok := strings.CutPrefix(s, "env:"); ok {
		v, found := lookup(l.Environ, name)
		if !found {
			return "", &problem{"names the variable " + shorten(name) + ", which is not set", "a variable that is set"}
		}
		s = v
	}
	if s == mask {
		return "", &problem{"is the mask that hides a secret", "the secret itself, file:PATH or env:NAME"}
	}
	return Secret(s), nil
}

func secretFile(path string) (Secret, *problem) {
	b, err := readLimited(path, maxSecret)
	if err != nil {
		return "", &problem{"names the file " + shorten(path) + ", which cannot be read: " + err.Error(),
			"a file that this user may read"}
	}
	return Secret(strings.TrimRight(string(b), "\r\n")), nil
}

// readLimited reads a regular file or a pipe of at most max bytes. Its errors do not repeat the path.
func readLimited(path string, max int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, cause(err)
	}
	defer f.Close()
	var b bytes.Buffer
	n, err := io.Copy(&b, io.LimitReader(f, max+1))
	if err == nil && n > max {
		err = fmt.Errorf("more than %d bytes", max)
	}
	return b.Bytes(), cause(err)
}

func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// sections lists the first parts of all keys, in order.
func sections() []string {
	var all []string
	for _, f := range fields() {
		all = append(all, f.Section())
	}
	return slices.Compact(all)
}

// keysOf lists the second parts of the keys of a section.
func keysOf(section string) []string {
	var all []string
	for _, f := range fields() {
		if rest, ok := strings.CutPrefix(f.Key, section+"."); ok {
			all = append(all, rest)
		}
	}
	return all
}
