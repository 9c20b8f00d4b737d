// Package script plays a PBX program without a telephone: a script tells what callers, other Tasks, services
// and the clock do, and a transcript tells what the program did. It is what `tandem task run` runs, and what
// the transcripts of Tasks are tested with.
//
// A script has one event a line; lines that begin with '#' are prose. "@2" before an event means the second
// Task, as they were started; without it the first one is meant.
//
//	call [from=URI] [to=URI] [auth=user@domain] [asserted=PARTY] [header:Name=value]   the program is started by this call
//	start [entry=NAME] [param=OBJECT]       the program is started without a call
//	digit 12#                               the party presses keys
//	hangup [STATUS REASON]                  the party ends or cancels its call
//	info TYPE BODY                          the party's phone sends an INFO
//	refer URI                               the party's phone asks for a transfer
//	rings [STATUS] | early | answers | refuses STATUS [REASON]   what becomes of a call that the Task makes
//	taken                                   somebody whom ForkCall rings answers
//	event NAME [OBJECT]                     another Task sends an event
//	bridge FROM [pending] | bridged FROM | rejects FROM TEXT | parts FROM   another Task that is not played
//	parted                                  the leg says that it is not joined any more, before the other Task does
//	queue placed POSITION [music=NAME] | refused WHY [to=QUEUE] | left WHY [key=KEYS] [to=QUEUE] [waited=SECS]
//	queue offer AGENT [devices=AOR,AOR] [ring=SECS] [announce=NAME] [delay=SECS] | withdrawn AGENT WHY
//	queue position N [wait=SECS] [more=yes] | periodic NAME | callback NUMBER    the queue of the party says so
//	dial NUMBER [ring=SECS]                 a queue has the program call a caller back
//	given NAME OBJECT | next NAME OBJECT    what a service answers: always, or once
//	fails NAME STATUS                       what the phone answers to hold, info, refer or options; once
//	wait DURATION                           the clock goes on: timers fire, sounds end
//	kill                                    the Task is killed
//
// The transcript has a line for each thing that the program does that can be seen from outside.
package script
