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
	own  bool // what it shows depends on who asks, not on his right alone
}

// topics are all pages that live, by name.
func (s *Server) topics() map[string]topic {
	all := map[string]topic{}
	for _, t := range []topic{
		{name: "home", need: screen.Administrator, view: s.homeView},
		{name: "cluster", need: screen.Administrator, view: s.clusterView},
		{name: "members", need: screen.Supervisor, view: s.membersView},
		{name: "queues", need: screen.QueueSupervisor, view: s.queuesView, own: true},
		{name: "queue", need: screen.QueueSupervisor, view: s.queueView, own: true},
		{name: "agents", need: screen.QueueSupervisor, view: s.agentsView, own: true},
		{name: "statistics", need: screen.Supervisor, view: s.statsView},
		{name: "statistic", need: screen.Supervisor, view: s.statView},
		{name: "sources", need: screen.Supervisor, view: s.sourcesView},
		{name: "live", need: screen.QueueSupervisor, view: s.liveView, own: true},
		{name: "tasks", need: screen.Supervisor, view: s.tasksView},
		{name: "sessions", need: screen.Supervisor, view: s.sessionsView},
		{name: "legs", need: screen.Supervisor, view: s.legsView},
		{name: "loads", need: screen.Supervisor, view: s.loadsView},
		{name: "load", need: screen.Supervisor, view: s.loadView},
		{name: "trunks", need: screen.Supervisor, view: s.trunksView},
		{name: "registrations", need: screen.Supervisor, view: s.registrationsView},
	} {
		all[t.name] = t
	}
	return all
}

// maxTopic bounds a topic with its question, in bytes.
const maxTopic = 4 * maxField

// topicName is a topic with what its page was asked for.
func topicName(name string, q url.Values) string { return addressOf(name, q) }

// feedTopics finds the topics that a browser asks for. What it may not see does not exist for it.
func (s *Server) feedTopics(names []string, v visitor) ([]feed.Topic, error) {
	if len(names) == 0 || len(names) > feed.MaxTopics {
		return nil, Invalid("a stream follows 1 to %d topics", feed.MaxTopics)
	}
	known := s.topics()
	var out []feed.Topic
	for _, full := range names {
		name, query, _ := strings.Cut(full, "?")
		t, ok := known[name]
		q, err := url.ParseQuery(query)
		if !ok || v.right < t.need || err != nil || len(full) > maxTopic {
			return nil, NotFound("there is no topic %q", clip(full, 60))
		}
		out = append(out, feed.Topic{Name: full, Key: t.eyes(v) + " " + full, Source: s.source(t, q, v)})
	}
	return out, nil
}

// eyes are equal for those who see the same in a topic.
func (t topic) eyes(v visitor) string {
	if t.own || v.right == screen.Administrator {
		return v.asker().eyes()
	}
	return "read"
}

// source computes a topic for the feed, for whoever sees the same as v. Faults of ours are told to the log alone, each once until it changes:
// the topic is computed again and again.
func (s *Server) source(t topic, q url.Values, v visitor) feed.Source {
	logged := ""
	return func(ctx context.Context) (feed.Parts, error) {
		view, err := t.view(askedBy(ctx, v.asker()), q, v.right)
		var told *Error
		switch {
		case err == nil:
			logged = ""
			return view.Parts()
		case errors.As(err, &told):
			return nil, told
		case logged != err.Error():
			logged = err.Error()
			s.log.Error("page failed", slog.String("topic", t.name), slog.Any("err", err))
		}
		return nil, errInternal
	}
}
