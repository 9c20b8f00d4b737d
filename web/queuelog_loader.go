package web

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// loaderRoutes are the addresses at which loaders written for QueueMetrics send their lines (reference queuelog.md 1.6).
var loaderRoutes = []string{"/jsonQLoaderApi.do", "/queuemetrics/jsonQLoaderApi.do"}

// loaderCommand is what such a loader says.
type loaderCommand struct {
	Command string `json:"commandId"` // checkHWM or insertRow
	Version string `json:"version"`
	Token   string `json:"token"` // name of the server, which is our partition
	Time    any    `json:"timeId"`
	Call    string `json:"callId"`
	Queue   string `json:"queue"`
	Agent   string `json:"agent"`
	Verb    string `json:"verb"`
	Data1   string `json:"data1"`
	Data2   string `json:"data2"`
	Data3   string `json:"data3"`
	Data4   string `json:"data4"`
	Data5   string `json:"data5"`
}

// loaderAnswer is what it is told.
type loaderAnswer struct {
	Command string `json:"commandId"`
	Status  string `json:"resultStatus"` // OK or KO
	Result  any    `json:"result"`       // the greatest time, or null; the reason of a refusal
	Token   string `json:"token"`
	Name    string `json:"name"`
}

var loaderNames = map[string]string{"checkHWM": "Check High WaterMark", "insertRow": "Insert Row"}

// alonePartition is that of a loader that names no server.
const alonePartition = "P001"

// loaderAPI answers a loader. It asks for the mark, and then sends what is not older, row by row; whatever goes wrong it
// asks for the mark again. So a row that is said twice behind one mark is there twice.
func (s *Server) loaderAPI(w http.ResponseWriter, r *http.Request) {
	var c loaderCommand
	by, err := s.loader(w, r)
	if err == nil {
		c, err = s.loaderCommand(r)
	}
	var taken Taken
	if err == nil {
		taken, err = s.obeyLoader(r, by, c)
	}
	a := loaderAnswer{Command: c.Command, Status: "OK", Token: c.Token, Name: loaderNames[c.Command]}
	status := http.StatusOK
	switch {
	case err != nil:
		e := s.explain(r, err)
		a.Status, a.Result, status = "KO", e.Message, e.Status
	case taken.Refusal != "":
		a.Status, a.Result, status = "KO", taken.Why, http.StatusConflict
		if taken.Refusal == "busy" || taken.Refusal == "unavailable" {
			status = http.StatusServiceUnavailable
		}
	case c.Command == "checkHWM" && taken.High > 0:
		a.Result = taken.High
	case c.Command == "insertRow":
		a.Result = taken.Lines
	}
	writeJSON(w, status, a)
}

// loaderCommand reads the field that has the command.
func (s *Server) loaderCommand(r *http.Request) (c loaderCommand, err error) {
	r.Body = http.MaxBytesReader(nil, r.Body, s.live.Load().maxBody)
	text := r.PostFormValue("COMMANDSTRING")
	if text == "" {
		return c, Invalid("the form field COMMANDSTRING is missing: it has the command as JSON")
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&c); err != nil {
		return c, Invalid("COMMANDSTRING is no command as JSON: %v", err)
	}
	return c, nil
}

func (s *Server) obeyLoader(r *http.Request, by Identity, c loaderCommand) (Taken, error) {
	logs := s.services.QueueLogs
	from := source(r).String() // two machines with one account are two loaders
	o := LineOffer{Partition: c.Token, Writer: "loader of " + by.Account, Run: by.Account + " " + from, Address: from, Version: clip(c.Version, 40)}
	if o.Partition == "" {
		o.Partition = alonePartition
	}
	switch c.Command {
	case "checkHWM":
		return logs.Mark(r.Context(), o)
	case "insertRow":
		line, err := c.line()
		if err != nil {
			return Taken{}, err
		}
		o.Text = []byte(line)
		return logs.Row(r.Context(), o)
	}
	return Taken{}, Invalid("commandId %q is not known: checkHWM and insertRow are", clip(c.Command, 40))
}

// line is the row as a file would have it: what is missing at its end is not written.
func (c loaderCommand) line() (string, error) {
	at := ""
	switch t := c.Time.(type) {
	case json.Number:
		at = t.String()
	case string:
		at = t
	}
	if n, err := strconv.ParseInt(at, 10, 64); err != nil || n <= 0 {
		return "", Invalid("timeId %s is no time in seconds since 1970", clip(at, 40))
	}
	if c.Verb == "" {
		return "", Invalid("a row needs a verb")
	}
	fields := []string{at, orNone(c.Call), orNone(c.Queue), orNone(c.Agent), c.Verb, c.Data1, c.Data2, c.Data3, c.Data4, c.Data5}
	for len(fields) > 6 && fields[len(fields)-1] == "" {
		fields = fields[:len(fields)-1]
	}
	text := strings.Join(fields, "|")
	if strings.ContainsAny(text, "\r\n") {
		return "", Invalid("a row has an end of line in it")
	}
	return text, nil
}

func orNone(name string) string {
	if name == "" {
		return "NONE"
	}
	return name
}

// loader says who loads.
func (s *Server) loader(w http.ResponseWriter, r *http.Request) (Identity, error) {
	if s.services.QueueLogs == nil {
		return Identity{}, NotFound("this member keeps no queue logs")
	}
	return s.program(w, r, roleLoader)
}
