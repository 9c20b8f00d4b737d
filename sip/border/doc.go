// Package border keeps what only trusted peers may say of callers, and hear of them (RFC 3325). It lies between the
// network and all others: who reads an asserted identity in a request may believe it.
package border
