// Package sipp lets SIPp, a test tool that is none of ours, talk to a member: each file in testdata
// is one party of one story and is named by what it does and what it expects of the member. The
// tables beside it say who plays with whom.
//
// In the files, [account] is who plays, [target] whom it calls, [elsewhere] where it transfers to.
// A party that calls authenticates with MD5, since this version of SIPp knows no SHA-256 and takes
// the first challenge alone: the member is told to ask agents named SIPp for MD5.
//
// What shows each RFC, in both directions of the member: a caller does what it is about to the leg that is
// called, or the party that our leg calls does. Where SIPp can not, tests beside this suite do, named with their
// directory. Our legs always bring an SDP offer with their first INVITE. Not served at all are GRUU (RFC 5627), caller
// preferences (RFC 3841) and signed identities (RFC 8224).
//
//	RFC 3261: requests, responses, dialogs
//	  caller  register-expect-200 register-remove-expect-no-contact register-wrong-password-expect-refusal
//	          options-expect-200 invite-expect-200-bye invite-401-expect-200-bye invite-expect-bye invite-expect-404
//	          invite-expect-480 invite-expect-486 invite-180-expect-200 invite-180-cancel-expect-487
//	          invite-183-cancel-expect-487 invite-cancel-after-200-expect-call invite-cancel-expect-same-tag
//	          cancel-after-200-expect-same-tag call-expect-200-bye call-expect-bye call-expect-486 call-expect-603
//	          call-cancel-expect-487 call-no-answer-expect-480 call-comes-back-expect-482 bye-wrong-tag-expect-481
//	          invite-expect-481-after-bye invite-require-expect-420 invite-no-hops-expect-483
//	          invite-bad-sdp-expect-refusal invite-wrong-body-expect-415 method-unknown-expect-405
//	          invite-wrong-password-expect-refusal invite-spoofed-from-expect-403 sipp.TestRepeatedInvite sipp.TestIPv6
//	  called  device-answers-expect-bye device-answers-then-bye device-answers-late-expect-bye device-486 device-603
//	          device-rings-expect-cancel device-forks-expect-acks-and-bye sipp.TestOperatorHangsUp
//	RFC 6026: a 2xx after all
//	  caller  invite-no-ack-expect-bye
//	  called  device-answers-cancel-expect-ack-bye device-repeats-200-expect-acks
//	RFC 3262: reliable provisional responses
//	  caller  invite-100rel-expect-183-until-prack invite-require-100rel-without-sdp-expect-offer
//	          call-100rel-expect-183-and-200-without-sdp call-prack-offers-expect-answer invite-without-100rel-expect-421
//	          invite-require-100rel-expect-420 invite-100rel-no-prack-expect-504
//	  called  device-183-100rel-expect-prack device-180s-out-of-order-expect-pracks-in-order
//	RFC 3264, 6337: offer and answer
//	  caller  call-without-sdp-expect-offer hold-sendonly-expect-recvonly hold-inactive-expect-inactive
//	          hold-0.0.0.0-expect-200 hold-without-sdp-expect-offer invite-reoffers-expect-version
//	          invite-video-too-expect-port-0 invite-only-video-expect-488 call-expect-488
//	  called  device-holds-expect-bye device-holds-each-way-then-bye device-answers-port-0-expect-bye
//	RFC 3311: UPDATE
//	  caller  call-updates-early-expect-200 invite-updates-expect-200 invite-updates-against-offer-expect-491
//	  called  device-updates-early-expect-200 device-updates-then-bye
//	RFC 4028: session timers
//	  caller  invite-timer-expect-update invite-timer-expect-reinvite invite-timer-491-expect-reinvite
//	          invite-timer-refreshes-expect-no-bye invite-timer-silent-expect-bye invite-timer-short-expect-422
//	  called  device-timer-expect-update-then-bye device-timer-491-expect-reinvite-then-bye
//	          device-timer-refreshes-then-bye device-timer-silent-expect-bye device-422-expect-longer-interval
//	RFC 3323, 3325: who somebody is
//	  caller  call-private-expect-200-bye call-private-user-expect-200-bye call-trusted-hears-who-answers-bye
//	          call-expect-no-identity-bye
//	  called  device-hears-nobody-expect-bye device-trusted-hears-who-expect-bye device-asserts-another-expect-bye
//	RFC 3326: reasons
//	  caller  call-cancel-elsewhere-expect-487 call-bye-reason-expect-200 call-expect-bye-reason call-expect-480-reason
//	  called  device-rings-expect-cancel-elsewhere device-answers-expect-bye-reason device-answers-then-bye-reason
//	          device-refuses-with-reason
//	RFC 3515, 4488: transfers
//	  caller  refer-expect-notify-200 refer-nowhere-expect-notify-404 refer-norefersub-expect-no-notify
//	  called  device-refers-expect-notify-200 device-refers-nowhere-expect-notify-404 device-answers-late-then-bye
//	          peers.TestExchange peers.TestTransferBlind
//	RFC 3891: Replaces
//	  caller  refer-replaces-expect-notify-200 call-tells-tags-expect-bye invite-replaces-expect-200
//	          invite-replaces-stranger-expect-403 invite-replaces-unknown-expect-481 invite-replaces-early-only-expect-486
//	          call-tells-early-tags-cancel-expect-487 invite-replaces-ringing-expect-481
//	  called  device-hangs-up-when-told peers.TestTransferAttended
//	RFC 3428: MESSAGE
//	  caller  message-expect-200 message-expect-480
//	  called  device-takes-message
//	RFC 3581: rport
//	  caller  options-rport-expect-received
//	  called  device-asks-rport-expect-bye
//	RFC 5806, 7044: by whom a call was forwarded
//	  caller  call-expect-181-200-bye carrier-calls-forwarded-expect-200-bye
//	  called  device-forwarded-expect-diversion-bye device-hears-diversion-of-carrier-expect-bye
//	          carrier-hears-diversion-expect-bye
//	RFC 5853, 7092: what a B2BUA keeps to itself
//	  caller  call-hides-expect-nothing-of-the-other
//	  called  device-hides-expect-nothing-of-the-other
//	RFC 6665: events
//	  caller  subscribe-refreshes-expect-notify-each subscribe-unknown-event-expect-489 subscribe-short-expect-423
//	          subscribe-refuses-notify-expect-481
//	  called  none: we subscribe to nothing
//	RFC 3842: message lamps
//	  caller  subscribe-expect-notify
//	  called  phone-shows-messages-unasked peers.TestVoiceMail
//	RFC 4235: lamps of keys
//	  caller  key-expect-each-state cluster.TestKeysOfAllMembers
//	  called  none: we subscribe to nothing
//	RFC 3856, 3903: presence
//	  caller  publish-expect-tags peers.TestPresence
//	  called  none: we publish nothing
//	RFC 4733, 6086: keys
//	  caller  menu-events-expect-bye menu-tones-expect-bye menu-info-expect-bye info-dtmf-expect-200
//	  called  device-info-dtmf-expect-200-then-bye
//	RFC 5626: flows
//	  caller  register-flow-expect-require-outbound register-flow-expect-439
//	  called  device-flow-gone-430
//	RFC 3327, 3608: routes of registrations
//	  caller  register-expect-service-route
//	  called  carrier-registers-expect-route-bye
//	T.38: fax
//	  caller  invite-fax-expect-488 fax-asks-then-audio-bye becomes-fax-then-bye fax-asks-expect-488-bye
//	          fax-calls-expect-200-bye
//	  called  device-becomes-fax-then-audio-expect-bye device-asks-fax-expect-bye device-is-no-fax-expect-bye
//	          device-fax-expect-bye
//	RFC 7616, 8760: digests
//	  caller  register-wrong-password-expect-refusal invite-wrong-password-expect-refusal
//	  called  peers.TestTrunkWithRegistration
//	RFC 4475, 5118: torture
//	  caller  sip/guard.TestTorture
//	  called  none: what answers us is read alike
//	RFC 3263: where an address leads
//	  caller  none: whoever calls us is there already
//	  called  sip/resolve.TestTargets sip/resolve.TestNextServer attack.TestHostileNames
//	RFC 3550, 3711, 7714: audio, and what is none
//	  caller  attack.TestHostileMedia attack.TestBadSRTP
//	  called  peers.TestSecretCall
//	RFC 4568, 5763: encrypted audio, over TLS
//	  caller  peers.TestSecretCall
//	  called  peers.TestSecretCall
//	RFC 7865, 7866: recording servers
//	  caller  none: we are no recording server
//	  called  recorder-takes-expect-bye recorder-refuses sipp.TestRecordingServers cluster.TestRecordingServerOfMembers
//	RFC 6716, 7587: Opus
//	  caller  peers.TestOpusCall browser.TestPagesCallInOpus
//	  called  peers.TestOpusCall browser.TestPagesCallInOpus
//	RFC 7118, 8445, 8839: browsers
//	  caller  browser.TestEchoInPage browser.TestPagesCall
//	  called  browser.TestPagesCall browser.TestPageWithPhoneCall
package sipp
