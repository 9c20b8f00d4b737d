package actors

import (
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tandem/actors/acttest"
	"tandem/actors/pbx/task"
	"tandem/actors/service"
	"tandem/actors/store"
	"tandem/signal"
	"tandem/ximss/object"
)

// Who speaks in stories: alice and bob are users, admin an administrator of everything, dora has rights in her
// domain, eve may act for others there, and nobody is what a Task is that cleared its account.
var speakers = map[string]string{"alice": "1000@tandem.local", "bob": "1001@tandem.local", "admin": "admin@tandem.local",
	"dora": "dora@tandem.local", "eve": "eve@tandem.local", "nobody": ""}

// taskServices are what the house does for Tasks.
func taskServices(h *House) map[string]task.Service { return h.newServices().Functions() }

// serve calls a service as a Task of a speaker would.
func serve(t *testing.T, h *House, services map[string]task.Service, who, name string, args ...object.Value) object.Value {
	t.Helper()
	account, ok := speakers[who]
	s, known := services[strings.ToLower(name)]
	if !ok || !known {
		t.Fatalf("%s %s: nobody or nothing of that name", who, name)
	}
	ctx := t.Context()
	if s.Quick {
		ctx = nil // as the Task does: what is quick must not wait
	}
	return s.Run(ctx, task.Caller{Task: "t", Program: "story", Account: account, Domain: signal.AOR(account).Domain(), Owner: account,
		Party: "sip:caller@tandem.local"}, args)
}

// story runs lines "who Function (arguments)" and compares what each gives with the text form that is wanted;
// one that ends in "*" need only begin so.
func story(t *testing.T, h *House, lines [][2]string) {
	t.Helper()
	services := taskServices(h)
	for _, line := range lines {
		who, call, _ := strings.Cut(line[0], " ")
		name, text, _ := strings.Cut(call, " ")
		v, err := object.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", line[0], err)
		}
		got := object.Format(serve(t, h, services, who, name, v.Array().Items()...))
		if begin, open := strings.CutSuffix(line[1], "*"); got != line[1] && !(open && strings.HasPrefix(got, begin)) {
			t.Errorf("%s\n gives %s\n  want %s", line[0], got, line[1])
		}
	}
}

// storyHouse is a member with dora and the things that stories speak of.
func storyHouse(t *testing.T) *House {
	t.Helper()
	h := start(t, settingsOf(t.TempDir()))
	for _, line := range []string{
		`CREATEACCOUNT dora {Password="secret1";}`,
		`SETACCOUNTRIGHTS dora (BasicSettings, CanImpersonate, CanCreateGroups, CanCreateTelnums, SignalRulesAllowed, UserAccounts)`,
		`CREATEACCOUNT eve {Password="secret1";}`,
		`SETACCOUNTRIGHTS eve (CanImpersonate)`,
		`CREATEGROUP agents {Members=(1000,"1001@tandem.local",out);}`,
		`SETACCOUNTTELNUMS 1000 ("+49891234","+49895678")`,
		`CREATEFORWARDER boss TO "1000@tandem.local"`,
		`SETACCOUNTALIASES 1001 (bobby)`,
		`CREATEDOMAIN other.example`,
		`CREATEACCOUNT "zoe@other.example" {Password="secret1";}`,
		`UPDATEDOMAINSETTINGS tandem.local {PreferenceDefaults={Layout=plain;Language=english;};}`,
	} {
		if _, _, f := h.ExecuteLine(t.Context(), "admin@tandem.local", line); f != nil {
			t.Fatalf("%s: %v", line, f)
		}
	}
	return h
}

// Every function that a Task asks the platform for is there.
func TestEveryServiceIsThere(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	services := taskServices(h)
	for _, name := range append(task.Services(), "MayImpersonate", "CallToAttend") {
		if services[strings.ToLower(name)].Run == nil {
			t.Errorf("nobody serves %s", name)
		}
	}
}

