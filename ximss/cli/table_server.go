package cli

// taskRows are the commands about PBX Tasks.
var taskRows = []Row{
	{Name: "STARTPBXTASK", Syntax: "account:account PROGRAM program:string [ENTRY entry:string] [PARAM param:object]",
		Output: true, Right: CanImpersonate, Self: true},
	{Name: "SENDTASKEVENT", Syntax: "task:string EVENT event:string [PARAM param:object]"},
	{Name: "KILLNODE", Syntax: "task:string"}, // its owner may, and who may monitor: the Executor knows whose it is
	{Name: "READNODESTATUS", Syntax: "task:string", Output: true},
	{Name: "LISTDOMAINNAMEDTASKS", Syntax: "[domain:domain]", Output: true, Right: CanCreateNamedTasks},
	{Name: "LISTACCOUNTNAMEDTASKS", Syntax: "account:account", Output: true, Right: CanCreateNamedTasks, Self: true},
	{Name: "CREATENAMEDTASK", Syntax: "task:account FOR account:account", Right: CanCreateNamedTasks},
	{Name: "RENAMENAMEDTASK", Syntax: "task:account INTO new:account", Right: CanCreateNamedTasks},
	{Name: "DELETENAMEDTASK", Syntax: "task:account", Right: CanCreateNamedTasks},
	{Name: "GETNAMEDTASK", Syntax: "task:account", Output: true, Right: CanCreateNamedTasks},
	{Name: "UPDATENAMEDTASK", Syntax: "task:account settings:dict", Right: CanCreateNamedTasks},
	{Name: "UPDATESCHEDULEDTASK", Syntax: "account:account task:dict", Right: CanCreateNamedTasks, Self: true},
}

// signalRows are the commands about calls, and the rules that lead them.
var signalRows = []Row{
	{Name: "GETDIALOGINFO", Syntax: "dialog:string", Output: true, Right: Monitor},
	{Name: "GETACCOUNTPRESENCE", Syntax: "account:account", Output: true, Right: BasicSettings, Self: true},
	{Name: "ROSTER", Syntax: "account:account parameters:dict", Output: true, Right: BasicSettings, Self: true},
	{Name: "BALANCE", Syntax: "account:account parameters:dict", Output: true, Right: UserAccounts, Self: true},
	{Name: "ROUTE", Syntax: "address:string [(mail | access | signal)]", Output: true, Right: Monitor},
	{Name: "GETACCOUNTSIGNALRULES", Syntax: "account:account", Output: true, Right: SignalRulesAllowed, Self: true},
	{Name: "SETACCOUNTSIGNALRULES", Syntax: "account:account rules:array", Right: SignalRulesAllowed, Self: true},
	{Name: "UPDATEACCOUNTSIGNALRULE", Syntax: "account:account (DELETE name:string | rule:array)", Right: SignalRulesAllowed, Self: true},
	{Name: "GETDOMAINSIGNALRULES", Syntax: "domain:domain", Output: true, Right: SignalRulesAllowed},
	{Name: "SETDOMAINSIGNALRULES", Syntax: "domain:domain rules:array", Right: SignalRulesAllowed},
	{Name: "GETSERVERSIGNALRULES", Output: true, Right: Settings},
	{Name: "SETSERVERSIGNALRULES", Syntax: "rules:array", Right: Settings},
	{Name: "GETCLUSTERSIGNALRULES", Output: true, Right: Settings},
	{Name: "SETCLUSTERSIGNALRULES", Syntax: "rules:array", Right: Settings},
	{Name: "GETSIGNALSETTINGS", Output: true, Right: Settings},
	{Name: "SETSIGNALSETTINGS", Syntax: "settings:dict", Right: Settings},
	{Name: "GETMEDIASERVERSETTINGS", Output: true, Right: Settings},
	{Name: "SETMEDIASERVERSETTINGS", Syntax: "settings:dict", Right: Settings},
	{Name: "GETSESSIONSETTINGS", Output: true, Right: Settings},
	{Name: "SETSESSIONSETTINGS", Syntax: "settings:dict", Right: Settings},
}

