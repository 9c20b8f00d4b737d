// Package shelf keeps the sounds of a member that were decoded last, so that a prompt that a thousand
// callers hear is read and decoded once.
package shelf
