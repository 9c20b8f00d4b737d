package syntax

// File is one source file.
type File struct {
	Items []Item // in order; sections are *Section
}

// Item is what a file is made of: *Section, *Var, *Const.
type Item interface{ item() }

// Kind is what a section is; its value is its keyword.
type Kind string

// The kinds of sections.
const (
	Entry     Kind = "entry"
	Procedure Kind = "procedure"
	Function  Kind = "function"
)

// Section is a section's definition or declaration.
type Section struct {
	At       Position
	Kind     Kind
	Module   string // before "::"; "" where there is none
	Name     string
	Params   []*Name
	Body     []Stmt
	End      Position // of the word or brace that closes the body
	Forward  bool
	External bool
	Broken   bool // part of the body could not be read
}

// Stmt is a statement: one of *Stop *Return *Var *Const *Assign *Do *If *Loop *ExitIf.
type Stmt interface{ stmt() }

type (
	// Stop ends the task.
	Stop struct{ At Position }
	// Return ends the section; X is nil where there is no value.
	Return struct {
		At Position
		X  Expr
	}
	// Var declares variables; in a file without values.
	Var struct {
		Names  []*Name
		Values []Expr // as many; nil where there is none
	}
	// Const declares constants.
	Const struct {
		Names  []*Name
		Values []Expr
	}
	// Assign stores X, or the result of Op with X, in Target.
	Assign struct {
		At     Position // of the sign
		Target Expr     // *Name *Field *Key *Index
		Op     string   // "" or the operator before "="
		X      Expr
	}
	// Do is an expression as a statement: the call of a procedure.
	Do struct{ X Expr }
	// If runs the first arm whose condition holds.
	If struct {
		Arms []Arm
		Else []Stmt
	}
	// Loop runs Init, then While, Body and Step over and over.
	Loop struct {
		At    Position
		Init  Stmt // nil: none
		While Expr // nil: always
		Step  Stmt // nil: none
		Body  []Stmt
	}
	// ExitIf leaves the innermost loop.
	ExitIf struct {
		At Position
		X  Expr
	}
)

// Arm is one branch of an If.
type Arm struct {
	If   Expr
	Then []Stmt
}

// Expr is an expression.
type Expr interface{ Pos() Position }

type (
	// Number is a literal.
	Number struct {
		Position
		Value int64
	}
	// String is a literal; adjacent ones are joined.
	String struct {
		Position
		Value string
	}
	// Truth is true, or false, which is also null.
	Truth struct {
		Position
		Value bool
	}
	// Name is a variable or constant, as spelled.
	Name struct {
		Position
		Text string
	}
	// Call is a call; of "a.f(b)" the first argument is a.
	Call struct {
		Position
		Module string // before "::"; "" where there is none
		Name   string
		Args   []Expr
	}
	// Spawn starts a task; Arg is nil where there is none.
	Spawn struct {
		Position
		Module string
		Entry  string
		Arg    Expr
	}
	// Index is X[I].
	Index struct {
		Position // of the bracket
		X, I     Expr
	}
	// Field is X.name.
	Field struct {
		Position // of the dot
		X        Expr
		Name     string
	}
	// Key is X.(K).
	Key struct {
		Position // of the dot
		X, K     Expr
	}
	// Unary is + - or ! before X.
	Unary struct {
		Position
		Op string
		X  Expr
	}
	// Binary is X Op Y. The logical operators are & | ^ && || however they were spelled.
	Binary struct {
		Position // of the operator
		Op       string
		X, Y     Expr
	}
	// Choice is If ? Then : Else.
	Choice struct {
		Position       // of the "?"
		If, Then, Else Expr
	}
)

func (*Section) item() {}
func (*Var) item()     {}
func (*Const) item()   {}

func (*Stop) stmt()   {}
func (*Return) stmt() {}
func (*Var) stmt()    {}
func (*Const) stmt()  {}
func (*Assign) stmt() {}
func (*Do) stmt()     {}
func (*If) stmt()     {}
func (*Loop) stmt()   {}
func (*ExitIf) stmt() {}

// Pos is where a message about an expression points.
func (p Position) Pos() Position { return p }
