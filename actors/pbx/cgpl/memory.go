package cgpl

import (
	"tandem/ximss/object"
)

// meter knows about how much memory a program's values take. What is made is added up; when that comes
// to much, what is still in use is measured. So a program that makes and drops pays little for it, and
// one that keeps is found out soon.
type meter struct {
	used int64        // what was in use at the last measuring, and what was made since
	next int64        // measure when used is above
	last object.Value // the large result of a builtin that was counted last; until the next measuring
}

const (
	valueBytes = 24       // of a register
	frameBytes = 32       // of an open section
	callBytes  = 32       // what a builtin is taken to have made beside its result
	storeBytes = 64       // what storing into an object is taken to add to it
	firstCheck = 1 << 20  // no program is measured below
	walkShift  = 5        // to look through 32 bytes of values takes about the time of a step
	copyShift  = 8        // and so does copying 256
	largeBytes = 32 << 10 // results from here on are remembered
)

// charge adds memory that is going to be made, and fails when that would be too much.
func (m *Machine) charge(bytes int64) error {
	m.memory.used += bytes
	if m.memory.used <= m.memory.next {
		return nil
	}
	return m.measure(bytes)
}

// measure finds out what is in use. The time for it is the program's. From one measuring to the next
// there is at least a sixteenth of the limit, which a program may exceed it by.
func (m *Machine) measure(coming int64) error {
	live := m.live() + coming
	m.budget -= live >> walkShift
	m.memory.last = object.Null
	m.memory.used = live
	m.memory.next = max(firstCheck, min(2*live, m.limits.Memory), live+m.limits.Memory/16)
	if live > m.limits.Memory {
		return errMemory
	}
	return nil
}

// top is where the windows of all open sections end. That of the innermost may end before its callers' do.
func (m *Machine) top() (top int) {
	for i := range m.frames {
		top = max(top, int(m.frames[i].base)+m.frames[i].section.registers)
	}
	return top
}

// live is what the values of the program take now. Registers above the open sections' are cleared: what only
// they hold is nobody's.
func (m *Machine) live() int64 {
	top := m.top()
	clear(m.stack[top:])
	roots := append(make([]object.Value, 0, top+len(m.links)+1), m.stack[:top]...)
	roots = append(roots, m.program.variables...)
	for _, l := range m.links {
		roots = append(roots, l.variables...)
	}
	if m.vars != nil {
		roots = append(roots, m.vars.Value())
	}
	spare := int64(cap(m.stack)-top)*valueBytes + int64(cap(m.frames))*frameBytes
	return object.Size(object.NewArray(roots...).Value()) + spare
}

// Footprint is about how many bytes the machine takes, with all values that the program can reach.
func (m *Machine) Footprint() int64 {
	const machine = 384
	n := m.live() + machine
	for _, l := range append(m.links, m.program) {
		n += int64(len(l.externals)) * 16
	}
	return n
}

// Reserve is called by a builtin before it makes something large, with the number of bytes. An error ends
// the program.
func (c *Call) Reserve(bytes int) error {
	if c.Machine == nil {
		return nil
	}
	return c.Machine.charge(int64(bytes))
}

// charged adds the result of a builtin. One that is among the arguments, or was the last large result too,
// was not made by it. To look through the others costs the program time.
func (m *Machine) charged(v object.Value, args []object.Value) error {
	switch v.Kind() {
	case object.KindNull, object.KindNumber, object.KindDate:
		return m.charge(callBytes)
	case object.KindString, object.KindData:
		return m.charge(callBytes + object.Size(v))
	}
	for i := range args {
		if args[i] == v {
			return m.charge(callBytes)
		}
	}
	if m.memory.last == v {
		return m.charge(callBytes)
	}
	size := object.Size(v)
	if size > largeBytes {
		m.memory.last = v
	}
	m.budget -= size >> walkShift
	return m.charge(callBytes + size)
}

// valueSize is the memory of a value that comes from outside.
func valueSize(v object.Value) int64 {
	if v.IsNull() {
		return 0
	}
	return object.Size(v)
}

// grow makes the stack hold so many registers.
func (m *Machine) grow(need int) error {
	size := max(need, 2*len(m.stack), 16)
	if err := m.charge(int64(size-len(m.stack)) * valueBytes); err != nil {
		return err
	}
	bigger := make([]object.Value, size)
	copy(bigger, m.stack)
	m.stack = bigger
	return nil
}

// trim gives back what a waiting program does not need.
func (m *Machine) trim() {
	m.memory.last = object.Null
	top := m.top()
	if len(m.stack) > 2*top+16 {
		m.stack = append(make([]object.Value, 0, top), m.stack[:top]...)
	}
	clear(m.stack[top:])
	if n := len(m.frames); cap(m.frames) > 2*n+8 {
		m.frames = append(make([]frame, 0, n), m.frames...)
	}
}