// fileRows are the commands about application environments. A name is that of a file, or language/file.
var fileRows = []Row{
	{Name: "CREATEDOMAINPBX", Syntax: "domain:domain [FILE language:string]", Right: PBXSettings},
	{Name: "DELETEDOMAINPBX", Syntax: "domain:domain FILE language:string", Right: PBXSettings},
	{Name: "LISTDOMAINPBXFILES", Syntax: "domain:domain [FILE language:string]", Output: true, Right: PBXSettings},
	{Name: "READDOMAINPBXFILE", Syntax: "domain:domain FILE name:string", Output: true, Right: PBXSettings},
	{Name: "STOREDOMAINPBXFILE", Syntax: "domain:domain FILE name:string (DELETE | DATA data:data)", Right: PBXSettings},
	{Name: "CREATESERVERPBX", Syntax: "[language:string]", Right: Settings},
	{Name: "DELETESERVERPBX", Syntax: "language:string", Right: Settings},
	{Name: "LISTSERVERPBXFILES", Syntax: "[language:string]", Output: true, Right: Settings},
	{Name: "READSERVERPBXFILE", Syntax: "name:string", Output: true, Right: Settings},
	{Name: "STORESERVERPBXFILE", Syntax: "name:string (DELETE | DATA data:data)", Right: Settings},
	{Name: "CREATECLUSTERPBX", Syntax: "[language:string]", Right: Settings},
	{Name: "DELETECLUSTERPBX", Syntax: "language:string", Right: Settings},
	{Name: "LISTCLUSTERPBXFILES", Syntax: "[language:string]", Output: true, Right: Settings},
	{Name: "READCLUSTERPBXFILE", Syntax: "name:string", Output: true, Right: Settings},
	{Name: "STORECLUSTERPBXFILE", Syntax: "name:string (DELETE | DATA data:data)", Right: Settings},
	{Name: "LISTSTOCKPBXFILES", Syntax: "[language:string]", Output: true},
	{Name: "READSTOCKPBXFILE", Syntax: "name:string", Output: true},
}

// serverRows are the commands about the member and the cluster.
var serverRows = []Row{
	{Name: "NOOP"},
	{Name: "ECHO", Syntax: "object:object", Output: true},
	{Name: "LISTCLICOMMANDS", Output: true},
	{Name: "GETVERSION", Output: true},
	{Name: "GETCURRENTTIME", Output: true},
	{Name: "GETCURRENTCONTROLLER", Output: true, Right: Monitor},
	{Name: "RECONNECTCLUSTERADMIN", Right: Settings},
	{Name: "GETCLUSTERSETTINGS", Output: true, Right: Settings},
	{Name: "SETCLUSTERSETTINGS", Syntax: "settings:dict", Right: Settings},
	{Name: "GETSYSTEMINFO", Syntax: "what:string", Output: true, Right: Monitor},
	{Name: "GETSTATELEMENT", Syntax: "element:string", Output: true, Right: Monitor},
	{Name: "SETSTATELEMENT", Syntax: "element:string (INC | SET) value:number", Right: Monitor},
	{Name: "GETNEXTSTATNAME", Syntax: "element:string", Output: true, Right: Monitor},
	{Name: "WRITELOG", Syntax: "level:number text:string", Right: Monitor},
	{Name: "GETLOGSETTINGS", Output: true, Right: Settings},
	{Name: "UPDATELOGSETTINGS", Syntax: "settings:dict", Right: Settings},
	{Name: "LISTMODULES", Output: true, Right: Settings},
	{Name: "GETMODULE", Syntax: "module:string", Output: true, Right: Settings},
	{Name: "SETMODULE", Syntax: "module:string settings:dict", Right: Settings},
	{Name: "UPDATEMODULE", Syntax: "module:string settings:dict", Right: Settings},
	{Name: "GETROUTERTABLE", Output: true, Right: Settings},
	{Name: "SETROUTERTABLE", Syntax: "table:string", Right: Settings},
	{Name: "GETCLUSTERROUTERTABLE", Output: true, Right: Settings},
	{Name: "SETCLUSTERROUTERTABLE", Syntax: "table:string", Right: Settings},
	{Name: "SHUTDOWN", Right: Master},
}
