package storage

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Where an account's voice messages lie.
const (
	freshFolder = "voicemail/new"
	heardFolder = "voicemail/old"
)

// Properties of a message's file.
const (
	metaFrom     = "from"
	metaSubject  = "subject"
	metaDuration = "duration" // milliseconds
	metaReceived = "received" // RFC 3339
)

// Message is one voice message.
type Message struct {
	ID       string // its name in its folder; Deliver chooses it
	From     string // address of the sender; "" if it is not known
	Subject  string
	Duration time.Duration
	Received time.Time
	Format   string // extension of the file, without the dot: "wav"
	Sound    []byte // the media file; nil in lists
	Size     int64  // bytes of it
	Heard    bool
}

// maxText is the longest text of a message that is kept, in bytes.
const maxText = 500

// Deliver stores a message, and returns its ID when it is on the disk. Heard messages make room for it, the
// oldest first; ErrMailbox: there are too many that were not heard. ErrQuota: the account has no room.
func (s *Storage) Deliver(ctx context.Context, account string, m Message, id string) (string, error) {
	format := m.Format
	if format == "" || check(format) != nil || strings.Contains(format, "/") {
		format = "wav"
	}
	m.ID = strings.Replace(m.Received.UTC().Format("20060102-150405.000"), ".", "-", 1) + "-" + id + "." + format
	k, err := key(account, freshFolder+"/"+m.ID)
	if err != nil {
		return "", err
	}
	defer s.lock(account)()
	if err := s.makeRoom(ctx, account, m.Received); err != nil {
		return "", err
	}
	if err := s.admit(account, k, int64(len(m.Sound))); err != nil {
		return "", err
	}
	return m.ID, s.files.Put(ctx, k, m.Sound, 0, map[string]string{
		metaFrom: cut(m.From), metaSubject: cut(m.Subject), metaDuration: strconv.FormatInt(m.Duration.Milliseconds(), 10),
		metaReceived: m.Received.UTC().Format(time.RFC3339),
	})
}

// DeliverOnce stores a message unless the account has one of exactly this sound, heard or not; false: it has.
func (s *Storage) DeliverOnce(ctx context.Context, account string, m Message) (bool, error) {
	digest := sha256.Sum256(m.Sound)
	for _, f := range s.files.List(root(account) + "voicemail/") {
		if f.Digest == digest {
			return false, nil
		}
	}
	m.Duration = soundLength(m.Sound)
	_, err := s.Deliver(ctx, account, m, NewID())
	return err == nil, err
}

func cut(s string) string {
	s = strings.ToValidUTF8(s, "")
	for len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "")
	}
	return s
}

// makeRoom deletes heard messages, as far as one more needs it. Lock held.
func (s *Storage) makeRoom(ctx context.Context, account string, now time.Time) error {
	if err := s.expire(ctx, account, now); err != nil {
		return err
	}
	messages := s.Messages(account)
	fresh, heard := count(messages)
	most := s.limits().Messages
	if fresh >= most {
		return ErrMailbox
	}
	for i := 0; fresh+heard >= most; i++ {
		if !messages[i].Heard {
			continue
		}
		if err := s.files.Delete(ctx, root(account)+heardFolder+"/"+messages[i].ID); err != nil {
			return err
		}
		heard--
	}
	return nil
}

// Messages are the voice messages of an account, the oldest first, without their sound. It never waits.
func (s *Storage) Messages(account string) (all []Message) {
	heard, fresh := s.inFolder(account, heardFolder), s.inFolder(account, freshFolder)
	for len(heard) > 0 || len(fresh) > 0 {
		if len(fresh) > 0 && len(heard) > 0 && heard[0].ID == fresh[0].ID {
			fresh = fresh[1:] // it is just being moved, and has both names for a moment
		}
		if len(fresh) == 0 || len(heard) > 0 && heard[0].ID <= fresh[0].ID {
			all, heard = append(all, heard[0]), heard[1:]
		} else {
			all, fresh = append(all, fresh[0]), fresh[1:]
		}
	}
	return all
}

// inFolder are the messages of one folder. A file that a program has put there is one too.
func (s *Storage) inFolder(account, folder string) (all []Message) {
	files, err := s.List(account, folder)
	if err != nil {
		return nil // no message has come yet
	}
	for _, f := range files {
		if f.Size < 0 {
			continue
		}
		m := Message{ID: f.Name, From: f.Meta[metaFrom], Subject: f.Meta[metaSubject], Size: f.Size,
			Received: f.Created, Heard: folder == heardFolder}
		if ms, err := strconv.ParseInt(f.Meta[metaDuration], 10, 64); err == nil {
			m.Duration = time.Duration(ms) * time.Millisecond
		}
		if at, err := time.Parse(time.RFC3339, f.Meta[metaReceived]); err == nil {
			m.Received = at
		}
		if dot := strings.LastIndexByte(f.Name, '.'); dot >= 0 {
			m.Format = f.Name[dot+1:]
		}
		all = append(all, m)
	}
	return all
}

// Count is how many voice messages an account has that were not heard, and that were. It never waits.
func (s *Storage) Count(account string) (fresh, heard int) { return count(s.Messages(account)) }

func count(messages []Message) (fresh, heard int) {
	for _, m := range messages {
		if m.Heard {
			heard++
		} else {
			fresh++
		}
	}
	return fresh, heard
}

// MarkHeard moves a message to those that were heard. One that is there already does no harm.
func (s *Storage) MarkHeard(ctx context.Context, account, id string) error {
	err := s.Rename(ctx, account, freshFolder+"/"+id, heardFolder+"/"+id)
	if !errors.Is(err, ErrNoFile) {
		return err
	}
	if _, heard := s.files.Stat(root(account) + heardFolder + "/" + id); heard {
		return nil
	}
	return err
}

// Expire deletes the heard messages of an account that are older than its limit.
func (s *Storage) Expire(ctx context.Context, account string, now time.Time) error {
	defer s.lock(account)()
	return s.expire(ctx, account, now)
}

func (s *Storage) expire(ctx context.Context, account string, now time.Time) error {
	after := s.limits().Heard
	if after <= 0 {
		return nil
	}
	for _, m := range s.inFolder(account, heardFolder) {
		if now.Sub(m.Received) <= after {
			continue
		}
		if err := s.files.Delete(ctx, root(account)+heardFolder+"/"+m.ID); err != nil {
			return fmt.Errorf("voice message %s of %s: %w", m.ID, account, err)
		}
	}
	return nil
}

// Mailbox is the account whose voice mail a key belongs to; false if it does not.
func Mailbox(key string) (account string, ok bool) {
	account, path, ok := ofAccount(key)
	return account, ok && (strings.HasPrefix(path, freshFolder+"/") || strings.HasPrefix(path, heardFolder+"/"))
}

// Prefix is what the keys of all accounts' files begin with.
func Prefix() string { return prefix }