func TestServicesOfAccounts(t *testing.T) {
	h := storyHouse(t)
	story(t, h, [][2]string{
		{`alice GetAccountPreferences ("Layout")`, `plain`},
		{`alice SetAccountPreferences ("fancy","Layout")`, `#null#`},
		{`alice GetAccountPreferences ("layout")`, `fancy`},
		{`alice SetAccountPreferences ({Language=german;Own=(1,2);},"")`, `#null#`},
		{`alice GetAccountPreferences ("")`, `{Layout=fancy;Language=german;Own=(1,2);}`},
		{`alice SetAccountPreferences (#NULL#,"Layout")`, `#null#`},
		{`alice GetAccountPreferences ("Layout")`, `plain`},
		{`alice SetAccountPreferences ("x",#NULL#)`, `"illegal parameter"`},
		{`alice SetAccountPreferences ("x","~bobby/Language")`, `"access denied"`},
		{`alice GetAccountPreferences ("~1001/Layout")`, `#null#`},
		{`alice GetAccountPreferences ("~1000/Language")`, `german`},
		{`dora SetAccountPreferences ("french","~bobby/Language")`, `#null#`},
		{`dora GetAccountPreferences ("~1001/Language")`, `french`},
		{`dora SetAccountPreferences ("x","~noone/Language")`, `"unknown user account"`},
		{`alice SetAccountPreferences ("x","~noone/Language")`, `"access denied"`},
		{`dora SetAccountPreferences ("x","~zoe@other.example/Language")`, `"access denied"`},
		{`admin SetAccountPreferences ("x","~zoe@other.example/Language")`, `#null#`},
		{`dora SetAccountPreferences ("x","~admin/Language")`, `"access denied"`},
		{`eve GetAccountPreferences ("~1001/Language")`, `french`},
		{`eve GetAccountPreferences ("~admin/Language")`, `#null#`},
		{`eve ReadGroupMembers ("agents")`, `#null#`},
		{`nobody GetAccountPreferences ("Layout")`, `#null#`},
		{`nobody SetAccountPreferences ("x","Layout")`, `"unknown user account"`},

		{`dora ReadGroupMembers ("agents")`, `(1000,"1001@tandem.local",out)`},
		{`dora ReadGroupMembers ("agents@tandem.local")`, `(1000,"1001@tandem.local",out)`},
		{`dora ReadGroupMembers ("none")`, `#null#`},
		{`alice ReadGroupMembers ("agents")`, `#null#`},
		{`dora ReadTelnums ("1000")`, `("+49891234","+49895678")`},
		{`alice ReadTelnums ()`, `("+49891234","+49895678")`},
		{`bob ReadTelnums ("1000")`, `#null#`},
		{`bob ReadTelnums (#NULL#)`, `()`},

		{`alice MayImpersonate ("1000@tandem.local")`, `YES`},
		{`alice MayImpersonate ("1001@tandem.local")`, `#null#`},
		{`dora MayImpersonate ("bobby@tandem.local")`, `YES`},
		{`dora MayImpersonate ("zoe@other.example")`, `#null#`},
		{`dora MayImpersonate ("admin@tandem.local")`, `#null#`},
		{`dora MayImpersonate ("noone@tandem.local")`, `#null#`},
		{`admin MayImpersonate ("zoe@other.example")`, `YES`},
		{`nobody MayImpersonate ("1000@tandem.local")`, `#null#`},

		{`alice UpdateAccountSignalRule ((#100005,mine,((RequestURI,is,"1000@*")),(("Reject with","486 Busy")),note))`, `#null#`},
		{`alice UpdateAccountSignalRule ((#305,mine))`, `#null#`},
		{`alice UpdateAccountSignalRule ((#305,theirs))`, `"there is no rule \"theirs\""`},
		{`alice UpdateAccountSignalRule ((#100005,bad,(),((Explode,now))))`, `"*`},
		{`alice UpdateAccountSignalRule (#7)`, `"illegal parameter"`},
		{`alice UpdateAccountSignalRule ("mine","1001")`, `"access denied"`},
		{`dora UpdateAccountSignalRule ("mine","1000")`, `#null#`},
		{`alice UpdateAccountMailRule ((#5,mine))`, `"there are no mail rules*`},

		{`alice ExecuteCLI ("GETACCOUNTTELNUMS *")`, `(#NULL#,("+49891234","+49895678"))`},
		{`alice ExecuteCLI ("GETACCOUNTTELNUMS 1001")`, `("access denied",#NULL#)`},
		{`alice ExecuteCLI ("NOSUCH")`, `("unknown command",#NULL#)`},
		{`alice ExecuteCLI ("SHUTDOWN")`, `("access denied",#NULL#)`},
		{`nobody ExecuteCLI ("NOOP")`, `"unknown user account"`},
		{`alice DirectorySearch (a,b,c)`, `"there is no directory to search"`},
	})
	if r, _ := h.directory.Record("1000@tandem.local"); len(r.SignalRules) != 0 {
		t.Errorf("rules are left: %v", r.SignalRules)
	}
}

