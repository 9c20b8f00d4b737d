package carrier

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// Kind says what a frame holds.
type Kind byte

// The kinds. Hello is the carrier's own: the first frame of each connection.
const (
	Hello Kind = iota
	Link       // what a tie says
	Beat       // a sign of life
	Leave      // a goodbye
)

// Limits that are no settings.
const (
	MaxFrame  = 64 << 20 // bytes of a body
	maxHello  = 256      // bytes of an address
	maxUnsent = 16 << 20 // bytes that wait to be written to one address; what comes then is dropped
	maxTaken  = 1024     // connections that others have opened
	maxGreets = 64       // of these, such as have not shown who they are

	greetTime = 10 * time.Second       // for a connection that was taken to show who it is
	dialTime  = 2 * time.Second        // for one that is opened
	writeTime = 10 * time.Second       // in which a peer must take something
	again     = 100 * time.Millisecond // before a connection that failed is tried once more
)

// Errors.
var (
	ErrHello = errors.New("carrier: a connection does not say who it is")
	ErrLarge = errors.New("carrier: a frame is too large")
)

// Peer is who sent a frame.
type Peer struct {
	Name    string // in its certificate
	Address string // by which it says that it is reached
}

// Options say where a carrier listens and who is told what. The functions are called on goroutines of the carrier.
type Options struct {
	Address        string      // host:port, where it listens and by which others reach it
	Server, Client *tls.Config // both must ask for a certificate
	// Take takes a frame. Frames of one connection come one after the other; the body is the callee's until it returns.
	Take func(from Peer, k Kind, body []byte)
	// Up and Down tell that a connection that we opened is open, or that it broke or can not be opened.
	Up, Down func(address string)
	// Stranger tells of a connection that was refused.
	Stranger func(from net.Addr, err error)
	// Foreign tells that who listens at an address that we dial has not shown a certificate that is good here. It may
	// be nil.
	Foreign func(address string, err error)
}

// Carrier is one member's end of all connections. All methods may be called from any goroutine.
type Carrier struct {
	o        Options
	listener net.Listener
	context  context.Context
	cancel   context.CancelFunc
	runs     sync.WaitGroup
	greets   chan struct{} // a place for each connection that has not shown who it is

	mu    sync.Mutex
	ways  map[string]*way
	taken map[net.Conn]bool
	over  bool
}

// Listen opens the listener. Who connects waits until Serve.
func Listen(o Options) (*Carrier, error) {
	if o.Server == nil || o.Client == nil {
		return nil, errors.New("carrier: members do not talk without certificates")
	}
	if len(o.Address) > maxHello {
		return nil, fmt.Errorf("carrier: address %q is too long", o.Address)
	}
	l, err := net.Listen("tcp", o.Address)
	if err != nil {
		return nil, fmt.Errorf("carrier: %w", err)
	}
	c := &Carrier{o: o, listener: l, greets: make(chan struct{}, maxGreets), ways: map[string]*way{},
		taken: map[net.Conn]bool{}}
	c.context, c.cancel = context.WithCancel(context.Background())
	return c, nil
}

// Serve begins to take connections. To be called once.
func (c *Carrier) Serve() { c.run(c.accept) }

// Send sends a frame when it can, and never waits. It keeps nothing of the body.
func (c *Carrier) Send(address string, k Kind, body []byte) {
	if w := c.way(address); w != nil {
		if conn := w.add(k, body); conn != nil {
			c.run(func() { w.flush(conn) })
		}
	}
}

// Write is Send for who may wait: it returns when the frame is written, or left to somebody who writes, or dropped.
func (c *Carrier) Write(address string, k Kind, body []byte) {
	if w := c.way(address); w != nil {
		if conn := w.add(k, body); conn != nil {
			w.flush(conn)
		}
	}
}

// Forget closes the connection to an address, if there is one. What is sent later opens another one.
func (c *Carrier) Forget(address string) {
	c.mu.Lock()
	w := c.ways[address]
	delete(c.ways, address)
	c.mu.Unlock()
	if w != nil {
		w.close()
	}
}

// Close closes all connections, and returns when nothing is taken any more.
func (c *Carrier) Close() {
	c.cancel()
	_ = c.listener.Close()
	c.mu.Lock()
	c.over = true
	ways := c.ways
	c.ways = map[string]*way{}
	for conn := range c.taken {
		_ = conn.Close()
	}
	c.mu.Unlock()
	for _, w := range ways {
		w.close()
	}
	c.runs.Wait()
}

// way is the way to an address; nil after Close.
func (c *Carrier) way(address string) *way {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.ways[address]
	if w == nil && !c.over {
		w = &way{carrier: c, address: address}
		c.ways[address] = w
	}
	return w
}

// run runs something until Close has waited for it; false after Close.
func (c *Carrier) run(f func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return false
	}
	c.runs.Go(f)
	return true
}
