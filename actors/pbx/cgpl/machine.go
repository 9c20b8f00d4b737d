package cgpl

// Machine runs one program; see Compile and New.
type Machine struct{}