func TestServicesOfDatasets(t *testing.T) {
	story(t, storyHouse(t), [][2]string{
		{`alice DatasetList (calls,#NULL#,#NULL#)`, `"data set does not exist"`},
		{`alice DatasetCreate (calls)`, `#null#`},
		{`alice DatasetCreate (calls)`, `"data set already exists"`},
		{`alice DatasetSet (calls,one,{city=Rome;},#NULL#)`, `#null#`},
		{`alice DatasetSet (calls,two,{city=Oslo;},#NULL#)`, `#null#`},
		{`alice DatasetSet (calls,two,"text",#NULL#)`, `"illegal parameter"`},
		{`alice DatasetSet (none,two,{a=b;},#NULL#)`, `"data set does not exist"`},
		{`alice DatasetList (calls,#NULL#,#NULL#)`, `{one={city=Rome;};two={city=Oslo;};}`},
		{`alice DatasetList (calls,city,Oslo)`, `{two={city=Oslo;};}`},
		{`bob DatasetList (calls,#NULL#,#NULL#)`, `"data set does not exist"`},
		{`alice DatasetDelete (calls,three,#NULL#)`, `"data set entry does not exist"`},
		{`alice DatasetDelete (calls,three,"YES")`, `#null#`},
		{`alice DatasetDelete (calls,two,#NULL#)`, `#null#`},
		{`alice DatasetRemove (calls,#NULL#)`, `#null#`},
		{`alice DatasetRemove (calls,#NULL#)`, `"data set does not exist"`},
		{`alice DatasetRemove (calls,"YES")`, `#null#`},
		{`nobody DatasetCreate (calls)`, `"unknown user account"`},

		{`alice ReadRoster ()`, `{}`},
		{`alice SetRoster ({peer="1001";what=subBoth;data={RealName=Bob;Inp=Blocked;};})`, `#null#`},
		{`alice ReadRoster ()`, `{"1001@tandem.local"={RealName=Bob;Inp=YES;Out=Pending;};}`},
		{`alice SetRoster ({peer="1001";what=unsubscribed;})`, `#null#`},
		{`dora ReadRoster ("1000")`, `{"1001@tandem.local"={RealName=Bob;Out=Pending;};}`},
		{`alice SetRoster ({peer="1001";what=remove;})`, `#null#`},
		{`alice SetRoster ({peer="1001";what=remove;})`, `#null#`},
		{`alice ReadRoster ()`, `{}`},
		{`alice SetRoster ({peer="1001";what=hug;})`, `"illegal parameter"`},
		{`alice SetRoster ({what=update;})`, `"illegal parameter"`},
		{`bob SetRoster ({peer=x;what=update;},"1000")`, `"access denied"`},
		{`bob ReadRoster ("1000")`, `"access denied"`},
	})
}

