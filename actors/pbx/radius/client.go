package radius

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// ErrSilent says that the server did not answer.
var ErrSilent = errors.New("radius: the server does not answer")

// Exchange sends a request and waits for its answer: tries times, wait for each. What comes and is not signed
// with the secret is passed over, as if it had not come.
func Exchange(ctx context.Context, server netip.AddrPort, secret string, p *Packet, tries int, wait time.Duration) (*Packet, error) {
	var random [17]byte
	if _, err := rand.Read(random[:]); err != nil {
		return nil, err
	}
	request, authenticator, err := p.encode(random[16], secret, [16]byte(random[:16]))
	if err != nil {
		return nil, err
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "udp", server.String())
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	for range tries {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if _, err := conn.Write(request); err != nil && !refused(err) {
			return nil, err
		}
		answer, err := await(ctx, conn, time.Now().Add(wait), random[16], secret, authenticator)
		if answer != nil || err != nil {
			return answer, err
		}
	}
	return nil, ErrSilent
}

// await is the answer that comes until then; nil: none does.
func await(ctx context.Context, conn net.Conn, until time.Time, id byte, secret string, authenticator [16]byte) (*Packet, error) {
	if err := conn.SetReadDeadline(until); err != nil {
		return nil, err
	}
	buffer := make([]byte, maxPacket)
	for ctx.Err() == nil {
		n, err := conn.Read(buffer)
		var network net.Error
		switch {
		case err == nil:
			if p, err := decode(buffer[:n], id, secret, authenticator); err == nil {
				return p, nil
			}
		case errors.As(err, &network) && network.Timeout():
			return nil, nil
		case refused(err): // nobody listens, yet
			select {
			case <-time.After(time.Until(until)):
			case <-ctx.Done():
			}
			return nil, nil
		default:
			return nil, err
		}
	}
	return nil, ctx.Err()
}

// refused tells of an ICMP error that some earlier packet brought.
func refused(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && errors.Is(op.Err, syscall.ECONNREFUSED)
}
