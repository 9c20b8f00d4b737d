package trust

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"tandem/conf"
)

// Ways by which Settle came to an identity.
const (
	Opened  = "opened"
	Joined  = "joined"
	Founded = "founded"
)

// Settle gives a member that works with others its identity: the one below its member.data; else, with a ticket,
// that of the cluster it joins; else it founds a cluster, named like its domain. A member alone has none: nil.
// how is one of Opened, Joined, Founded, for the log. A ticket is not looked at any more once there is an identity.
//
// It waits for the member of the ticket, as long as ctx.
func Settle(ctx context.Context, c *conf.Conf) (i *Identity, how string, err error) {
	if c.Cluster.Alone() {
		return nil, "", nil
	}
	data, member := c.Member.Data, c.Member.Name
	i, err = Open(data)
	switch {
	case err == nil && i.Member() != member:
		return nil, "", fmt.Errorf("the certificate in %s is that of %s, but member.name is %s: give it that name again, "+
			"or remove the directory and join as a new member", Dir(data), i.Member(), member)
	case err == nil:
		return i, Opened, nil
	case !errors.Is(err, ErrNone):
		return nil, "", err
	case c.Cluster.Join == "":
		i, err = Found(data, cmp.Or(c.Routing.Domain, "tandem"), member)
		return i, Founded, err
	}
	ticket, err := ParseTicket(string(c.Cluster.Join))
	if err != nil {
		return nil, "", fmt.Errorf("cluster.join: %w", err)
	}
	i, err = Join(ctx, ticket, member, data)
	return i, Joined, err
}
