package main

import "strings"

// phrase is one file of speech: its name, and what the synthesiser is given.
type phrase struct{ name, text string }

// phrases lists all speech. Letters and digits are added to it by name.
var phrases = append([]phrase{
	{"dot", "dot"}, {"colon", "colon"}, {"dash", "dash"}, {"at", "at"}, {"slash", "slash"},
	{"star", "star"}, {"pound", "pound"},

	{"this-call-uses", "This call uses"},
	{"codec", "codec"},
	{"pcmu", "P C M U"},
	{"pcma", "P C M A"},
	{"g722", "G, seven, twenty-two"},
	{"l16", "L sixteen"},
	{"your-address-is", "Your address is"},
	{"port", "port"},
	{"you-are-on-member", "You are on member"},
	{"goodbye", "Goodbye."},
	{"you-are-the-only-one-in-this-conference", "You are the only one in this conference."},
	{"you-are-in-conference", "You are in conference"},
}, letters()...)

// letters are the sounds that unknown words are spelt with.
func letters() []phrase {
	digits := strings.Fields("zero one two three four five six seven eight nine")
	list := make([]phrase, 0, 36)
	for i, text := range digits {
		list = append(list, phrase{string(rune('0' + i)), text})
	}
	for c := 'a'; c <= 'z'; c++ {
		list = append(list, phrase{string(c), string(c - 'a' + 'A')})
	}
	return list
}
