package translate

import (
	"errors"
	"fmt"
)

// The reasons why a message can not be translated. A received request that meets one of them
// deserves a 400; a received response is to be dropped.
var (
	ErrMissing   = errors.New("translate: field is missing")
	ErrDuplicate = errors.New("translate: field may stand only once")
	ErrMalformed = errors.New("translate: malformed field")
	ErrUnsafe    = errors.New("translate: character may not stand here")
	ErrReserved  = errors.New("translate: field is written by the translation itself")
	ErrStatus    = errors.New("translate: status is not from 100 to 699")
)

// at names the field in which an error was found.
func at(field string, err error) error { return fmt.Errorf("%s: %w", field, err) }
