// Package measure is the arithmetic of the statistics server: facts in, a number out (reference statserver.md 2 and 3).
// It is pure; times are milliseconds since 1970, given with each call.
//
//	durable actions ──► Line ──► statuses ─┐
//	                                       ├──► Meter (a Definition opened at a moment) ──► Value
//	actions and instants ──────────────────┘
//
// The central rule is that facts are projected onto the interval of the statistic. A status in progress counts as it
// runs; an action counts when it has ended, with the part that lies in the interval; an instant counts whole at its
// moment.
//
//	action.go    names of actions, and what kind of fact each is
//	status.go    which of the running actions is the status of a device, place, agent or group
//	mask.go      sets of names: *,~LoggedOut
//	clock.go     whole seconds and milliseconds; time ranges
//	profile.go   time profiles: when a statistic begins anew, and what it looks back on
//	calendar.go  the resets of a profile, of a few days at once
//	span.go      facts with a beginning and an end, cut by the filter
//	history.go   facts that are over: added up, or kept as far back as the profile looks
//	definition.go  what a statistic is, also as JSON
//	plan.go      a definition that was found to make sense
//	meter.go     a statistic that is open
//	view.go      what it comes to at one moment
//	category.go  the table of categories
//	level.go       how many facts go on at once, as a line of steps
//	saved.go     a meter in a file
//	account.go   what a value is made of
//	formula.go   values of actions
//	total.go current.go relative.go level_category.go compound.go custom.go state.go   the categories, a family in each file
//	notify.go    when a changed value is told
package measure
