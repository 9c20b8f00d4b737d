package cgpl

// op is what an instruction does. Registers are written R[x], constants of the section K[x].
type op uint16

// instruction is one step of a section: 64 bits. A jump's c is the address it goes to; where a small
// number is an operand it is the int16 with the same bits.
type instruction struct {
	op      op
	a, b, c uint16
}

// The instructions. Where one has a number as an operand its name ends in I, where a constant in K.
const (
	opMove     op = iota // R[a] = R[b]
	opConstant           // R[a] = K[b]
	opNumber             // R[a] = number b
	opNull               // R[a] = null
	opLoad               // R[a] = task variable b of the module
	opStore              // task variable a = R[b]
	opVars               // R[a] = the task's dictionary

	opAdd    // R[a] = R[b] + R[c]
	opSub    // R[a] = R[b] - R[c]
	opMul    // R[a] = R[b] * R[c]
	opDiv    // R[a] = R[b] / R[c]
	opMod    // R[a] = R[b] % R[c]
	opAddI   // R[a] = R[b] + c
	opMulI   // R[a] = R[b] * c
	opDivI   // R[a] = R[b] / c, which is not zero
	opModI   // R[a] = R[b] % c, which is not zero
	opAddK   // R[a] = R[b] + K[c]
	opSum    // R[a] = R[b] + R[b+1] + ... of c registers
	opMinus  // R[a] = -R[b]
	opPlus   // R[a] = +R[b]
	opNot    // R[a] = !R[b]
	opEqual  // R[a] = R[b] == R[c]
	opDiffer // R[a] = R[b] != R[c]
	opLess   // R[a] = R[b] < R[c]
	opAtMost // R[a] = R[b] <= R[c]
	opAnd    // R[a] = R[b] & R[c]
	opOr     // R[a] = R[b] | R[c]
	opXor    // R[a] = R[b] ^ R[c]

	opIndex    // R[a] = R[b][R[c]]
	opField    // R[a] = R[b].K[c]
	opKey      // R[a] = R[b].(R[c])
	opSetIndex // R[a][R[b]] = R[c]
	opSetField // R[a].K[b] = R[c]
	opSetKey   // R[a].(R[b]) = R[c]

	// Jumps, by pairs: the second of each jumps where the first does not.
	opJump          // always
	opJumpNull      // if R[a] is null
	opJumpSet       // if it is not
	opJumpEqual     // if R[a] == R[b]
	opJumpDiffer    // if not
	opJumpLess      // if R[a] < R[b]
	opJumpNotLess   // if not, also where they have no order
	opJumpAtMost    // if R[a] <= R[b]
	opJumpNotAtMost // if not
	opJumpEqualI    // if R[a] == b
	opJumpDifferI   // if not
	opJumpLessI     // if R[a] < b
	opJumpNotLessI  // if not
	opJumpAboveI    // if R[a] > b
	opJumpNotAboveI // if not
	opJumpEqualK    // if R[a] == K[b]
	opJumpDifferK   // if not

	opCall          // R[c] = own section b, with arguments from R[a] on
	opCallExternal  // R[c] = external section b, with arguments from R[a] on
	opBuiltin       // R[c] = call b of a builtin, with arguments from R[a] on
	opFuncCall      // R[c] = the function named R[a], with b-1 arguments from R[a+1] on
	opProcCall      // the same of a procedure
	opSpawn         // R[c] = a task at the entry of spawning b, with the parameter R[a]
	opReturn        // ends the section with the value R[a]
	opReturnNumber  // ends it with the number a
	opReturnNothing // ends it with null
	opStop          // ends the task
)

// maxOperand is the largest register, constant, address or section that an instruction can name.
const maxOperand = 1<<16 - 1

// small tells whether a number can be an operand.
func small(n int64) bool { return n >= -1<<15 && n < 1<<15 }
