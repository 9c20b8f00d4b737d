package cli

// accountRows are the commands about accounts, groups, forwarders and their sessions.
var accountRows = []Row{
	{Name: "CREATEACCOUNT", Syntax: "account:account " +
		"[(MultiMailbox | TextMailbox | MailDirMailbox | SlicedMailbox | AGrade | BGrade | CGrade)] " +
		"[PATH path:string] [LEGACY] [settings:dict]", Right: UserAccounts},
	{Name: "RENAMEACCOUNT", Syntax: "account:account INTO new:account", Right: UserAccounts},
	{Name: "DELETEACCOUNT", Syntax: "account:account", Right: UserAccounts},
	{Name: "LISTACCOUNTS", Syntax: "[domain:domain]", Output: true, Right: BasicSettings},
	{Name: "GETACCOUNTSETTINGS", Syntax: "account:account", Output: true, Right: BasicSettings, Self: true},
	{Name: "UPDATEACCOUNTSETTINGS", Syntax: "account:account settings:dict", Right: BasicSettings},
	{Name: "SETACCOUNTSETTINGS", Syntax: "account:account settings:dict", Right: BasicSettings},
	{Name: "GETACCOUNTEFFECTIVESETTINGS", Syntax: "account:account", Output: true, Right: BasicSettings, Self: true},
	{Name: "SETACCOUNTPASSWORD", Syntax: "account:account PASSWORD password:string [METHOD method:string] [CHECK]",
		Right: UserAccounts, Self: true},
	{Name: "VERIFYACCOUNTPASSWORD", Syntax: "account:account PASSWORD password:string", Right: UserAccounts, Self: true},
	{Name: "GETACCOUNTALIASES", Syntax: "account:account", Output: true, Right: CanCreateAliases, Self: true},
	{Name: "SETACCOUNTALIASES", Syntax: "account:account aliases:array", Right: CanCreateAliases},
	{Name: "GETACCOUNTTELNUMS", Syntax: "account:account", Output: true, Right: CanCreateTelnums, Self: true},
	{Name: "SETACCOUNTTELNUMS", Syntax: "account:account telnums:array", Right: CanCreateTelnums},
	{Name: "MODIFYACCOUNTTELNUMS", Syntax: "account:account parameters:dict", Output: true, Right: CanCreateTelnums},
	{Name: "GETACCOUNTRIGHTS", Syntax: "account:account", Output: true, Right: UserAccounts, Self: true},
	{Name: "SETACCOUNTRIGHTS", Syntax: "account:account rights:array", Right: Master},
	{Name: "GETACCOUNTINFO", Syntax: "account:account [(KEY key:string | keys:array)]", Output: true,
		Right: BasicSettings, Self: true},
	{Name: "GETACCOUNTPREFS", Syntax: "account:account", Output: true, Right: BasicSettings, Self: true},
	{Name: "UPDATEACCOUNTPREFS", Syntax: "account:account preferences:dict", Right: BasicSettings, Self: true},
	{Name: "SETACCOUNTPREFS", Syntax: "account:account preferences:dict", Right: BasicSettings, Self: true},
	{Name: "GETACCOUNTEFFECTIVEPREFS", Syntax: "account:account", Output: true, Right: BasicSettings, Self: true},
	{Name: "GETACCOUNTSTAT", Syntax: "account:account [KEY key:string]", Output: true, Right: BasicSettings, Self: true},
	{Name: "RESETACCOUNTSTAT", Syntax: "account:account [KEY key:string]", Right: BasicSettings},
	{Name: "DATASET", Syntax: "account:account parameters:dict", Output: true, Right: BasicSettings, Self: true},

	{Name: "LISTGROUPS", Syntax: "[domain:domain]", Output: true, Right: CanCreateGroups},
	{Name: "CREATEGROUP", Syntax: "group:account [settings:dict]", Right: CanCreateGroups},
	{Name: "RENAMEGROUP", Syntax: "group:account INTO new:account", Right: CanCreateGroups},
	{Name: "DELETEGROUP", Syntax: "group:account", Right: CanCreateGroups},
	{Name: "GETGROUP", Syntax: "group:account", Output: true, Right: CanCreateGroups},
	{Name: "SETGROUP", Syntax: "group:account settings:dict", Right: CanCreateGroups},

	{Name: "LISTFORWARDERS", Syntax: "[domain:domain]", Output: true, Right: CanCreateForwarders},
	{Name: "CREATEFORWARDER", Syntax: "forwarder:account TO address:string", Right: CanCreateForwarders},
	{Name: "RENAMEFORWARDER", Syntax: "forwarder:account INTO new:account", Right: CanCreateForwarders},
	{Name: "DELETEFORWARDER", Syntax: "forwarder:account", Right: CanCreateForwarders},
	{Name: "GETFORWARDER", Syntax: "forwarder:account", Output: true, Right: CanCreateForwarders},
	{Name: "FINDFORWARDERS", Syntax: "domain:domain TO address:string", Output: true, Right: CanCreateForwarders},

	{Name: "CREATEXIMSSSESSION", Syntax: "account:account ADDRESS ip:string [FOR proxied:string]", Output: true, Right: CanImpersonate},
	{Name: "FINDACCOUNTSESSION", Syntax: "account:account " + sessionFilter, Output: true, Right: CanImpersonate, Self: true},
	{Name: "LISTACCOUNTSESSIONS", Syntax: "account:account " + sessionFilter, Output: true, Right: CanImpersonate, Self: true},
	{Name: "GETSESSION", Syntax: "session:string [DOMAIN domain:domain]", Output: true, Right: CanImpersonate},
	{Name: "KILLSESSION", Syntax: "session:string [DOMAIN domain:domain]", Right: CanImpersonate},
	{Name: "KILLACCOUNTSESSIONS", Syntax: "account:account", Right: CanImpersonate, Self: true},
}

