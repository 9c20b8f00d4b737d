// Package subscription keeps the subscription dialogs of one resource: the side of RFC 6665 that notifies. It is pure:
// whoever owns the resource hands in what arrived and does what comes out.
//
//	              ┌── refreshed ──┐
//	SUBSCRIBE ──► active ◄────────┘ ◄── pending, where the owner has not agreed yet
//	              │
//	              ├── SUBSCRIBE with Expires: 0 ──► ended (NOTIFY terminated)
//	              ├── time is over ───────────────► ended (NOTIFY terminated)
//	              ├── the owner says so ──────────► ended (NOTIFY terminated)
//	              └── a NOTIFY is refused ────────► ended
//
// One NOTIFY of a subscription is under way at a time; what changes meanwhile is told when it is answered, once. One that
// is never answered is forgotten when the subscriber refreshes.
//
//	notifier.go      all subscriptions of a resource: begun, refreshed, told, ended
//	subscription.go  one dialog and its next NOTIFY
package subscription
