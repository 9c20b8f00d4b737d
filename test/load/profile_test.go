package load

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
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
	if err := os.WriteFile(productionProfile, out, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d profiles in %d octets", len(merge)-3, len(out))
}
