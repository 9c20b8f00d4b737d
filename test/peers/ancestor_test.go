package peers

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// programs are programs in the ancestor's manner, in both spellings; their own room tells their stories
// without a telephone.
const programs = "../../actors/pbx/testdata/programs"

// ancestor stores one of them for an account of its name.
func ancestor(t testing.TB, m *lab.Member, spelling, name string) {
	t.Helper()
	m.ProgramFile(name+".sppr", filepath.Join(programs, spelling, name+".sppr"))
	account(t, m, name, name+"#"+name)
}

// do runs a command of the admin command line that must succeed.
func do(t testing.TB, m *lab.Member, format string, args ...any) string {
	t.Helper()
	command := fmt.Sprintf(format, args...)
	out, err := m.Console().Do(command)
	if err != nil {
		t.Fatalf("%.200s: %v", command, err)
	}
	return out
}

// prompt stores a sound file of the cluster's environment that is a tone.
func prompt(t testing.TB, m *lab.Member, name string, hz float64, length time.Duration) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "prompt.wav")
	if err := lab.Tone(rate, length, -12, hz).WriteWAV(path); err != nil {
		t.Fatal(err)
	}
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	do(t, m, "STORECLUSTERPBXFILE %q DATA [%s]", name, base64.StdEncoding.EncodeToString(sound))
}

// TestAttendantOfOld lets a real phone go through the menus of an account, in prompts that are tones, and dial
// an extension: it is bridged with a phone, and both hear each other.
func TestAttendantOfOld(t *testing.T) {
	for _, spelling := range spellings {
		t.Run(spelling, func(t *testing.T) {
			m := member(t)
			ancestor(t, m, spelling, "attendant")
			for name, hz := range map[string]float64{"top": 480, "sub": 860, "german/sub": 1340, "Failure": 1840} {
				prompt(t, m, name+".wav", hz, time.Second)
			}
			do(t, m, `UPDATEACCOUNTPREFS attendant {Languages=(english,german);Menus={main={prompt=top;3="menu{sub}";`+
				`invalid="Failure.wav";};sub={prompt=sub;"#"=hangup;};};}`)
			a, b := start(t, m, baresipUDP, seats[0]).(*baresip), start(t, m, baresipTCP, seats[1])
			a.Call("attendant")
			a.AwaitTalk()
			a.Press("2") // German
			heard(t, a, 480)
			a.Press("*")
			heard(t, a, 1840)
			a.Press("3")
			heard(t, a, 1340)
			a.Press("#") // out of the menu below
			heard(t, a, 480)
			a.Press("1001")
			b.AwaitRing()
			b.Answer()
			b.AwaitTalk()
			hearEachOther(t, a, b)
			b.Hangup()
			a.AwaitEnd()
			lab.Wait(t, patience, "all tasks have ended", func() bool { return len(tasks(t, m)) == 0 })
		})
	}
}

// TestVoiceMailOfOld lets a caller leave a message, and the owner hear it by his PIN.
func TestVoiceMailOfOld(t *testing.T) {
	for _, spelling := range spellings {
		t.Run(spelling, func(t *testing.T) {
			m := member(t)
			ancestor(t, m, spelling, "voicemail")
			do(t, m, "UPDATEACCOUNTPREFS voicemail {PIN=2580;}")
			c := call(t, m.Phone(t, "1000"), "voicemail")
			waits(t, m, "voicemail", "Record", "")
			c.SayFor(t, 1700, 3*time.Second)
			c.Hangup()
			lab.Wait(t, patience, "all tasks have ended", func() bool { return len(tasks(t, m)) == 0 })

			owner := call(t, m.Phone(t, "1001"), "voicemail")
			owner.Press("**2580")
			owner.AwaitTones(t, 2500*time.Millisecond, 1700)
			owner.AwaitEnd()
		})
	}
}

// waits waits until a task of a program is blocked in a function, in a section of that name or in a file of it.
func waits(t testing.TB, m *lab.Member, program, function, where string) {
	t.Helper()
	lab.Wait(t, patience, program+" waits in "+function, func() bool {
		return slices.ContainsFunc(tasks(t, m), func(one task) bool {
			return one.Program == program && one.Waiting == function && strings.Contains(one.Where, where)
		})
	})
}

// TestQueueOfOld lets a caller wait for an agent, who takes him by *, leaves him by #, and finds nobody else:
// the stock program, and the ancestor's in both spellings.
func TestQueueOfOld(t *testing.T) {
	for _, spelling := range append([]string{""}, spellings...) {
		t.Run("acd"+spelling, func(t *testing.T) {
			m := member(t)
			if spelling == "" {
				account(t, m, "acd", "acd#acd")
			} else {
				ancestor(t, m, spelling, "acd")
			}
			do(t, m, "SETACCOUNTRIGHTS acd (CanCreateGroups)") // with which it may read its group
			do(t, m, "CREATEGROUP agents {Members=(1001);}")
			caller, agent := start(t, m, baresipUDP, seats[0]), start(t, m, baresipTCP, seats[1]).(*baresip)

			// Nobody waits, so the free agent's phone rings; he does not answer.
			caller.Call("acd")
			agent.AwaitRing()
			agent.Hangup()
			caller.AwaitTalk()
			agent.AwaitEnd()
			music := " waitInQueue"
			if spelling != "" {
				music = fmt.Sprintf("acd.sppr:%d:", line(t, filepath.Join(programs, spelling, "acd.sppr"), "PlayFileInLoop"))
			}
			waits(t, m, "acd", "PlayFile", music)

			agent.Call("acd")
			agent.AwaitTalk()
			agent.Press("*")
			hearEachOther(t, caller, agent)
			agent.Press("#")
			caller.AwaitEnd()
			agent.Press("#")
			agent.AwaitEnd()

			// Again, and this time he answers his phone: no program is needed any more.
			caller.Call("acd")
			agent.AwaitRing()
			agent.Answer()
			agent.AwaitTalk()
			caller.AwaitTalk()
			hearEachOther(t, caller, agent)
			lab.Wait(t, patience, "the task has given the call away", func() bool { return len(tasks(t, m)) == 0 })
			caller.Hangup()
			agent.AwaitEnd()
		})
	}
}

// line is the number of the first line of a file that holds a text.
func line(t testing.TB, path, text string) int {
	t.Helper()
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, _, ok := strings.Cut(string(source), text)
	if !ok {
		t.Fatalf("%s does not hold %q", path, text)
	}
	return strings.Count(before, "\n") + 1
}
