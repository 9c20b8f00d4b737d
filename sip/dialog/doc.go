// Package dialog is the SIP dialog as a pure machine (RFC 3261 sections 12 to 15, RFC 3515, 3891,
// 5057, 6141): one method per event, each returning the effects that its owner must perform. It
// knows no clock, no network and no goroutine, and speaks only in the words of package signal.
//
// One Dialog is one call leg's side of one INVITE usage. As a client (UAC) it may fork: it keeps
// the early dialogs apart by the peer's tag, confirms the first 2xx and ends the surplus ones.
package dialog