func TestServiceOfBalances(t *testing.T) {
	h := storyHouse(t)
	story(t, h, [][2]string{
		{`alice DoBalance ({op=read;},#NULL#)`, `"balance does not exist"`},
		{`alice DoBalance ({op=credit;amount=#100;},#NULL#)`, `"access denied"`},
		{`dora DoBalance ({op=credit;amount=#100;reference=ref1;},"1000")`, `{amount=#100;free=#100;}`},
		{`dora DoBalance ({op=credit;amount=#-1;},"1000")`, `"amount must be a number that is not negative"`},
		{`dora DoBalance ({op=credit;amount=#` + strconv.Itoa(math.MaxInt64) + `;},"1000")`, `"amount must be*`},
		{`alice DoBalance ({op=reserve;amount=#40;reserve=call1;},#NULL#)`, `{amount=#100;free=#60;reserve=call1;}`},
		{`alice DoBalance ({op=reserve;amount=#61;},#NULL#)`, `"insufficient funds"`},
		{`alice DoBalance ({op=charge;amount=#61;},#NULL#)`, `"insufficient funds"`},
		{`alice DoBalance ({op=reserve;amount=#10;reserve=call1;},#NULL#)`, `{amount=#100;free=#50;reserve=call1;}`},
		{`alice DoBalance ({op=charge;amount=#45;reserve=call1;},#NULL#)`, `{amount=#55;free=#55;}`},
		{`alice DoBalance ({op=charge;amount=#1;reserve=call1;},#NULL#)`, `"reservation does not exist"`},
		{`alice DoBalance ({op=reserve;amount=#5;reserve=call2;},#NULL#)`, `{amount=#55;free=#50;reserve=call2;}`},
		{`alice DoBalance ({op=release;reserve=call2;},#NULL#)`, `{amount=#55;free=#55;}`},
		{`alice DoBalance ({op=release;reserve=call2;},#NULL#)`, `"reservation does not exist"`},
		{`alice DoBalance ({op=reserve;amount=#5;expires=#T01-01-2020;},#NULL#)`, `{amount=#55;*`},
		{`alice DoBalance ({op=read;},#NULL#)`, `{amount=#55;free=#55;}`},
		{`alice DoBalance ({op=list;},#NULL#)`, `{balance=("");}`},
		{`dora DoBalance ({op=credit;balance=second;amount="7";},"1000")`, `{amount=#7;free=#7;}`},
		{`alice DoBalance ({op=readAll;},#NULL#)`, `{balance={""={amount=#55;free=#55;};second={amount=#7;free=#7;};};}`},
		{`alice DoBalance ({op=history;limit=#1;},#NULL#)`, `{history=({time=#T*`},
		{`alice DoBalance ({op=remove;balance=second;},#NULL#)`, `"access denied"`},
		{`dora DoBalance ({op=remove;balance=second;},"1000")`, `{amount=#7;free=#7;}`},
		{`bob DoBalance ({op=read;},"1000")`, `"access denied"`},
		{`alice DoBalance ({op=steal;},#NULL#)`, `"illegal parameter"`},
		{`alice DoBalance (#NULL#,#NULL#)`, `"illegal parameter"`},
		{`nobody DoBalance ({op=read;},#NULL#)`, `"unknown user account"`},
	})
	// Who gets a name that somebody had before does not get the money too.
	for _, line := range []string{"DELETEACCOUNT 1000", `CREATEACCOUNT 1000 {Password="secret1";}`} {
		if _, _, f := h.ExecuteLine(t.Context(), "admin@tandem.local", line); f != nil {
			t.Fatalf("%s: %v", line, f)
		}
	}
	story(t, h, [][2]string{{`alice DoBalance ({op=list;},#NULL#)`, `{balance=();}`}})
}

func TestServicesOfRoutes(t *testing.T) {
	story(t, storyHouse(t), [][2]string{
		{`alice RouteAddress ("boss",signal)`, `{module=LOCAL;host="tandem.local";object="1000@tandem.local";}`},
		{`alice RouteAddress ("9196",access)`, `{module=APPLICATION;host=echo;object=9196;}`},
		{`alice RouteAddress ("x@elsewhere.example",signal)`, `{module=SIP;host="elsewhere.example";object="sip:x@elsewhere.example";}`},
		{`alice RouteAddress ("noone",signal)`, `"unknown user account"`},
		{`alice RouteAddress ("boss",mail)`, `"there is no mail here*`},
		{`alice RouteAddress ("boss",other)`, `"illegal parameter"`},
		{`alice RouteAddress ("a\" SHUTDOWN \"",signal)`, `"*`},
		{`alice RouteLocalURI ("sip:boss@tandem.local")`, `"1000@tandem.local"`},
		{`alice RouteLocalURI ("bobby")`, `"1001@tandem.local"`},
		{`alice RouteLocalURI ("sip:+49891234@tandem.local")`, `"1000@tandem.local"`},
		{`alice RouteLocalURI ("tel:+49-89-1234")`, `"1000@tandem.local"`},
		{`alice RouteLocalURI ("sip:9196@tandem.local")`, `#null#`},
		{`alice RouteLocalURI ("sip:1000@elsewhere.example")`, `#null#`},
		{`alice RouteLocalURI ("no address <>")`, `#null#`},
		{`alice RouteLocalURI (#NULL#)`, `#null#`},
		{`alice RouteENUM (sip,"no number","e164.arpa")`, `"enum: the text is no telephone number"`},
		{`alice RouteENUM (sip,"+4989",".bad")`, `"enum: the domain is no domain name"`},
	})
}

