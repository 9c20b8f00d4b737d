package trust

import "errors"

var (
	// ErrNone says that the directory holds no identity.
	ErrNone = errors.New("this member has no certificate of a cluster yet")
	// ErrRefused is the one refusal of a ticket; it does not tell what is wrong with it.
	ErrRefused = errors.New("the ticket is refused: it is wrong, expired, used up or withdrawn; " +
		"print another one with `tandem cluster ticket`")
	// ErrUnreachable says that the member that printed the ticket did not answer in time.
	ErrUnreachable = errors.New("the member of the ticket can not be reached")
	// ErrForged says that the response to a join was not made by the member that printed the ticket.
	ErrForged = errors.New("the response was not made by the member that printed the ticket")
	// ErrStranger says that the other end of a connection is no member of this cluster.
	ErrStranger = errors.New("no member of this cluster")
	// ErrNoKey says that this member does not have the key of the cluster's authority, and can issue nothing.
	ErrNoKey = errors.New("this member does not have the key of the cluster's authority")
	// ErrExpired says that a certificate is not valid any more, or not yet.
	ErrExpired = errors.New("the certificate is not valid at this time")
	// ErrFull says that there are as many tickets as there may be.
	ErrFull = errors.New("there are as many valid tickets as there may be: withdraw one with --revoke")
	// ErrOrder says that a ticket is asked for that there may not be.
	ErrOrder = errors.New("no such ticket may be printed")
	// ErrUnknown says that there is no such ticket.
	ErrUnknown = errors.New("there is no such ticket")
)