// sessionFilter says which sessions are meant.
const sessionFilter = "[ADDRESS ip:string [FOR proxied:string]] " +
	"[PROTOCOL protocol:string] [TRANSPORT transport:string] [CLIENT client:string]"

// domainRows are the commands about domains.
var domainRows = []Row{
	{Name: "LISTDOMAINS", Output: true},
	{Name: "MAINDOMAINNAME", Output: true},
	{Name: "CREATEDOMAIN", Syntax: "domain:domain [SHARED] [PATH path:string] [settings:dict]", Right: Settings},
	{Name: "DELETEDOMAIN", Syntax: "domain:domain [FORCE]", Right: Settings},
	{Name: "SUSPENDDOMAIN", Syntax: "domain:domain", Right: Settings},
	{Name: "RESUMEDOMAIN", Syntax: "domain:domain", Right: Settings},
	{Name: "GETDOMAINSETTINGS", Syntax: "[domain:domain]", Output: true, Right: BasicSettings},
	{Name: "UPDATEDOMAINSETTINGS", Syntax: "[domain:domain] settings:dict", Right: Settings},
	{Name: "SETDOMAINSETTINGS", Syntax: "[domain:domain] settings:dict", Right: Settings},
	{Name: "GETDOMAINEFFECTIVESETTINGS", Syntax: "[domain:domain]", Output: true, Right: BasicSettings},
	{Name: "GETDOMAINALIASES", Syntax: "domain:domain", Output: true, Right: BasicSettings},
	{Name: "SETDOMAINALIASES", Syntax: "domain:domain aliases:array", Right: Settings},
	{Name: "LISTDOMAINTELNUMS", Syntax: "domain:domain [FILTER filter:string] [limit:number]", Output: true,
		Right: CanCreateTelnums},
	{Name: "LISTSERVERTELNUMS", Syntax: "[FILTER filter:string] [limit:number]", Output: true, Right: AllDomains},
	{Name: "LISTCLUSTERTELNUMS", Syntax: "[FILTER filter:string] [limit:number]", Output: true, Right: AllDomains},
	{Name: "GETDOMAINSTAT", Syntax: "domain:domain [KEY key:string]", Output: true, Right: BasicSettings},
	{Name: "RESETDOMAINSTAT", Syntax: "domain:domain [KEY key:string]", Right: BasicSettings},
}
