// Package cgpl is the CG/PL language (reference cgpl.md): it compiles programs and runs them.
//
// Compile makes a Module of one file: code that does not change and that all tasks share. A Machine runs
// one program: it owns the task's variables and nothing else, and costs memory in proportion to them.
// Run goes on until the program ends, fails, has used up its slice, or calls a function that has to
// wait; then the one who runs it keeps the Machine, a plain value without a goroutine, and gives the
// function's result to Resume whenever it has come.
//
// The package knows no function but those that need the interpreter itself: Vars, Void, ProcCall, FuncCall
// and spawn, which calls the builtin SpawnName. The rest is registered in a Library: package lib has those
// that only compute, and the task adds its own.
//
//	syntax/        source into trees
//	compile.go scope.go   sections, and what names mean
//	emit.go expression.go condition.go call.go constant.go   trees into instructions
//	op.go module.go       the instructions, and what holds them
//	machine.go link.go    a task: from New to its outcome; modules in use
//	run.go slow.go operate.go element.go   the instructions at work
//	memory.go      what a task's values take
package cgpl
