// Package lib has the functions of CG/PL that only compute, those of reference cgpl.md 2.1 to 2.7. New
// gives them as a Library, to which a task adds what needs the platform.
//
//	done      general   Same Copy Length Min Max ObjectClass                                  general.go
//	          strings   IsString String Substring Range FindSubstring EOL CRLF ToUpperCase    text.go
//	                    ToLowerCase IsDigit IsWhiteSpaces EmailDomainPart EmailUserPart
//	                    FindRegEx                                                             regex.go
//	          numbers   IsNumber Number RandomNumber                                          number.go
//	          time      IsDate Date GMTTime LocalTime GMTToLocal LocalToGMT Year Month        time.go
//	                    MonthNum MonthDay WeekDay YearDay TimeOfDay DateNumber Hour Minute
//	                    Second DateByMonthDay DateByYearDay
//	          data      IsData EmptyData RandomData Base64Encode Base64Decode                 data.go
//	                    Base64UrlEncode Base64UrlDecode Base32Encode Base32Decode
//	          crypto    CryDigest CryEncrypt CryDecrypt TOTPCode                              cipher.go
//	          Convert   base64 hex utfcode words dns-* (by the Host)                          convert.go
//	                    ucs-2 and charsets  charset.go   asn.1  asn1.go   nonces  nonce.go
//	          arrays    IsArray NewArray IsDictionary NewDictionary Invert Find AddElement    array.go
//	                    RemoveElement InsertElement SortStrings SetCaseSensitive
//	          XML       IsXML NewXML SetNamespace GetNamespace GetPrefix SetAttribute         xml.go
//	                    GetAttribute XMLBody XMLType XMLPrefix
//	          forms     ObjectToString ToObject ObjectToXML ObjectToJSON JSONToObject         form.go
//	                    AppToXML XMLToApp
//	          addresses IsIPAddress IPAddress SIPURIToEmail EmailToSIPURI                     address.go
//	                    PhoneNumberToSIPURI
//	in part   AppToXML, XMLToApp: sdp; vCard, vCardGroup and iCalendar answer "unsupported data format"
//	          Convert: dns-* without a Resolver answer "name resolution is not available"
//	refused   with Refused, for want of mailboxes and calendars, of what runs synchronous scripts, and
//	          of keys, pictures and a directory: the list is in                               refused.go
//	elsewhere Void ProcCall FuncCall Vars: the interpreter
//	          SystemInfo GetTimeZoneName SetTimeZone RouteAddress RouteENUM RouteLocalURI: the task
//
// What the reference leaves open is said at each function. Wrong arguments give null, an error string or
// an exception as the reference has it: an exception where a program that went on would be wrong for
// certain.
//
// No function can be made to use more than its limit: a result may have 64 MiB, what is to be large is
// announced to the machine before (Call.Reserve), and where work grows faster than what a program has to
// hold for it, there is a limit of its own. Pieces of strings are copied, since a piece would keep
// the whole string in memory, where no count of the program's memory sees it.
package lib
