// Package syntax reads CG/PL source (reference cgpl.md 1.1 and 1.2) into a tree.
//
//	diagnostic.go   what is wrong, and where
//	scan.go string.go   characters into tokens
//	tree.go         what the tree is made of
//	parse.go        the parser's state, and how it goes on after a mistake
//	section.go statement.go expression.go   one function per rule of the grammar
//
// Names are not looked up here: whether a section exists and what a variable is, is package cgpl's affair.
package syntax
