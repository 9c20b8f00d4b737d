// Package guess counts wrong passwords, so that who guesses too often must wait. The listeners of ximss and of
// ximss/cli share it.
package guess
