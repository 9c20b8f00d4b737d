// Package presence tells those who may know it how an account stands: online, away, busy or offline (RFC 3856).
//
// What it is: a virtual actor for each account that says how it stands or is watched, by AOR: the presentity of RFC
// 2778. What it knows of the account comes from the account's own sessions, and from phones that PUBLISH (RFC 3903);
// who watches is sessions of others, and phones that SUBSCRIBE (RFC 6665).
//
//	sessions ── PresenceSet ───┐                    ┌── PresenceChanged ──► sessions that watch
//	phones ──── PUBLISH ───────┴─► one state ───────┴── NOTIFY ───────────► phones that watch
//	                               any busy, else any online, else any away, else offline
//
// Who may see it: the account itself, those of whom its roster says so, and, by setting, its whole domain. Whoever may
// not yet is pending: he is shown offline, and the account's sessions hear that he asks.
//
//	            roster agrees
//	pending ───────────────────► active ── roster withdraws ──► refused
//	   └──────── the account refuses ────────────────────────────┘
//
// Who creates it, who ends it: whoever tells it something makes it. It is put away when nobody says anything and nobody
// watches. It keeps nothing: when its name has another owner, sessions say and ask everything again; a phone hears 412
// or 481 and does so too. Where the name is given up in order, phones that watch are told to come again at once.
//
//	presentity.go   the pure machine: what is told, to whom, and when
//	source.go       sessions that say how the account stands, and what follows for it
//	publication.go  the same for phones: PUBLISH
//	watcher.go      sessions and phones that watch; who may
//	roster.go       changes of the account's roster
//	limit.go        limits
//
// Messages in: PresenceSet, PresenceWatch, PresenceUnwatch, PresenceAsk, PresenceRefuse, PresenceRosterChanged,
// PresenceFind, SignalRequest (PUBLISH, SUBSCRIBE), SignalResponse; the end of sessions.
// Messages out: PresenceChanged, PresenceAsked, PresenceRosterItems, PresenceFound, SignalRespond, SignalSend.
package presence
