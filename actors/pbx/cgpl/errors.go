package cgpl

// Texts of the exceptions that the interpreter itself raises. Those of functions are theirs.
const (
	TextDivision     = "division by zero"
	TextNullWrite    = "cannot store into null"
	TextIndexRange   = "array index is out of range"
	TextIndexType    = "an index is a number or a string of digits"
	TextKeyType      = "a key is a string"
	TextKeyWrite     = "cannot store into a dictionary by the number of a key"
	TextElementWrite = "cannot store into an XML object by index"
	TextPartWrite    = "the object has no elements to store into"
	TextFieldWrite   = "only a dictionary has keys to store into"
	TextDepth        = "calls are nested too deeply"
	TextMemory       = "the task uses too much memory"
	TextSteps        = "the task runs too long without waiting"
	TextModule       = "module cannot be loaded"      // ": " name, and why
	TextSection      = "module has no such section"   // ": " name
	TextKind         = "section is of another kind"   // ": " name and kinds
	TextArguments    = "wrong number of arguments"    // ": " name and numbers
	TextName         = "section name is not a string" // of ProcCall and FuncCall
	TextEntry        = "program has no such entry"    // ": " name
	TextNotStarted   = "the program was not started"  // Run before Start
)

// Errors of the hot path, made once; where they happened is added to a copy.
var (
	errDivision     = Throw(TextDivision)
	errNullWrite    = Throw(TextNullWrite)
	errIndexRange   = Throw(TextIndexRange)
	errIndexType    = Throw(TextIndexType)
	errKeyType      = Throw(TextKeyType)
	errKeyWrite     = Throw(TextKeyWrite)
	errElementWrite = Throw(TextElementWrite)
	errPartWrite    = Throw(TextPartWrite)
	errFieldWrite   = Throw(TextFieldWrite)
	errDepth        = Throw(TextDepth)
	errMemory       = Throw(TextMemory)
	errSteps        = Throw(TextSteps)
)