func TestServicesOfStatistics(t *testing.T) {
	h := storyHouse(t)
	story(t, h, [][2]string{
		{`alice Statistics (mine,#NULL#,#0)`, `"unknown statistics element"`},
		{`alice Statistics (mine,inc,#2)`, `#2`},
		{`alice Statistics (mine,INC,"3")`, `#5`},
		{`alice Statistics (mine,set,#-1)`, `#-1`},
		{`bob Statistics (mine,#NULL#,#NULL#)`, `#-1`},
		{`bob Statistics (mine,add,#1)`, `"illegal parameter"`},
		{`bob Statistics (mine,set,x)`, `"illegal parameter"`},
		{`bob Statistics ("bad name",inc,#1)`, `"a custom element has*`},
	})
	_, _, f := h.ExecuteLine(t.Context(), "admin@tandem.local", "GETNEXTSTATNAME \"\"")
	if f != nil {
		t.Fatal(f)
	}
	v, _, _ := h.ExecuteLine(t.Context(), "admin@tandem.local", "GETNEXTSTATNAME \"\"")
	story(t, h, [][2]string{{`alice Statistics ("` + v.Text() + `",inc,#1)`, `"only custom elements can be changed"`}})

	long := strings.Repeat("x", 2*4096)
	services := taskServices(h)
	for _, text := range []string{"ivr 1.0 ok", "two\r\nlines\x00", long} {
		if v := serve(t, h, services, "alice", "StoreCDR", object.String(text)); !v.IsNull() {
			t.Errorf("StoreCDR gives %s", object.Format(v))
		}
	}
	var got []string
	acttest.Until(t, "the records are in the journal", func() bool {
		got = nil
		err := h.store.Journal().Tail(t.Context(), 10, func(f store.Fact) bool { return f.Kind == service.FactCDR }, func(f store.Fact) bool {
			got = append(got, f.Subject+" "+string(f.Body))
			return true
		})
		return err == nil && len(got) == 3
	})
	want := []string{"1000@tandem.local APP ivr 1.0 ok", "1000@tandem.local APP two  lines",
		"1000@tandem.local " + ("APP " + long)[:4096]}
	if !slices.Equal(got, want) {
		t.Errorf("the journal has %.200q", got)
	}
}

// ReadCallInfo shows the dialogs of an account, and when they were answered.
func TestServiceReadCallInfo(t *testing.T) {
	h := storyHouse(t)
	story(t, h, [][2]string{{`alice ReadCallInfo ()`, `{}`}})
	p := newPhone(t, h)
	k := p.answered(p.dial("a", "9196"))
	services := taskServices(h)
	var account string
	for _, l := range h.legs.Live() {
		account = l.Record.Account
	}
	if account != "" {
		t.Fatalf("the leg belongs to %q: the phone has not proved anything", account)
	}
	legs := h.legs.Live()
	legs[0].Record.Account = speakers["alice"]
	v := serve(t, h, services, "dora", "ReadCallInfo", object.String("1000"))
	about := v.Dictionary().At(0).Dictionary().Get("").Dictionary()
	if v.Dictionary().Len() != 1 || about.Get("connected").IsNull() {
		t.Errorf("it shows %s", object.Format(v))
	}
	story(t, h, [][2]string{{`bob ReadCallInfo ("1000")`, `#null#`}, {`bob ReadCallInfo ()`, `{}`}})
	p.bye(k)
}

