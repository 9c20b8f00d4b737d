package cluster

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"tandem/test/lab"
)

// recorder is a program that answers, has its caller's call recorded, and joins it with 1002: by key 1 the recording pauses,
// by 2 it goes on.
const recorder = `
function callerLeg(params, pending) external;
function callerLegBridge(params, leg) external;
entry main is
  if AcceptCall() != null then stop; end if;
  note = NewDictionary();
  note.queue = "sales";
  note.agent = "1002";
  SysLog(RecordBridge("start", note));
  agent = "sip:1002@" + MyDomain();
  SysLog(callerLegBridge(agent, callerLeg(agent, null)));
  loop
    got = ReadInput(600);
    exitif not IsConnected();
    if got == "1" then SysLog(RecordBridge("pause")); end if;
    if got == "2" then SysLog(RecordBridge("resume")); end if;
  end loop;
end entry;
`

// A call whose parties came in by different members is recorded with each in a channel; what is said in a pause is not
// there, and after the agent's transfer the recording goes on with whom the caller talks to then. It is found by its agent on
// every member, and a right is needed to hear it.
func TestCallIsRecorded(t *testing.T) {
	lab.Long(t)
	all := start(t, lab.ClusterOptions{Members: 2})
	all[0].Program("recorder.sppr", recorder)
	if err := all[0].Ask(http.MethodPost, "accounts", map[string]any{"aor": "recorder@" + lab.Domain, "password": "pass-recorder",
		"forward": map[string]string{"all": "recorder#recorder"}}, nil); err != nil {
		t.Fatal(err)
	}
	agents, others := all[1].Phone(t, "1002"), all[1].Phone(t, "1003")
	agents.Register(300)
	others.Register(300)
	const long = 600 * time.Millisecond
	caller := all[0].Phone(t, "1000").Call("recorder")
	agent := agents.Await()
	agent.Answer()
	caller.Say(600)
	agent.Say(1100)
	caller.AwaitTones(t, long, 1100)
	agent.AwaitTones(t, long, 600)
	caller.Press("1")
	caller.AwaitTones(t, long, 1100) // by then it is paused
	agent.Say(1500)
	caller.AwaitTones(t, long, 1500)
	agent.Say(1100)
	caller.AwaitTones(t, long, 1100)
	caller.Press("2")
	caller.AwaitTones(t, long, 1100)
	go agent.Refer("1003")
	other := others.Await()
	other.Answer()
	other.Say(900)
	caller.AwaitTones(t, long, 900)
	caller.Hangup()

	var list struct {
		Recordings []struct {
			Account, File, Cuts string
			Length              float64
		}
	}
	lab.Wait(t, 30*time.Second, "the recording is in the store", func() bool {
		return all[1].Ask(http.MethodGet, "recordings?agent=1002&queue=sales", nil, &list) == nil && len(list.Recordings) == 1
	})
	one := list.Recordings[0]
	_, file := sound(t, all[1], "1010", one.Account, one.File)
	left, right := tracks(file)
	if one.Cuts == "" || one.Length < 1 {
		t.Errorf("the recording is %+v", one)
	}
	if a, b := left.Heard(0, 600), left.Heard(0, 1100); a < 2*long || b > long/4 {
		t.Errorf("left: the caller for %v, the agent for %v", a, b)
	}
	if a, b, secret := right.Heard(0, 1100), right.Heard(0, 900), right.Heard(0, 1500); a < long/2 || b < long/2 || secret > long/4 {
		t.Errorf("right: the agent for %v, who came after him for %v, what was said in the pause for %v", a, b, secret)
	}
	for user, want := range map[string]int{"1010": 200, "1001": 404} {
		if status, _ := sound(t, all[0], user, one.Account, one.File); status != want {
			t.Errorf("%s gets %d, want %d", user, status, want)
		}
	}
}

// sound is what an account gets of a recording.
func sound(t *testing.T, m *lab.Member, user, account, file string) (status int, octets []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, m.URL()+"/api/v1/recordings/"+url.PathEscape(account)+"/"+file, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(user+"@"+lab.Domain, "1234")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if octets, err = io.ReadAll(answer.Body); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, octets
}

// tracks are the channels of a WAV file of mu-law (ITU-T G.711).
func tracks(octets []byte) (left, right lab.Sound) {
	left, right = lab.Silence(8000, 0), lab.Silence(8000, 0)
	_, data, _ := bytes.Cut(octets, []byte("data"))
	for i := 4; i+1 < len(data); i += 2 {
		left.Channels[0] = append(left.Channels[0], linear(data[i]))
		right.Channels[0] = append(right.Channels[0], linear(data[i+1]))
	}
	return left, right
}

func linear(b byte) float64 {
	b = ^b
	x := float64((int(b&0x0f)<<3+0x84)<<(b>>4&7)-0x84) / 32768
	if b&0x80 != 0 {
		return -x
	}
	return x
}
