package trust

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// JoinPath is where a member takes requests to join, by POST.
const JoinPath = "/cluster/join"

// mediaType is that of both bodies.
const mediaType = "application/octet-stream"

// Join makes this machine's member one of the cluster of the ticket's member, and puts its identity below its
// member.data. It tries until that one answers or ctx is over: ErrUnreachable. A refusal is final: ErrRefused, or
// what the other says.
//
// The request is kept beside until it is answered: a member that is killed meanwhile asks the same again, which
// takes no second use of the ticket.
func Join(ctx context.Context, ticket Ticket, member, data string) (*Identity, error) {
	return join(ctx, ticket, member, data, time.Now)
}

func join(ctx context.Context, ticket Ticket, member, data string, now func() time.Time) (*Identity, error) {
	if !nameLike(member) {
		return nil, badName(member)
	}
	if _, err := os.Stat(Dir(data)); err == nil {
		return nil, fmt.Errorf("%s is there already: this member belongs to a cluster", Dir(data))
	}
	p, err := preparePending(data, ticket.keys(), member)
	if err != nil {
		return nil, fmt.Errorf("join: %w", err)
	}
	text, err := post(ctx, ticket, p.request)
	if err != nil {
		return nil, err
	}
	j, err := parseJoined(text, ticket.keys(), p.asked, p.key)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(filepath.Join(p.dir, fileRequest)); err != nil {
		return nil, err
	}
	if err := j.authority.fill(p.dir, data, holder{j.cert, p.key}, j.neighbours); err != nil {
		return nil, err
	}
	return open(data, now)
}

// pending is a join that is under way.
type pending struct {
	dir     string
	key     *ecdsa.PrivateKey
	request []byte
	asked   joinRequest
}

// preparePending takes up the join that an earlier start has begun with the same ticket and name, or begins one.
func preparePending(data string, k keys, member string) (*pending, error) {
	p := &pending{dir: filepath.Join(data, folder+".joining")}
	if p.resume(k, member) {
		return p, nil
	}
	if _, err := draft(data, "joining"); err != nil {
		return nil, err
	}
	var err error
	if p.key, err = newKey(); err != nil {
		return nil, err
	}
	p.asked = joinRequest{Version: joinVersion, Member: member, Nonce: make([]byte, nonceSize)}
	if _, err = rand.Read(p.asked.Nonce); err != nil {
		return nil, err
	}
	if p.asked.CSR, err = certificateRequest(member, p.key); err != nil {
		return nil, err
	}
	if p.request, err = seal(k.ID, k.Request, p.asked); err != nil {
		return nil, err
	}
	text, err := pemKey(p.key, nil)
	if err != nil {
		return nil, err
	}
	if err := writeFile(filepath.Join(p.dir, fileMember), text); err != nil {
		return nil, err
	}
	return p, writeFile(filepath.Join(p.dir, fileRequest), p.request)
}

// resume reads what an earlier start has left, if it is whole and means the same.
func (p *pending) resume(k keys, member string) bool {
	text, err := readFile(filepath.Join(p.dir, fileRequest))
	e, ok := parseEnvelope(text, MaxRequest)
	if err != nil || !ok || e.Ticket != k.ID || json.Unmarshal(e.Body, &p.asked) != nil || p.asked.Member != member {
		return false
	}
	p.request = text
	if text, err = readFile(filepath.Join(p.dir, fileMember)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false
	}
	p.key, err = parseKey(text)
	return err == nil
}

// post sends a request until it is answered.
func post(ctx context.Context, ticket Ticket, request []byte) ([]byte, error) {
	client := &http.Client{
		Timeout:       tryTime,
		Transport:     &http.Transport{Proxy: nil, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		text, err := tryPost(ctx, client, ticket.at, request)
		var later *tryAgain
		if !errors.As(err, &later) {
			return text, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, fmt.Errorf("%w at %s: %w", ErrUnreachable, ticket.at, later.cause)
		}
	}
}

// tryAgain is a reason to try again.
type tryAgain struct{ cause error }

func (t *tryAgain) Error() string { return t.cause.Error() }

func tryPost(ctx context.Context, client *http.Client, at string, request []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+at+JoinPath, bytes.NewReader(request))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", mediaType)
	res, err := client.Do(r)
	if err != nil {
		return nil, &tryAgain{err}
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, MaxResponse+1))
	switch {
	case err != nil:
		return nil, &tryAgain{err}
	case res.StatusCode == http.StatusOK:
		return text, nil
	case res.StatusCode == http.StatusForbidden:
		return nil, fmt.Errorf("%s: %w", at, ErrRefused)
	case res.StatusCode == http.StatusTooManyRequests || res.StatusCode >= 500:
		return nil, &tryAgain{fmt.Errorf("it answers %s", res.Status)}
	}
	return nil, fmt.Errorf("%s takes no member in: it answers %s%s", at, res.Status, words(text))
}

// words are what a member says of its refusal; they were not proved to be its own.
func words(text []byte) string {
	var answer struct{ Error struct{ Message string } }
	if json.Unmarshal(text, &answer) != nil || answer.Error.Message == "" {
		return ""
	}
	return fmt.Sprintf(", %.*q", maxReason, answer.Error.Message)
}
