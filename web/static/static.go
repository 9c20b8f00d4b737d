// Package static holds what the pages load beside their text: style, marks, scripts. The modules under
// vendor come from elsewhere and keep their licences there; vendor/fetch renews them.
//
// Every file is embedded, so no path of a request ever reaches the disk. Its address holds a digest of all
// files: it may be kept for ever, and a new build has new addresses.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

//go:embed *.css *.svg js/*.js js/phone/*.js ximss/*.js vendor/*.js vendor/*.css vendor/LICENSE.*
var files embed.FS

// Root begins the address of every file.
const Root = "/static/"

// asset is one file, ready to be sent.
type asset struct {
	kind   string // Content-Type
	plain  []byte
	zipped []byte
}

// shelf is all files and the digest of them.
type shelf struct {
	assets map[string]asset
	digest string
}

var load = sync.OnceValue(func() shelf {
	s := shelf{assets: map[string]asset{}}
	sum := sha256.New()
	// The walk is in the order of names, and nothing embedded can fail to be read.
	_ = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		plain, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		sum.Write([]byte(name))
		sum.Write(plain)
		s.assets[name] = asset{kind: kindOf(name), plain: plain, zipped: zip(plain)}
		return nil
	})
	s.digest = hex.EncodeToString(sum.Sum(nil))[:16]
	return s
})

// kindOf does not ask the machine, whose answers differ.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return "text/plain; charset=utf-8"
}

func zip(plain []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // fails for unknown levels alone
	_, _ = w.Write(plain)                                 // a buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

// Address is where a file is served. A name that is not there is a fault of the program and shows in tests.
func Address(name string) string { return Root + load().digest + "/" + name }

// Size is what a file weighs on the way, compressed.
func Size(name string) int { return len(load().assets[name].zipped) }

// find returns what a request's path names: by its address for ever, or by its bare name for now.
func find(requested string) (a asset, lasting, ok bool) {
	name, under := strings.CutPrefix(requested, Root)
	if !under {
		return asset{}, false, false
	}
	s := load()
	if bare, found := strings.CutPrefix(name, s.digest+"/"); found {
		name, lasting = bare, true
	}
	a, ok = s.assets[name]
	return a, lasting, ok
}

// Serve answers with a file and reports whether there is one.
func Serve(w http.ResponseWriter, r *http.Request) bool {
	a, lasting, ok := find(r.URL.Path)
	if !ok {
		return false
	}
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Add("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", `"`+load().digest+`"`)
	if lasting {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if r.Header.Get("If-None-Match") == h.Get("ETag") {
		w.WriteHeader(http.StatusNotModified)
		return true
	}
	body := a.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = a.zipped
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // HEAD is cut by the server
	return true
}
