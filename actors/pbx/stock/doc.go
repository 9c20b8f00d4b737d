// Package stock is the application environment that comes with the binary (reference communigate.md 4.3):
// programs, modules and sounds, in the default directory and in one directory for each language. Any of
// them gives way to a file of the same name in the environment of a domain, a member or the cluster.
//
// A program, module or sound is a file below files, or below the directory of its language there; nothing
// else has to be told of it. A program and a module must not have one name.
//
// # Programs
//
// What stands in braces are parameters; digits that a number's pattern leaves open follow them.
//
//	pbx {NN}                     auto-attendant; with two digits, one of its functions at once
//	voicemail                    takes a message for the account that it runs for, as a rule's target;
//	                             its owner hears his messages instead
//	voicemail {inbox}            opens a mailbox: the caller's own, or one that he names and has the PIN of
//	voicemail {to,NUMBER}        takes a message for the account of a number without ringing it
//	conference {narrow,NUMBER..} a room, in narrow or in "wide" band; without a number it is asked for
//	park {NN}                    parks the caller in a slot, or in the first free one; whoever dials a slot
//	                             that is taken retrieves who is there
//	pickup {NN}                  retrieves who is parked in a slot, which is asked for otherwise
//	service {NN,NUMBER}          services of the caller's account by codes: see service.sppr
//	queue {NAME}                 waits in a queue of the cluster for an agent, or has itself called back: see queue.sppr
//	agent {WHAT,N}               an agent logs on, off, pauses, is ready, works at another phone: see agent.sppr
//	listen {NUMBER,PART}         lets a supervisor hear the call of an agent, whisper to him, or barge: see listen.sppr
//	acd {GROUP}                  a simple call queue: members of the group are agents, all others wait
//	gatewayincoming {NUMBER}     takes calls of a gateway, and makes a call of its own for each
//	gatewaycaller {NUMBER}       makes calls of accounts go out by a gateway
//	originate                    rings somebody and joins him with a number; without a call: see originate.sppr
//
// # Preferences
//
// Of the account that a program runs for, unless it is another account's mailbox or service. Each is
// described in the file in parentheses.
//
//	pbxMenu pbxLanguages pbxOperator   menus, languages, whom 0 calls (attendant.sppi)
//	PIN PINDigest PINGuard...          the PIN of a mailbox, and failures to give one (pin.sppi)
//	LastCaller                         who left the last message (mailbox.sppi)
//	conferenceRooms                    rooms with PINs, limits, spoken names (rooms.sppi)
//	gateway                            what may pass a gateway, and how (gateway.sppi)
//
// # Rights
//
// An account that others' mailboxes and services are opened in the name of (voicemail{inbox}, voicemail{to},
// service, agent, and pbx, which offers mailboxes) needs CanImpersonate for the domain; so does an account that is to
// show its callers' addresses to those whom it calls. For acd it must be able to read its group.
//
// # Modules for programs of others
//
//	playNumber(n)                    says a number in words
//	callerLeg(params, pending)       calls somebody by a task of its own: its handle, or an error string
//	callerLegBridge(params, leg)     connects the caller with that call; null is success
//	bridgedLoop(eventOrTask)         accepts a bridge if given its event, and stays to its end
//	bridgedLoopHash(eventOrTask)     the same, and "#" when the own party left it by that key
//	findFreeAgents(group)            null, a URI, or an array of URIs
//
// and the sounds that such programs play (reference cgpl.md 5.8). Say, keys, caller, pin, mailbox, rooms, slot,
// extension, attendant and gateway are parts of the stock programs, and may change with them.
package stock
