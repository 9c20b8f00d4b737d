package static

import (
	"compress/gzip"
	"io"
	"io/fs"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"testing"
)

func get(address string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", "/", nil)
	r.URL.Path = address
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	if !Serve(w, r) {
		w.Code = 404
	}
	return w
}

func TestAFileForEverAndForNow(t *testing.T) {
	lasting, bare := get(Address("tandem.css")), get(Root+"tandem.css")
	if lasting.Code != 200 || !strings.Contains(lasting.Header().Get("Cache-Control"), "immutable") ||
		lasting.Header().Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("%d %v", lasting.Code, lasting.Header())
	}
	if bare.Code != 200 || bare.Header().Get("Cache-Control") != "no-cache" || bare.Body.String() != lasting.Body.String() {
		t.Errorf("%d %v", bare.Code, bare.Header())
	}
	if w := get(Root+"tandem.css", "If-None-Match", bare.Header().Get("ETag")); w.Code != 304 || w.Body.Len() != 0 {
		t.Errorf("%d", w.Code)
	}
	packed := get(Address("tandem.css"), "Accept-Encoding", "br, gzip")
	r, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(r); err != nil || string(text) != bare.Body.String() || packed.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("%v %v", err, packed.Header())
	}
}

func TestNothingElseIsServed(t *testing.T) {
	for _, path := range []string{"", "/", Root, Root + "js", Root + "static.go", Root + "../static.go", Root + "vendor/fetch",
		Root + "0000/tandem.css", Root + load().digest + "/", Root + load().digest + "/" + load().digest + "/tandem.css"} {
		if w := get(path); w.Code != 404 {
			t.Errorf("%q: %d", path, w.Code)
		}
	}
}

// specifier is what a module imports; remark is a line that only speaks of it.
var (
	specifier = regexp.MustCompile(`(?:from|import)\s*\(?"([^"]+)"`)
	remark    = regexp.MustCompile(`(?m)^\s*//.*$`)
)

func TestModulesImportWhatIsThere(t *testing.T) {
	for name, a := range load().assets {
		if !strings.HasSuffix(name, ".js") {
			continue
		}
		for _, m := range specifier.FindAllStringSubmatch(remark.ReplaceAllString(string(a.plain), ""), -1) {
			if !strings.HasPrefix(m[1], "./") && !strings.HasPrefix(m[1], "../") {
				t.Errorf("%s imports %q, which needs an import map", name, m[1])
				continue
			}
			target := path.Join(path.Dir(name), m[1])
			if _, ok := load().assets[target]; !ok {
				t.Errorf("%s imports %s, which is not there", name, m[1])
			}
		}
	}
}

func TestNothingNeedsAWeakerPolicy(t *testing.T) {
	for name, a := range load().assets {
		for _, bad := range []string{"eval(", "new Function", "innerHTML", "http-equiv", "javascript:"} {
			if !strings.HasPrefix(name, "vendor/") && strings.Contains(string(a.plain), bad) {
				t.Errorf("%s has %s", name, bad)
			}
		}
	}
}

func TestEveryVendoredFileHasItsLicence(t *testing.T) {
	found, err := fs.Glob(files, "vendor/LICENSE.*")
	if err != nil || len(found) != 4 {
		t.Errorf("%v %v", found, err)
	}
}
