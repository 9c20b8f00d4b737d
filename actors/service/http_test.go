package service

import "testing"

// A host is listed with its port, or means the usual one.
func TestHTTPHostsAreLive(t *testing.T) {
	for _, c := range []struct {
		hosts []string
		url   string
		want  bool
	}{
		{nil, "http://a.example/", false},
		{[]string{"a.example"}, "http://a.example/", true},
		{[]string{"a.example"}, "http://A.example:80/", true},
		{[]string{"a.example"}, "https://a.example/", true},
		{[]string{"a.example"}, "https://a.example:80/", false},
		{[]string{"a.example"}, "http://a.example:8080/", false},
		{[]string{"a.example"}, "http://b.a.example/", false},
		{[]string{"a.example:8080"}, "http://a.example:8080/", true},
		{[]string{"a.example:8080"}, "http://a.example/", false},
		{[]string{"::1"}, "http://[::1]/", true},
		{[]string{"[::1]:81"}, "http://[::1]:81/", true},
	} {
		r, err := httpRequest(t.Context(), c.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := listed(c.hosts, r.URL); got != c.want {
			t.Errorf("%s with %v: %v", c.url, c.hosts, got)
		}
	}
}
