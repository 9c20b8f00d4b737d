package lib

import (
	"strings"

	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
)

// Refused is the error string that a function answers which belongs to mail, calendars or another
// service that there is not. Programs that use one can be compiled, and see the failure where they look
// for failures: such functions give null or an object for success.
const Refused = "function is not supported"

// refusedFunctions are all that answer Refused, with any arguments.
const refusedFunctions = `
	ListMailboxes CreateMailbox RenameMailbox DeleteMailbox GetMailboxACLs SetMailboxACLs
	GetMailboxAliases SetMailboxAliases GetMailboxSubscription SetMailboxSubscription
	OpenMailbox OpenMailboxView MailboxUIDs SubscribeEvents Sync MailboxInternalTimeByUID
	MailboxFlagsByUID MailboxOrigUIDByUID MailboxUIDByOrigUID MailboxSetFlags MailboxExpunge
	MailboxAudioByUID MailboxRedirectByUID MailboxForwardByUID MailboxAppend MailboxCopy
	OpenMessage MessagePart MessageHeader MessageBody GetMessageAttr UpdateMessageAttr
	OpenCalendar ProcessCalendar
	BannerRead RunScript CrySign QRCode DirectoryModify`

// Of the functions that can not answer an error string: a test says no, a procedure is an exception.
const (
	refusedTests      = "IsMailboxNotifyEvent"
	refusedProcedures = "SetResult syncDelay"
)

func refused() (list []cgpl.Builtin) {
	add := func(names string, procedure bool, answer func() (object.Value, error)) {
		for _, name := range strings.Fields(names) {
			list = append(list, cgpl.Builtin{Name: name, Max: -1, Procedure: procedure,
				Call: func(*call) (object.Value, error) { return answer() }})
		}
	}
	add(refusedFunctions, false, func() (object.Value, error) { return object.String(Refused), nil })
	add(refusedTests, false, func() (object.Value, error) { return null, nil })
	add(refusedProcedures, true, func() (object.Value, error) { return null, cgpl.Throw(Refused) })
	return list
}
