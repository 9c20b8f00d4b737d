package service

import (
	"context"
	"errors"
	"net"

	"tandem/actors/form"
	"tandem/actors/pbx/enum"
	"tandem/actors/pbx/task"
	"tandem/sip/resolve/naptr"
	"tandem/ximss/object"
)

// outsideServices are the functions of programs that ask servers of other kinds (reference cgpl.md 2.10).
func (s *Services) outsideServices() []task.Service {
	return []task.Service{
		{Name: "Resolve", Run: resolve},
		{Name: "RADIUSCall", Run: s.radiusCall},
	}
}

// resolve looks a name up for Convert (reference cgpl.md 2.4): an array of addresses or texts, or an error text.
func resolve(ctx context.Context, _ task.Caller, args []object.Value) object.Value {
	list := object.NewArray()
	found, err := lookUp(ctx, argument(args, 0).Text(), argument(args, 1))
	if err != nil {
		return object.String(err.Error())
	}
	for _, v := range found {
		list.Append(v)
	}
	return list.Value()
}

// lookUp asks the name servers of this machine.
func lookUp(ctx context.Context, what string, of object.Value) (found []object.Value, err error) {
	switch what {
	case "dns-a", "dns-aaaa":
		network := map[string]string{"dns-a": "ip4", "dns-aaaa": "ip6"}[what]
		addresses, err := net.DefaultResolver.LookupNetIP(ctx, network, of.Text())
		for _, a := range addresses {
			found = append(found, object.Address(a.Unmap(), 0))
		}
		return found, err
	case "dns-ptr":
		address := of.Text()
		if a, _, ok := of.AddrPort(); ok {
			address = a.String()
		}
		return texted(net.DefaultResolver.LookupAddr(ctx, address))
	case "dns-txt":
		return texted(net.DefaultResolver.LookupTXT(ctx, of.Text()))
	}
	return nil, errors.New("no such look-up")
}

func texted(texts []string, err error) (found []object.Value, _ error) {
	for _, t := range texts {
		found = append(found, object.String(t))
	}
	return found, err
}

// resolvers is the file that names the name servers of this machine.
const resolvers = "/etc/resolv.conf"

// routeENUM is RouteENUM(service, number, domain): the URLs of a number, the best first, or an error text.
func (s *Services) routeENUM(ctx context.Context, _ task.Caller, args []object.Value) object.Value {
	urls, err := enum.Find(ctx, naptr.Servers(resolvers), argument(args, 0).Text(), argument(args, 1).Text(), argument(args, 2).Text())
	if err != nil {
		return failureText(err)
	}
	return form.List(urls)
}