// server is an HTTP server that says what it was asked, and whose name with port is listed for programs.
func server(t *testing.T) (h *House, url string, asked *[]*http.Request) {
	t.Helper()
	var requests []*http.Request
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests = append(requests, r)
		switch r.URL.Path {
		case "/text":
			w.Header().Set("X-Answer", "42")
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = w.Write([]byte(r.Method + " " + r.URL.RawQuery + " " + r.Header.Get("Content-Type") + " " + r.Header.Get("X-Mine")))
		case "/xml":
			w.Header().Set("Content-Type", "text/xml")
			_, _ = w.Write([]byte(`<?xml version="1.0"?><a b="c"/>`))
		case "/json":
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"a":1}`))
		case "/long":
			_, _ = w.Write(make([]byte, 1<<20+1))
		case "/most":
			_, _ = w.Write(make([]byte, 1<<20))
		case "/here":
			http.Redirect(w, r, "/text", http.StatusFound)
		case "/ring":
			http.Redirect(w, r, "/ring", http.StatusFound)
		case "/away":
			http.Redirect(w, r, "http://127.0.0.1:1/secret", http.StatusFound)
		case "/slow":
			<-r.Context().Done()
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(web.Close)
	c := settingsOf(t.TempDir())
	c.Tasks.HTTPHosts = []string{strings.TrimPrefix(web.URL, "http://")}
	return start(t, c), web.URL, &requests
}

func TestServiceHTTPCall(t *testing.T) {
	h, u, asked := server(t)
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(u, "http://"))
	story(t, h, [][2]string{
		{`alice HTTPCall ("` + u + `/text",#NULL#)`, `{responseCode=#200;responseText=OK;body="GET   ";supplFields={*`},
		{`alice HTTPCall ("` + u + `/text",{body=hello;})`, `{responseCode=#200;responseText=OK;body="POST  text/plain ";*`},
		{`alice HTTPCall ("` + u + `/text",{method=put;body="{}";Content-Type=application;Content-Subtype=json;supplFields={X-Mine=yes;};})`,
			`{responseCode=#200;responseText=OK;body="PUT  application/json yes";*`},
		{`alice HTTPCall ("` + u + `/text?x=1",{urlParams={"a b"="c&d";};})`, `{responseCode=#200;responseText=OK;body="GET a+b=c%26d&x=1  ";*`},
		{`alice HTTPCall ("` + u + `/xml",#NULL#)`, `{responseCode=#200;responseText=OK;body=<a b="c"/>;*`},
		{`alice HTTPCall ("` + u + `/json",#NULL#)`, `{responseCode=#200;responseText=OK;body=[eyJhIjoxfQ==];*`},
		{`alice HTTPCall ("` + u + `/none",#NULL#)`, `{responseCode=#404;responseText="Not Found";*`},
		{`alice HTTPCall ("` + u + `/long",#NULL#)`, `"the response is longer than 1048576 bytes"`},
		{`alice HTTPCall ("` + u + `/here",#NULL#)`, `{responseCode=#200;*`},
		{`alice HTTPCall ("` + u + `/away",#NULL#)`, `{responseCode=#302;*`},
		{`alice HTTPCall ("` + u + `/ring",#NULL#)`, `{responseCode=#302;*`},
		{`alice HTTPCall ("` + u + `/slow",{timeout=#1;})`, `"the server did not answer in time"`},
		{`alice HTTPCall ("http://localhost:` + port + `/text",#NULL#)`, `"host \"localhost:` + port + `\" is not among*`},
		{`alice HTTPCall ("http://127.0.0.1/text",#NULL#)`, `"host \"127.0.0.1\" is not among*`},
		{`alice HTTPCall ("http://` + strings.TrimPrefix(u, "http://") + `@evil.example/",#NULL#)`, `"the URL is not one of http or https"`},
		{`alice HTTPCall ("file:///etc/passwd",#NULL#)`, `"the URL is not one of http or https"`},
		{`alice HTTPCall ("",#NULL#)`, `"the URL is not one of http or https"`},
		{`alice HTTPCall ("` + u + `/text",{method=TRACE;})`, `"illegal parameter"`},
		{`alice HTTPCall ("` + u + `/text",{method="GET / HTTP/1.1\r\nX: y";})`, `"illegal parameter"`},
		{`alice HTTPCall ("` + u + `/text",{supplFields={X="a\r\nY: b";};})`, `"a header field has a wrong name or value"`},
		{`alice HTTPCall ("` + u + `/text",{supplFields={"X: y\r\nZ"=b;};})`, `"a header field has a wrong name or value"`},
		{`alice HTTPCall ("` + u + `/text",{supplFields={host=evil.example;};})`, `"a header field has a wrong name or value"`},
		{`alice HTTPCall ("` + u + `/text",{body=x;Content-Type="a/b\r\nY: z";})`, `"a header field has a wrong name or value"`},
		{`nobody HTTPCall ("` + u + `/text",#NULL#)`, `"access denied"`},
	})
	services := taskServices(h)
	v := serve(t, h, services, "alice", "HTTPCall", object.String(u+"/most"), object.Null)
	if b, _ := v.Dictionary().Get("body").Bytes(); len(b) != 1<<20 {
		t.Errorf("of the longest body there are %d bytes", len(b))
	}
	before := len(*asked)
	d := object.NewDictionary()
	d.Set("body", object.Data(make([]byte, 1<<20+1)))
	if got := serve(t, h, services, "alice", "HTTPCall", object.String(u+"/text"), d.Value()).Text(); got != "the body is too long" {
		t.Errorf("too long a body gives %q", got)
	}
	if len(*asked) != before {
		t.Error("a refused call was made")
	}
}

