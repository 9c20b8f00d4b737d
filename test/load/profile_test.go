package load

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tandem/test/lab"
)

// productionProfile is the profile by which the binary for production is built, seen from here.
const productionProfile = "../../cmd/tandem/cpu.pgo"

var renew = flag.Bool("renew", false, "let the profile program write the profile of production")

// buildAsForProduction has the member built by the profile: what is measured here is what serves calls.
func buildAsForProduction() error {
	path, err := filepath.Abs(productionProfile)
	if err == nil {
		lab.BuildWith("-pgo=" + path)
	}
	return err
}

// TestProfile makes the profile anew, of calls, registrations and audio as the other programs here make them. It is to be
// run alone.
func TestProfile(t *testing.T) {
	onDemand(t)
	if !*renew {
		t.Skip("-renew writes the profile of production anew")
	}
	dir := t.TempDir()
	t.Setenv("PROFILE_DIR", dir)
	lab.BuildWith("-pgo=off", "-tags=profile")
	for name, program := range map[string]func(*testing.T){"cycle": TestCycle, "relay": TestRelay, "secrets": TestSecrets,
		"rooms": TestRooms, "transcoding": TestTranscoding} {
		t.Run(name, program)
	}
	merge := []string{"tool", "pprof", "-proto"}
	files, _ := filepath.Glob(filepath.Join(dir, "*.cpu"))
	for _, name := range files {
		if f, err := os.Stat(name); err == nil && f.Size() > 0 { // else its process ended first
			merge = append(merge, name)
		}
	}
	out, err := exec.Command("go", merge...).Output()
	if err != nil {
		t.Fatalf("%d profiles: %v", len(merge)-3, err)
	}
	if out, err = withoutPath(out, lab.Binary(t)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(productionProfile, out, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d profiles in %d octets", len(merge)-3, len(out))
}

// withoutPath is a profile that does not say where on this machine its binary lay. A text in it must keep its length.
func withoutPath(profile []byte, path string) ([]byte, error) {
	plain, err := unpacked(profile)
	if err != nil {
		return nil, err
	}
	name := filepath.Base(path)
	plain = bytes.ReplaceAll(plain, []byte(path), []byte(strings.Repeat("/", len(path)-len(name))+name))
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err = w.Write(plain)
	err = errors.Join(err, w.Close())
	return out.Bytes(), err
}

func unpacked(profile []byte) ([]byte, error) {
	in, err := gzip.NewReader(bytes.NewReader(profile))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(in)
}

// TestProfileNamesNoPlace looks into the profile that is kept.
func TestProfileNamesNoPlace(t *testing.T) {
	kept, err := os.ReadFile(productionProfile)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := unpacked(kept)
	if err != nil || len(plain) == 0 || bytes.Contains(plain, []byte(os.TempDir()+"/")) {
		t.Errorf("%d octets, %v, with a path of a machine", len(plain), err)
	}
}
