package cluster

import (
	"fmt"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"tandem/test/lab"
)

// A party is recorded by a recording server, and its partner lives on another member: what that one says comes by the path between
// the members, and goes to the server from there.
func TestRecordingServerOfMembers(t *testing.T) {
	lab.Long(t)
	tool := lab.Tool(t, "sip-tester", "sipp")
	file, err := filepath.Abs(filepath.Join("..", "sipp", "testdata", "recorder-takes-expect-bye.xml"))
	if err != nil {
		t.Fatal(err)
	}
	port := lab.Port(t)
	all := start(t, lab.ClusterOptions{Members: 2, Set: []string{
		fmt.Sprintf(`recorders.list=[{name: archive, servers: ["sip:127.0.0.1:%d"], accounts: ["1001@tandem.local"]}]`, port)}})
	first, one := lab.Listen(t)
	second, two := lab.Listen(t)
	server := lab.Go(t, lab.Command{Path: tool, Dir: t.TempDir(), Args: []string{"127.0.0.1", "-sf", file, "-m", "1", "-nostdin", "-i", "127.0.0.1",
		"-p", strconv.Itoa(port), "-mp", strconv.Itoa(lab.Port(t)), "-key", "first", strconv.Itoa(one), "-key", "second", strconv.Itoa(two),
		"-timeout", "120", "-timeout_error"}})
	waits := all[0].Phone(t, "1000").Call("6001")
	welcomed(t, waits) // the slot is taken before it is said
	retrieves := all[1].Phone(t, "1001").Call("6001")
	if waits.Status != 200 || retrieves.Status != 200 {
		t.Fatalf("parked by %d, retrieved by %d %s", waits.Status, retrieves.Status, retrieves.Reason)
	}
	waits.Say(500)
	retrieves.Say(700)
	first.AwaitTones(t, 500*time.Millisecond, 700)
	second.AwaitTones(t, 500*time.Millisecond, 500)
	retrieves.Hangup()
	waits.Hangup()
	if code := server.Wait(t, time.Minute); code != 0 {
		t.Errorf("the recording server's story went another way (SIPp ended with %d)", code)
	}
	lab.Wait(t, 30*time.Second, "all streams are closed", func() bool { return rtpStreams(all...) == 0 })
}
