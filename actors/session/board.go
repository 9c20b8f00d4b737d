package session

import (
	"context"
	"sync"
	"time"
)

// Board knows how queues stand that sessions of this member watch. Each queue is asked once a second, however many
// sessions watch it; they are told what has changed.
type Board struct {
	ask    func(context.Context, string) (QueueView, bool) // false: the queue does not answer
	asking chan struct{}                                   // places for questions at the same time

	mu     sync.Mutex
	queues map[string]*posted
	stop   context.CancelFunc // of the round; nil: nothing is watched
}

// posted is one queue of a Board.
type posted struct {
	view     QueueView
	known    bool
	busy     bool // it is being asked
	watchers map[string]func(QueueView)
}

// Times and limits of a Board.
const (
	boardEvery = time.Second
	boardWait  = 3 * time.Second // for a queue's answer
	boardAsks  = 16              // questions at the same time
)

// NewBoard makes a Board that asks queues in this way.
func NewBoard(ask func(context.Context, string) (QueueView, bool)) *Board {
	return &Board{ask: ask, asking: make(chan struct{}, boardAsks), queues: map[string]*posted{}}
}

// Watch has a session told how a queue stands, by a function that must not wait. What is known is told at once.
func (b *Board) Watch(queue, session string, tell func(QueueView)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.queues[queue]
	if p == nil {
		p = &posted{watchers: map[string]func(QueueView){}}
		b.queues[queue] = p
	}
	p.watchers[session] = tell
	if p.known {
		tell(p.view)
	}
	if b.stop == nil {
		ctx, stop := context.WithCancel(context.Background())
		b.stop = stop
		go b.rounds(ctx)
	}
}

// Unwatch ends that.
func (b *Board) Unwatch(queue, session string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p := b.queues[queue]; p != nil {
		if delete(p.watchers, session); len(p.watchers) == 0 {
			delete(b.queues, queue)
		}
	}
	if len(b.queues) == 0 && b.stop != nil {
		b.stop()
		b.stop = nil
	}
}

// rounds asks all queues each second.
func (b *Board) rounds(ctx context.Context) {
	tick := time.NewTicker(boardEvery)
	defer tick.Stop()
	for {
		for _, queue := range b.due() {
			select {
			case b.asking <- struct{}{}:
				go b.look(ctx, queue)
			case <-ctx.Done():
				return
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// due are the queues that are watched and not being asked; from here on they are.
func (b *Board) due() (all []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for name, p := range b.queues {
		if !p.busy {
			p.busy = true
			all = append(all, name)
		}
	}
	return all
}

// look asks one queue. One that does not answer stands as it stood, and is called stale.
func (b *Board) look(ctx context.Context, queue string) {
	limited, cancel := context.WithTimeout(ctx, boardWait)
	v, ok := b.ask(limited, queue)
	cancel()
	<-b.asking
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.queues[queue]
	if p == nil {
		return
	}
	p.busy = false
	switch {
	case ctx.Err() != nil:
		return
	case !ok:
		v = p.view
		v.Queue, v.Stale = queue, true
	}
	if p.known && p.view.equal(&v) {
		return
	}
	p.view, p.known = v, true
	for _, tell := range p.watchers {
		tell(v)
	}
}
