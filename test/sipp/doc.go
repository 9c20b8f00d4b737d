// Package sipp lets SIPp, a test tool that is none of ours, talk to a member: each file in testdata
// is one party of one story and is named by what it does and what it expects of the member. The
// tables beside it say who plays with whom.
//
// In the files, [account] is who plays, [target] whom it calls, [elsewhere] where it transfers to.
// A party that calls authenticates with MD5, since this version of SIPp knows no SHA-256 and takes
// the first challenge alone: the member is told to ask agents named SIPp for MD5.
package sipp
