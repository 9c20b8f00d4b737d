// Package signal is the vocabulary of real-time requests and the rules that route them.
//
// A signal is one request on its way, with its responses, whatever protocol brought it in. The
// types here are plain values: no network, no clock, no goroutine. The protocol packages (sip)
// translate their wire form into Request and Response and back; the actors carry them to the
// dialog, leg or account they are meant for.
//
//	request.go   Request: what is asked        response.go  Response: what was answered
//	address.go   URI, AOR, Party               header.go    ordered header fields
//	receiver.go  how a protocol hands a request in, and how it is asked to send one
//	admit.go     what is let in                directory.go what is known of the accounts
//	route.go     address to target             program.go   addresses that name a program
//	trunk.go     numbers that are called over carriers, and calls that come from them
//	fork.go callee.go   many branches, one best answer; the accounts that are called
//	rule.go      what is to be done at which stage of a call, and in which order (rule_order.go):
//	             conditions (rule_condition.go, rule_time.go), actions (rule_action.go), and the
//	             simplified rules of an account's page (rule_simple.go)
package signal
