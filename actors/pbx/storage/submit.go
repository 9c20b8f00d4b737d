package storage

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"strings"
	"time"

	"tandem/actors/pbx/task"
	"tandem/ximss/object"
)

// Failures of a message that is submitted.
const (
	ErrNoSound  Error = "message has no audio part"
	ErrNoTarget Error = "message has no local recipient"
)

// Limits of a message that is submitted.
const (
	maxTargets = 50 // recipients
	maxParts   = 20 // parts looked at
)

// submit is SubmitEMail(headers, content): the audio part of the message becomes a voice message of each
// recipient. Mail of other kinds, and mail to elsewhere, is not delivered by this server: an error text.
func (f functions) submit(ctx context.Context, _ task.Caller, args []object.Value) object.Value {
	headers := argument(args, 0).Dictionary()
	m, ok := audioPart(argument(args, 1), 0)
	if !ok {
		return failure(ErrNoSound)
	}
	m.From, m.Subject = headers.GetFold("From").Text(), headers.GetFold("Subject").Text()
	m.Received, m.Duration = time.Now(), soundLength(m.Sound)
	targets := recipients(headers.GetFold("To"))
	if len(targets) == 0 || len(targets) > maxTargets {
		return failure(ErrNoTarget)
	}
	for i, to := range targets {
		account, ok := f.accounts.Resolve(to, "")
		if !ok {
			return failure(ErrNoTarget)
		}
		targets[i] = account
	}
	for _, account := range targets {
		if _, err := f.storage.Deliver(ctx, account, m, NewID()); err != nil {
			return failure(err)
		}
	}
	return object.Null
}

// NewID makes the random part of a message's name.
func NewID() string { return rand.Text()[:10] }

// recipients are the addresses of a To header: a string of them, with commas, or an array.
func recipients(v object.Value) (all []string) {
	if a := v.Array(); a != nil {
		for _, item := range a.Items() {
			all = append(all, recipients(item)...)
		}
		return all
	}
	for one := range strings.SplitSeq(v.Text(), ",") {
		if open := strings.LastIndexByte(one, '<'); open >= 0 {
			one, _, _ = strings.Cut(one[open+1:], ">")
		}
		if one = strings.TrimSpace(one); one != "" {
			all = append(all, one)
		}
	}
	return all
}

// audioPart finds the sound of a message: a dictionary of one part, or an array of parts, whose first element
// may be their common headers.
func audioPart(v object.Value, depth int) (Message, bool) {
	if a := v.Array(); a != nil && depth < 3 {
		for i := range min(a.Len(), maxParts) {
			if m, ok := audioPart(a.At(i), depth+1); ok {
				return m, true
			}
		}
		return Message{}, false
	}
	d := v.Dictionary()
	kind, sub := d.GetFold("Content-Type").Text(), d.GetFold("Content-Subtype").Text()
	if before, after, ok := strings.Cut(kind, "/"); ok {
		kind, sub = before, after
	}
	body := d.GetFold("body")
	if body.IsNull() {
		body = d.Get("")
	}
	if nested := body.Array(); nested != nil {
		return audioPart(body, depth+1)
	}
	b := content([]object.Value{body}, 0)
	if !strings.EqualFold(kind, "audio") || len(b) == 0 {
		return Message{}, false
	}
	return Message{Sound: b, Format: formatOf(sub)}, true
}

// formatOf is the extension of an audio subtype (RFC 3003 for audio/mpeg).
func formatOf(subtype string) string {
	switch strings.ToLower(subtype) {
	case "mpeg", "mp3":
		return "mp3"
	case "basic", "au":
		return "au"
	case "gsm", "x-gsm":
		return "gsm"
	}
	return "wav"
}

// soundLength is how long a WAV file lasts, 0 if it is none: bytes of its data over bytes in a second, as its
// format chunk says. A header whose length was never filled in counts to the end of the file.
func soundLength(b []byte) time.Duration {
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return 0
	}
	rate := uint32(0)
	for at := 12; at+8 <= len(b); {
		id, size := string(b[at:at+4]), int64(binary.LittleEndian.Uint32(b[at+4:]))
		at += 8
		left := int64(len(b) - at)
		switch {
		case id == "fmt " && size >= 16 && left >= 16:
			rate = binary.LittleEndian.Uint32(b[at+8:])
		case id == "data" && rate > 0:
			if size == 0 || size > left {
				size = left
			}
			return time.Duration(size) * time.Second / time.Duration(rate)
		}
		if size+size%2 > left {
			return 0
		}
		at += int(size + size%2)
	}
	return 0
}
