package actors

import (
	"crypto/md5"
	"net"
	"slices"
	"testing"
)

// radiusServer lets nemo in, whatever he says, and nobody else; it takes all accounts. secret signs its answers.
func radiusServer(t *testing.T, secret string) (address string, asked func() []byte) {
	t.Helper()
	server, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	requests := make(chan []byte, 100)
	go func() {
		buffer := make([]byte, 4096)
		for {
			n, from, err := server.ReadFromUDP(buffer)
			if err != nil {
				return
			}
			b := slices.Clone(buffer[:n])
			requests <- b
			code, attributes := byte(3), []byte{18, 5, 'n', 'o', '!'}
			switch {
			case b[0] == 4:
				code, attributes = 5, nil
			case slices.Contains(fieldsOf(b, 1), "nemo"):
				code = 2
				attributes = []byte{27, 6, 0, 0, 0, 60, 8, 6, 10, 0, 0, 1, 18, 4, 'h', 'i', 18, 4, 'y', 'o', 26, 10, 0, 0, 0, 9, 1, 4, 'v', 'w', 25, 3, 0xff}
			}
			answer := append([]byte{code, b[1], 0, byte(20 + len(attributes))}, b[4:20]...)
			answer = append(answer, attributes...)
			sum := md5.Sum(append(slices.Clone(answer), secret...))
			copy(answer[4:], sum[:])
			_, _ = server.WriteToUDP(answer, from)
		}
	}()
	return server.LocalAddr().String(), func() []byte { return <-requests }
}

// fieldsOf are the values of one attribute of a packet.
func fieldsOf(packet []byte, kind byte) (values []string) {
	for b := packet[20:]; len(b) > 1; b = b[b[1]:] {
		if b[0] == kind {
			values = append(values, string(b[2:b[1]]))
		}
	}
	return values
}

func TestServiceRADIUSCall(t *testing.T) {
	address, asked := radiusServer(t, "s3cret")
	c := settingsOf(t.TempDir())
	c.Tasks.RADIUSHosts = []string{address}
	h := start(t, c)
	story(t, h, [][2]string{
		{`alice RADIUSCall ("` + address + `",{Type=authenticate;Secret=s3cret;Username=nemo;Password=x;"31"="+4989";"-9"={"1"=(a,b);};})`,
			`{27=#60;8=#I[10.0.0.1];18=(hi,yo);"-9"={1=vw;};25=[/w==];}`},
		{`alice RADIUSCall (#I[` + address[:len("127.0.0.1")] + `]:` + address[len("127.0.0.1:"):] + `,{Type=authenticate;Secret=s3cret;Username=other;})`, `"no!"`},
		{`alice RADIUSCall ("` + address + `",{Type=accountingStop;Secret=s3cret;Username=nemo;"46"=#90;})`, `{}`},
		{`alice RADIUSCall ("` + address + `",{Type=authenticate;Secret=wrong;Username=nemo;Retries=#1;Timeout=#1;})`, `"radius: the server does not answer"`},
		{`alice RADIUSCall ("127.0.0.1",{Type=authenticate;Secret=x;})`, `"server 127.0.0.1:1812 is not among*`},
		{`alice RADIUSCall ("127.0.0.1",{Type=accountingStart;Secret=x;})`, `"server 127.0.0.1:1813 is not among*`},
		{`alice RADIUSCall ("localhost",{Type=authenticate;Secret=x;})`, `"illegal parameter"`},
		{`alice RADIUSCall ("` + address + `",{Type=guess;Secret=x;})`, `"illegal parameter"`},
		{`alice RADIUSCall ("` + address + `",{Type=authenticate;})`, `"illegal parameter"`},
		{`alice RADIUSCall ("` + address + `",{Type=authenticate;Secret=x;"256"=a;})`, `"illegal parameter"`},
		{`alice RADIUSCall ("` + address + `",{Type=authenticate;Secret=x;"-9"={"0"=a;};})`, `"illegal parameter"`},
		{`alice RADIUSCall ("` + address + `",{Type=authenticate;Secret=x;"31"={a=b;};})`, `"illegal parameter"`},
		{`alice RADIUSCall ("` + address + `",#NULL#)`, `"illegal parameter"`},
		{`nobody RADIUSCall ("` + address + `",{Type=authenticate;Secret=s3cret;Username=nemo;})`, `"access denied"`},
	})
	first := asked()
	if got := fieldsOf(first, 31); !slices.Equal(got, []string{"+4989"}) {
		t.Errorf("attribute 31 is %q", got)
	}
	if got := fieldsOf(first, 26); !slices.Equal(got, []string{"\x00\x00\x00\x09\x01\x03a", "\x00\x00\x00\x09\x01\x03b"}) {
		t.Errorf("those of a vendor are %q", got)
	}
	if got := fieldsOf(first, 2); len(got) != 1 || len(got[0]) != 16 || got[0][0] == 'x' {
		t.Errorf("the password travels as %q", got)
	}
	asked()
	if got := fieldsOf(asked(), 40); !slices.Equal(got, []string{"\x00\x00\x00\x02"}) {
		t.Errorf("the accounting is of kind %q", got)
	}
}
