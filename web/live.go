package web

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"strings"

	"tandem/web/feed"
	"tandem/web/screen"
)

// viewer makes the View of a page. It is asked for a page that arrives, and each second for one that lives.
type viewer func(ctx context.Context, q url.Values, right screen.Right) (screen.View, error)

// topic is a page that lives.
type topic struct {
	name string
	need screen.Right
	view viewer
}

// topics are all pages that live, by name.
func (s *Server) topics() map[string]topic {
	all := map[string]topic{}
	for _, t := range []topic{
		{"home", screen.Administrator, s.homeView},
		{"cluster", screen.Administrator, s.clusterView},
		{"members", screen.Supervisor, s.membersView},
		{"tasks", screen.Supervisor, s.tasksView},
		{"sessions", screen.Supervisor, s.sessionsView},
		{"legs", screen.Supervisor, s.legsView},
		{"registrations", screen.Supervisor, s.registrationsView},
	} {
		all[t.name] = t
	}
	return all
}

// topicName is a topic with what its page was asked for.
func topicName(name string, q url.Values) string { return addressOf(name, q) }

// feedTopics finds the topics that a browser asks for. What it may not see does not exist for it.
func (s *Server) feedTopics(names []string, right screen.Right) ([]feed.Topic, error) {
	if len(names) == 0 || len(names) > feed.MaxTopics {
		return nil, Invalid("a stream follows 1 to %d topics", feed.MaxTopics)
	}
	known := s.topics()
	var out []feed.Topic
	for _, full := range names {
		name, query, _ := strings.Cut(full, "?")
		t, ok := known[name]
		q, err := url.ParseQuery(query)
		if !ok || right < t.need || err != nil || len(full) > 4*maxField {
			return nil, NotFound("there is no topic %q", clip(full, 60))
		}
		level := "read"
		if right == screen.Administrator {
			level = "write"
		}
		out = append(out, feed.Topic{Name: full, Key: level + " " + full, Source: s.source(t, q, right)})
	}
	return out, nil
}

// source computes a topic for the feed. Faults of ours are told to the log alone, each once until it changes:
// the topic is computed again and again.
func (s *Server) source(t topic, q url.Values, right screen.Right) feed.Source {
	logged := ""
	return func(ctx context.Context) (feed.Parts, error) {
		v, err := t.view(ctx, q, right)
		var told *Error
		switch {
		case err == nil:
			logged = ""
			return v.Parts()
		case errors.As(err, &told):
			return nil, told
		case logged != err.Error():
			logged = err.Error()
			s.log.Error("page failed", slog.String("topic", t.name), slog.Any("err", err))
		}
		return nil, errInternal
	}
}
