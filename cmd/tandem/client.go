package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	defaultPort = 8010             // HTTP port of a member
	tokenFile   = "control.token"  // in the member's data directory
	callTime    = 10 * time.Second // longest wait for an answer
	maxAnswer   = 64 << 20         // bytes of one
)

// client speaks REST with one member.
type client struct {
	base  string
	token string
	http  *http.Client
}

// client finds the member: by --server, else the one whose data directory is at hand.
func (a *app) client() (*client, error) {
	home := a.memberHome()
	base := a.server
	if base == "" {
		base = memberURL(home)
	}
	u, err := url.Parse(base)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, usage("--server %q is no URL like http://127.0.0.1:8010", base)
	}
	if a.server == "" && u.Port() == "0" {
		return nil, &failure{codeUnreachable, errors.New("the member has no web listener, by which verbs ask it (http.port is -1): " +
			"ask another member, or start this one again with --set http.port=" + strconv.Itoa(defaultPort))}
	}
	token := a.token
	if token == "" && onLoopback(u.Hostname()) { // it is not for strangers
		token = readToken(home)
	}
	return &client{base: strings.TrimSuffix(base, "/"), token: token,
		http: &http.Client{Timeout: callTime}}, nil
}

// memberHome is the directory of the local member: that of --data or of tandem dev, or below it that of its first
// member that runs.
func (a *app) memberHome() string {
	dir := a.data
	if dir == "" {
		dir = os.Getenv("TANDEM_MEMBER__DATA")
	}
	if dir == "" {
		dir = devData()
	}
	stopped := ""
	for _, home := range memberHomes(dir) {
		switch {
		case exists(filepath.Join(home, portsFile)):
			return home
		case stopped == "" && exists(filepath.Join(home, tokenFile)):
			stopped = home
		}
	}
	if stopped != "" && !exists(filepath.Join(dir, tokenFile)) {
		return stopped
	}
	return dir
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// memberURL is where the member says that its web listener is; without that the port of its ports file on this
// machine, or the usual one.
func memberURL(home string) string {
	if text, err := os.ReadFile(filepath.Join(home, urlFile)); err == nil {
		return strings.TrimSpace(string(text))
	}
	return "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(httpPort(home)))
}

// httpPort is the port that the member wrote into its ports file, or the usual one.
func httpPort(home string) int {
	ports, err := readPorts(filepath.Join(home, portsFile))
	if err != nil {
		return defaultPort
	}
	for _, member := range ports {
		if port := member["http"]; port != 0 {
			return port
		}
	}
	return defaultPort
}

func readToken(home string) string {
	text, err := os.ReadFile(filepath.Join(home, tokenFile))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

func onLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// get asks for path.
func (c *client) get(ctx context.Context, path string, query url.Values) ([]byte, error) {
	return c.call(ctx, http.MethodGet, path, query, nil)
}

// call makes one request and returns the body of the answer. A refusal is an error with the
// member's own words.
func (c *client) call(ctx context.Context, method, path string, query url.Values, body any) ([]byte, error) {
	address := c.base + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, address, content)
	if err != nil {
		return nil, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := c.http.Do(r)
	if err != nil {
		return nil, c.unreachable(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, c.unreachable(err)
	}
	if res.StatusCode/100 != 2 {
		return nil, c.refusal(res, text)
	}
	return text, nil
}

// unreachable says that no member answered, and what to do.
func (c *client) unreachable(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // without the URL, which stands in front already
	}
	return &failure{codeUnreachable, fmt.Errorf("no member answers at %s (%w): "+
		"start one with `tandem dev` or `tandem serve`, or name it with --server", c.base, err)}
}

// refusal is the member's refusal in its own words.
func (c *client) refusal(res *http.Response, body []byte) error {
	var answer struct {
		Error struct{ Code, Message string }
	}
	if json.Unmarshal(body, &answer) != nil || answer.Error.Message == "" {
		return fmt.Errorf("%s answered %s, which no member does: is it one?", c.base, res.Status)
	}
	if res.StatusCode == http.StatusUnauthorized && c.token == "" {
		return fmt.Errorf("%s (no control token was found: give --data or --token)", answer.Error.Message)
	}
	return errors.New(answer.Error.Message)
}

// path joins parts, each escaped, below the REST root.
func path(parts ...string) string {
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return "/api/v1/" + strings.Join(parts, "/")
}
