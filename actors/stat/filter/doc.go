// Package filter reads and answers the conditions of the statistics server: which facts a statistic counts, and which
// agents belong to a virtual group. It is pure.
//
// A condition is made of terms with & (and), | (or), ~ (not) and parentheses; & binds before |:
//
//	PairExists("Reason","Break") & ~(MediaType = "voice" | ANI = "")     a Filter, reference statserver.md 3.8
//	Skill("English") >= 3 & ~SkillExists("Spanish") & LoggedIn("Q@S")    a Group, reference statserver.md 1.4
//
//	scan.go      texts to words
//	parse.go     words to a tree; the limits
//	filter.go    terms about the attributes of a fact
//	attached.go  what is attached to a fact
//	group.go     terms about an agent
package filter
