// Package lamp tells an account's phones how many voice messages wait: the message lamp (RFC 3842).
//
// What it is: a virtual actor for each account that has something to tell, by AOR. Registered phones are told
// by a NOTIFY of its own, without a subscription, as phones of this trade expect; phones that have subscribed
// are told within their subscription (RFC 6665), and not twice.
//
// Who creates it, who ends it: whoever tells it something makes it. It is put away when it has no subscriptions
// and hears nothing. What it shows it asks from the voice mail, so that a crash costs subscriptions alone: the
// phone hears 481 and subscribes anew.
//
//	SUBSCRIBE ──► told by NOTIFY ──► ended          the dialogs are those of sip/subscription
//
// Messages in: SignalRequest (SUBSCRIBE, by the ingress after the credentials were checked, or inside its
// dialog), LampChanged, LampShow, SignalResponse.
// Messages out: SignalRespond, SignalSend.
package lamp
