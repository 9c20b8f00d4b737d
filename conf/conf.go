package conf

// Conf is the whole configuration of a member, immutable once loaded.
type Conf struct {
	Member   Member
	Log      Log
	SIP      SIP
	HTTP     HTTP
	Media    Media
	Store    Store
	Routing  Routing
	Accounts Accounts
}

// Default is the configuration of a member that was told nothing.
func Default() Conf {
	return Conf{
		Member: DefaultMember(), Log: DefaultLog(), SIP: DefaultSIP(), HTTP: DefaultHTTP(),
		Media: DefaultMedia(), Store: DefaultStore(), Routing: DefaultRouting(),
		Accounts: DefaultAccounts(),
	}
}
