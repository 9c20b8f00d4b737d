package dialoginfo

import (
	"encoding/xml"
	"testing"
)

// What is written can be read, whatever the name of the account.
func TestDocument(t *testing.T) {
	text := Document{Entity: `sip:"<a&b>@t.local`, Version: 7, Calls: []Call{{"1", true, Early}, {"2", false, Confirmed}}}.String()
	var got struct {
		XMLName xml.Name `xml:"urn:ietf:params:xml:ns:dialog-info dialog-info"`
		Version string   `xml:"version,attr"`
		State   string   `xml:"state,attr"`
		Entity  string   `xml:"entity,attr"`
		Dialogs []struct {
			ID        string `xml:"id,attr"`
			Direction string `xml:"direction,attr"`
			State     string `xml:"state"`
		} `xml:"dialog"`
	}
	if err := xml.Unmarshal([]byte(text), &got); err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	if got.Version != "7" || got.State != "full" || got.Entity != `sip:"<a&b>@t.local` || len(got.Dialogs) != 2 {
		t.Errorf("read: %+v", got)
	}
	if d := got.Dialogs; d[0].ID != "1" || d[0].Direction != "recipient" || d[0].State != "early" ||
		d[1].ID != "2" || d[1].Direction != "initiator" || d[1].State != "confirmed" {
		t.Errorf("read: %+v", d)
	}
}
