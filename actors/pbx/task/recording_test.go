package task

import (
	"testing"

	"tandem/actors/msg"
)

// A program has its party's call recorded into the files of an account of its domain, and learns how that goes.
func TestRecordBridge(t *testing.T) {
	l := program(t, `
		d = NewDictionary(); d.queue = "sales"; d.none = null;
		SysLog(RecordBridge("start", d));
		d = NewDictionary(); d.account = "boss"; d.agent = "1002";
		SysLog(RecordBridge("start", d));
		d.account = "boss@other.local";
		if(RecordBridge("start", d) == null) then stop; end if;
		d.account = "boss";
		SysLog(RecordBridge("note", d));
		Void(RecordBridge("stop"));
		Disconnect();
		SysLog(RecordBridge("start"));`)
	for i, want := range []struct{ action, account, queue, agent string }{
		{"start", "recordings@t.local", "sales", ""},
		{"start", "boss@t.local", "", "1002"},
		{"note", "", "", "1002"},
		{"stop", "", "", ""},
	} {
		list := told[*msg.LegRecordCall](l, "leg")
		if len(list) != 1 {
			t.Fatalf("%d: told %v", i, list)
		}
		m := list[0]
		if m.Action != want.action || m.Account != want.account || m.Meta["queue"] != want.queue || m.Meta["agent"] != want.agent ||
			m.Program != "test" || len(m.Meta) > 1 {
			t.Errorf("%d: told %v", i, m)
		}
		status := int32(200)
		if i == 1 {
			status = 491
		}
		l.LegDone(&msg.LegDone{Operation: m.Operation, Status: status, Reason: "so"}, "leg", l.now)
	}
	l.over()
}
