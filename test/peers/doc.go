// Package peers lets phones that others have written talk to each other through a member: baresip
// and linphone, as Debian packages them. They register, call, hold, transfer and meet in a
// conference; each plays a tone of its own and records what it hears, and the tones in the
// recordings say who has heard whom.
//
//	phone_test.go       what every phone can do, and two of them together
//	sound_test.go       the tones they play, and what is heard in a recording
//	transcript_test.go  what a phone has said, waited for line by line
//	baresip_test.go     baresip, driven through its control connection
//	linphone_test.go    linphonec, driven through its terminal
//	register_test.go, call_test.go, fork_test.go, hold_test.go, transfer_test.go, application_test.go,
//	message_test.go, presence_test.go   the stories
//	carrier_test.go     Kamailio as a carrier, with a phone behind it; trunk_test.go: its stories
//	program_test.go, ancestor_test.go, exchange_test.go, room_test.go, service_test.go
//	                    stories of programs that take calls; testdata holds such programs, in both
//	                    spellings of the language
//
// Neither has a sound card: baresip plays a file and keeps what it decodes with its sndfile filter,
// linphone uses its file sound card. What one of them cannot do is said where a story leaves it out.
package peers
