// Package feed tells browsers what changes. A topic is a set of parts that somebody can compute; it is
// computed at most once per interval however many look, and not at all when nobody does.
//
//	source ─► topic: parts, version ─► stream ─► snapshot, then deltas
//
// A stream holds no queue. It remembers which version of each topic it has sent: one behind gets the delta,
// one further behind gets a snapshot again. So a slow browser costs no memory and is never wrong.
package feed

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"
)

// Parts are what a topic consists of: JSON by key.
type Parts map[string]json.RawMessage

// Source computes a topic. It is called by one goroutine at a time.
type Source func(ctx context.Context) (Parts, error)

// Topic is what a stream follows. Equal keys mean equal sources.
type Topic struct {
	Name   string // as the browser calls it
	Key    string // as it is shared: the name, and whatever else its content depends on
	Source Source
}

// Limits of a feed.
const (
	MaxStreams = 512                    // at once
	MaxTopics  = 8                      // of one stream
	MinEvery   = 250 * time.Millisecond // between two versions of a topic
	sourceTime = 5 * time.Second        // longest wait for a source
)

// ErrFull refuses a stream too many.
var ErrFull = errors.New("too many streams")

// Feed is all topics that somebody follows.
type Feed struct {
	every time.Duration
	now   func() time.Time

	mu      sync.Mutex
	topics  map[string]*topic
	streams int
}

// New makes a feed that computes each topic anew after every.
func New(every time.Duration, now func() time.Time) *Feed {
	return &Feed{every: max(every, MinEvery), now: now, topics: map[string]*topic{}}
}

// Message is what a stream tells. The first of a topic has all parts.
type Message struct {
	Topic   string   `json:"topic"`
	Version uint64   `json:"version"`
	Time    int64    `json:"time"`           // ms since 1970, of the member
	Parts   Parts    `json:"parts"`          // all of them, or those that changed
	Gone    []string `json:"gone,omitempty"` // keys that are no more
	Whole   bool     `json:"whole"`          // a snapshot
	Trouble string   `json:"trouble,omitempty"`
}

// Open starts to follow topics. The stream must be closed.
func (f *Feed) Open(topics []Topic) (*Stream, error) {
	if len(topics) == 0 || len(topics) > MaxTopics {
		return nil, errors.New("a stream follows 1 to 8 topics")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.streams >= MaxStreams {
		return nil, ErrFull
	}
	f.streams++
	s := &Stream{feed: f, wake: make(chan struct{}, 1)}
	for _, t := range topics {
		shared := f.topics[t.Key]
		if shared == nil {
			shared = newTopic(f.now)
			f.topics[t.Key] = shared
			go shared.run(t.Source, f.every)
		}
		shared.follow(s)
		s.follows = append(s.follows, followed{name: t.Name, key: t.Key, topic: shared})
	}
	return s, nil
}

// Streams is how many are open.
func (f *Feed) Streams() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.streams
}

// Stream is one browser's view of its topics.
type Stream struct {
	feed    *Feed
	wake    chan struct{}
	follows []followed
	closed  bool
}

// followed is a topic and what of it was sent.
type followed struct {
	name, key string
	topic     *topic
	sent      uint64
}

// Wake tells that there may be something to send.
func (s *Stream) Wake() <-chan struct{} { return s.wake }

// Next returns what has to be sent now, at most one message for each topic.
func (s *Stream) Next() (all []Message) {
	for i := range s.follows {
		f := &s.follows[i]
		if m, ok := f.topic.since(f.sent); ok {
			f.sent, m.Topic = m.Version, f.name
			all = append(all, m)
		}
	}
	return all
}

// Close ends the stream, and the topics that nobody else follows.
func (s *Stream) Close() {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	s.feed.streams--
	for _, f := range s.follows {
		if f.topic.leave(s) == 0 && s.feed.topics[f.key] == f.topic {
			close(f.topic.done)
			delete(s.feed.topics, f.key)
		}
	}
}
