package environment

import "errors"

// The ways in which an environment refuses. Test for them with errors.Is.
var (
	ErrNotFound = errors.New("file is not found")
	ErrBadName  = errors.New("file name is not valid")
	ErrTooLarge = errors.New("file is too large")
	ErrFull     = errors.New("the environments are full")
	ErrFaulty   = errors.New("program does not compile")
	ErrStock    = errors.New("the stock environment can not be changed")
)
