// Package conf holds the settings of one member: typed sections with their defaults, and how they
// are read, checked, explained and reloaded. It is the only home of viper.
//
// A section is a struct in a file of its own; constructors elsewhere are handed one section, never
// the whole. Every field says in its comment what it means, its unit and its default.
package conf
