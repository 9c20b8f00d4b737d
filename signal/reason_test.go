package signal

import "testing"

func TestReasons(t *testing.T) {
	for field, want := range map[string]struct {
		again  string
		status int // of the first
	}{
		`SIP;cause=200;text="Call completed elsewhere"`:       {`SIP;cause=200;text="Call completed elsewhere"`, 200},
		`Q.850;cause=17;text="User, busy", SIP ; cause = 486`: {`Q.850;cause=17;text="User, busy", SIP;cause=486`, 486},
		` q.850 ; CAUSE=16 ; location=x`:                      {`Q.850;cause=16`, 200},
		`Q.850;cause=255`:                                     {`Q.850;cause=255`, 0},
		`SIP;cause=180`:                                       {`SIP;cause=180`, 0},
		`SIP;text="say \"no\" \\ \x00"`:                       {`SIP;text="say no  x00"`, 0},
		`SIP;text=gone`:                                       {`SIP;text="gone"`, 0},
		`SIP`:                                                 {"", 0},
		`SIP;cause=x, SIP;cause=4294967296, X;cause=1, , ;cause=1, SIP;`: {"", 0},
		`SIP;cause=1,SIP;cause=2,SIP;cause=3,SIP;cause=4,SIP;cause=5`:    {`SIP;cause=1, SIP;cause=2, SIP;cause=3, SIP;cause=4`, 0},
		`SIP;cause=1;text="open, SIP;cause=2`:                            {`SIP;cause=1;text="open, SIP;cause=2"`, 0},
		``:                                                               {"", 0},
	} {
		reasons := ReadReasons([]string{field})
		if got := ReasonField(reasons); got != want.again {
			t.Errorf("%q becomes %q, want %q", field, got, want.again)
		}
		if len(reasons) > 0 && reasons[0].Status() != want.status {
			t.Errorf("%q means %d, want %d", field, reasons[0].Status(), want.status)
		}
	}
}

func FuzzReasons(f *testing.F) {
	f.Add(`SIP;cause=200;text="Call completed elsewhere", Q.850;cause=16`)
	f.Add(`SIP;text="\`)
	f.Fuzz(func(t *testing.T, field string) {
		once := ReasonField(ReadReasons([]string{field}))
		if twice := ReasonField(ReadReasons([]string{once})); twice != once {
			t.Errorf("%q becomes %q, and that %q", field, once, twice)
		}
	})
}
