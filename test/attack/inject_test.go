package attack

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tandem/test/lab"
)

// clerk uses what callers say in commands, log lines and file names, as careful programs do: quoted by
// ObjectToString. It has the right to do everything.
const clerk = `
procedure look(word) is
  SysLog("looks up " + word);
  error = ExecuteCLI("GETGROUP " + ObjectToString(word));
  error = ExecuteCLI("ECHO " + ObjectToString(word));
  if error == null and then Vars().executeCLIResult != word then SysLog("echo differs"); end if;
  PlayFile(word);
  Void(ReadStorageFile(word));
  Void(FindMeeting(word, word));
  Void(RouteLocalURI(word));
end procedure;

entry main is
  if AcceptCall() != null then stop; end if;
  look(RemoteURI());
  name = PendingRequestData("From").("$realName");
  if IsString(name) then look(name); end if;
  user = EmailUserPart(SIPURIToEmail(RemoteURI()));
  if IsString(user) then look(user); end if;
  SetApplicationStatus("looked");
  loop
    got = ReadInput(60);
    exitif IsDisconnectEvent(got) or else not IsConnected();
    if IsString(got) then look(got); else look(ObjectToString(got.parameter)); end if;
    SetApplicationStatus(ObjectToString(got));
  end loop;
end entry;
`

// evil are texts that mean something to a command line, a log, a shell, a path, SQL or a program.
var evil = []string{
	`x"; DELETEACCOUNT 1005; "`, `x\" DELETEACCOUNT 1005`, `DELETEACCOUNT 1005`, `\r\nDELETEACCOUNT 1005\r\n`,
	`";KILLNODE`, `{a=b;}`, `(1,2`, `#NULL#`, `[AAAA]`, `../../../../etc/passwd`, `$(touch pwned)`, "`touch pwned`",
	`' OR 1=1 --`, `%s%n%x`, `\u'0'`, `time=2030-01-01T00:00:00Z level=ERROR msg=FORGED`, `<![CDATA[<x/>]]>`,
}

// TestInjection lets callers be named, be called, dial and inform in words that would be commands. None is
// carried out: all accounts stay, no line of the log is the caller's, and each call is served to its end.
func TestInjection(t *testing.T) {
	w := newWitness(t)
	w.account(t, "clerk", clerk)
	w.do(t, "SETACCOUNTRIGHTS clerk (Master)")
	for _, word := range evil {
		p := w.Phone(t, "1000")
		p.Display = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(word)
		c := w.dial(t, p, "clerk")
		task := w.taskOf(t, "clerk")
		lab.Wait(t, patience, "the name is looked up", func() bool { return w.status(task) == "looked" })
		for i, kind := range []string{"application/dtmf-relay", "application/dtmf", "text/plain", "application/json"} {
			_ = c.Ask("INFO", kind, word)
			_ = c.Ask("INFO", kind, fmt.Sprintf("Signal=%s\r\n%s\r\n", word, strings.Repeat("\r\n", i)))
		}
		c.Press("7")
		lab.Wait(t, patience, "a key after it is read", func() bool { return w.status(task) == `"7"` || w.status(task) == "7" })
		c.Hangup()

		stranger := w.Phone(t, escaped(word))
		stranger.Domain = "elsewhere.test"
		if c := stranger.Call("sip:clerk@" + lab.Domain); c.Status == 200 {
			c.Hangup()
		}
		if c := w.Phone(t, "1000").Call("sip:" + escaped(word) + "@" + lab.Domain); c.Status == 200 {
			t.Errorf("somebody of the name %q answered", word)
			c.Hangup()
		}
		w.strings(t, word)
	}
	for line := range strings.Lines(w.Log()) {
		if strings.HasPrefix(line, "time=2030") || strings.HasPrefix(line, "DELETEACCOUNT") {
			t.Errorf("the log has a line of a caller's: %q", line)
		}
	}
	if strings.Contains(w.Log(), "echo differs") {
		t.Error("a text came back another from a command")
	}
	if _, err := w.Console().Do("GETACCOUNTSETTINGS 1005"); err != nil {
		t.Errorf("account 1005: %v", err)
	}
	w.unharmed(t)
	w.over(t)
}

// strings gives a word to the command line where it is a text, and to REST.
func (w *witness) strings(t *testing.T, word string) {
	t.Helper()
	quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(word) + `"`
	console := w.Console()
	for _, command := range []string{"STARTPBXTASK 1000 PROGRAM %s", "STARTPBXTASK %s PROGRAM calm", "KILLNODE %s",
		"SENDTASKEVENT %s EVENT e", "READNODESTATUS %s", "GETGROUP %s", "READCLUSTERPBXFILE %s"} {
		if out, err := console.Do(fmt.Sprintf(command, quoted)); err == nil {
			t.Errorf("%s with %q gave %q", command, word, out)
		}
	}
	if out, err := console.Do("ECHO " + quoted); err != nil || out == "" {
		t.Errorf("ECHO %s: %q, %v", quoted, out, err)
	}
	if err := w.Ask(http.MethodPost, "tasks", map[string]string{"account": "pbx@" + lab.Domain, "program": word}, nil); err == nil {
		t.Errorf("a program named %q was started", word)
	}
}

// escaped is a text as the user part of a URI (RFC 3986 section 2.1).
func escaped(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
