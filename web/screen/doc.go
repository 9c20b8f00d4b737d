// Package screen is what the pages are made of. A page is a View: figures and panels of tables, whose
// cells say what they hold, never how it is painted. Two painters know how: the templates here, for a page
// as it arrives and for browsers without script, and static/js/view.js, for a page that lives.
//
//	                     ┌─► templates ─► the page as it arrives
//	words of web ─► View ┤
//	                     └─► Parts ─► feed ─► view.js ─► the same page, alive
//
// So a new page is one function from words to a View. Nothing here knows accounts, calls or members, and
// all that came from outside is text in both painters, cut off from the text around it by <bdi>.
//
//	cell.go      the View and its parts, for the painters
//	parts.go     a View as parts that can change one by one
//	state.go     the words, tones and shapes of all states, in one table
//	format.go    lengths and moments as text
//	frame.go     what is around a View: realms, notice, form
//	render.go    the templates
package screen
