// Package app holds the built-in applications: what a call leg does by itself when nobody else
// answers its call. An application is data, a list of steps; the leg performs them. Pure.
//
// A new application is a row in Programs, and a number for it in the routing settings.
package app