func TestServicesOfMessages(t *testing.T) {
	h := storyHouse(t)
	p := newPhone(t, h)
	registerPhone(p, h, "1000@tandem.local", "first")
	story(t, h, [][2]string{
		{`bob SendInstantMessage (#NULL#,"1000","hello there")`, `#null#`},
	})
	m := p.await("MESSAGE ")
	if !strings.Contains(m, "hello there") || !strings.Contains(field(m, "From: "), "sip:1001@tandem.local") {
		t.Errorf("the phone got %s", m)
	}
	p.reply(m, "200 OK")
	story(t, h, [][2]string{
		{`dora SendInstantMessage ("bobby@tandem.local/desk","boss@tandem.local",{IMState=composing;})`, `#null#`},
	})
	m = p.await("MESSAGE ")
	if !strings.Contains(m, "<state>active</state>") || !strings.Contains(field(m, "From: "), "sip:1001@tandem.local") {
		t.Errorf("the phone got %s", m)
	}
	p.reply(m, "200 OK")
	story(t, h, [][2]string{
		{`bob SendInstantMessage ("1000@tandem.local","1000","x")`, `"access denied"`},
		{`bob SendInstantMessage ("admin@tandem.local","1000","x")`, `"access denied"`},
		{`bob SendInstantMessage ("in stance","1000","x")`, `"illegal parameter"`},
		{`bob SendInstantMessage (#NULL#,"x@elsewhere.example","x")`, `"the address is not of a domain that is served here"`},
		{`bob SendInstantMessage (#NULL#,"1000>\r\nX: y","x")`, `"illegal parameter"`},
		{`bob SendInstantMessage (#NULL#,"1000",{""=x;IMSubject="a\r\nX: y";})`, `"the message is too long*`},
		{`bob SendInstantMessage (#NULL#,"1000",{IMState=dancing;})`, `"the message is too long*`},
		{`bob SendInstantMessage (#NULL#,"1000",#NULL#)`, `"the message is too long*`},
		{`nobody SendInstantMessage (#NULL#,"1000","x")`, `"unknown user account"`},
		{`bob SendXMPPIQ (#NULL#,"1000",{type=cgp_presence;})`, `"XMPP is not supported"`},
		{`bob SendXMPPIQ (#NULL#,"1000",{type=get;})`, `"XMPP is not supported"`},
		{`bob SendCallRegister ({})`, `"registration at other servers is not supported"`},
		{`bob SendCallNotify ({Event=presence;})`, `"only the event message-summary is served"`},
		{`bob SendCallNotify ({Event="message-summary";""="sip:1000@tandem.local";})`, `"access denied"`},
		{`bob SendCallNotify ({Event="message-summary";""="sip:bobby@tandem.local";})`, `#null#`},

		{`bob SendEMail ("1001@tandem.local","Hi","1000@tandem.local",#NULL#,"text")`, `"message has no audio part"`},
		{`bob SendEMail ("1001@tandem.local","Hi","x@elsewhere.example",#NULL#,{Content-Type=audio;Content-Subtype=wav;body=[AAAA];})`,
			`"message has no local recipient"`},
		{`bob SendEMail ("1001@tandem.local","Hi","1000@tandem.local",#NULL#,({Content-Type=text;body=x;},{Content-Type=audio;body=[AAAA];}))`, `#null#`},
	})
	if fresh, _ := h.storage.Count("1000@tandem.local"); fresh != 1 {
		t.Errorf("alice has %d voice messages", fresh)
	}
	long := serve(t, h, taskServices(h), "bob", "SendInstantMessage", object.Null, object.String("1000"),
		object.String(strings.Repeat("x", 8193)))
	if long.Text() != "the message is too long, or of a form that is not known" {
		t.Errorf("too long a message gives %s", object.Format(long))
	}
	acttest.Until(t, "no signal lives", func() bool { return h.member.Alive("signal") == 0 })
}
