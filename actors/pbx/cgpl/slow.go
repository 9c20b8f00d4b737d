package cgpl

import (
	"tandem/actors/pbx/cgpl/syntax"
	"tandem/ximss/object"
)

// slow does the instructions that execute does not do itself, or not for these values.
func (m *Machine) slow(in *instruction, regs []object.Value) State {
	switch in.op {
	case opCallExternal, opFuncCall, opProcCall, opSpawn, opReturnNothing, opReturnNumber:
		return m.leave(in, regs)
	case opAdd, opAddK, opSum, opSetIndex, opSetField, opSetKey:
		if err := m.making(in, regs); err != nil {
			return m.fail(err)
		}
		return Sliced
	case opVars:
		regs[in.a] = m.vars.Value()
		return Sliced
	}
	v, err := m.compute(in, regs)
	if err != nil {
		return m.fail(err)
	}
	regs[in.a] = v
	return Sliced
}

// compute is what instructions make that take no memory.
func (m *Machine) compute(in *instruction, regs []object.Value) (v object.Value, err error) {
	b := regs[in.b]
	switch in.op {
	case opAddI:
		return add(b, object.Number(int64(int16(in.c)))), nil
	case opMulI, opDivI, opModI:
		return object.Null, nil // numbers are done
	case opMinus:
		return unary("-", b), nil
	case opPlus:
		return unary("+", b), nil
	case opNot:
		return unary("!", b), nil
	}
	c := regs[in.c]
	switch in.op {
	case opSub:
		return subtract(b, c), nil
	case opMul:
		return multiply(b, c), nil
	case opDiv:
		return divide(b, c)
	case opMod:
		return modulo(b, c)
	case opEqual:
		return object.Bool(m.equal(b, c)), nil
	case opDiffer:
		return object.Bool(!m.equal(b, c)), nil
	case opLess:
		return object.Bool(less(b, c)), nil
	case opAtMost:
		return object.Bool(atMost(b, c)), nil
	case opAnd:
		return object.Bool(!b.IsNull() && !c.IsNull()), nil
	case opOr:
		return object.Bool(!b.IsNull() || !c.IsNull()), nil
	case opXor:
		return object.Bool(b.IsNull() != c.IsNull()), nil
	case opIndex:
		return element(b, c), nil
	}
	return field(b, c), nil // opKey
}

// making does the instructions that may need memory.
func (m *Machine) making(in *instruction, regs []object.Value) (err error) {
	switch in.op {
	case opAdd:
		regs[in.a], err = m.add(regs[in.b], regs[in.c])
	case opAddK:
		k := m.frames[len(m.frames)-1].section.constants[in.c]
		regs[in.a], err = m.add(regs[in.b], k)
	case opSum:
		regs[in.a], err = m.sum(regs[in.b : in.b+in.c])
	case opSetIndex:
		if err = m.charge(storeBytes); err == nil {
			err = setElement(regs[in.a], regs[in.b], regs[in.c])
		}
	case opSetField:
		k := m.frames[len(m.frames)-1].section.constants[in.b]
		if err = m.charge(storeBytes); err == nil {
			err = setField(regs[in.a], k, regs[in.c])
		}
	case opSetKey:
		if err = m.charge(storeBytes); err == nil {
			err = setField(regs[in.a], regs[in.b], regs[in.c])
		}
	}
	return err
}

// add is a + b, with its memory charged.
func (m *Machine) add(a, b object.Value) (object.Value, error) {
	switch a.Kind() {
	case object.KindString:
		if b.Kind() == object.KindString {
			return m.join(len(a.Text())+len(b.Text()), a, b)
		}
		return object.Null, nil
	case object.KindData:
		x, _ := a.Bytes()
		y, _ := b.Bytes()
		if err := m.large(len(x) + len(y)); err != nil {
			return object.Null, err
		}
	}
	return add(a, b), nil
}

// sum adds values from left to right. Strings alone are joined at once.
func (m *Machine) sum(parts []object.Value) (sum object.Value, err error) {
	length := 0
	for _, v := range parts {
		s, ok := v.Str()
		if !ok {
			return m.mixed(parts)
		}
		length += len(s)
	}
	return m.join(length, parts[0], parts[1:]...)
}

func (m *Machine) mixed(parts []object.Value) (sum object.Value, err error) {
	sum = parts[0]
	for _, v := range parts[1:] {
		if sum, err = m.add(sum, v); err != nil {
			return object.Null, err
		}
	}
	return sum, nil
}

// join appends strings in place where that can be, and else in memory that is charged before.
func (m *Machine) join(length int, left object.Value, right ...object.Value) (object.Value, error) {
	if v, ok := object.Append(left, right...); ok {
		m.memory.used += storeBytes
		return v, nil
	}
	if err := m.large(object.JoinSize(left, length)); err != nil {
		return object.Null, err
	}
	return object.Join(length, left, right...), nil
}

// large charges memory for bytes, and the time to copy them.
func (m *Machine) large(bytes int) error {
	m.budget -= int64(bytes >> copyShift)
	return m.charge(int64(bytes) + storeBytes)
}

// leave does the instructions that open and close sections, and the start of tasks.
func (m *Machine) leave(in *instruction, regs []object.Value) State {
	f := &m.frames[len(m.frames)-1]
	switch in.op {
	case opReturnNumber:
		return m.close(f, object.Number(int64(int16(in.a))))
	case opReturnNothing:
		return m.close(f, object.Null)
	case opSpawn:
		return m.spawn(f, in)
	}
	m.budget--
	var t target
	var err error
	base := int(in.a)
	switch in.op {
	case opCallExternal:
		t, err = m.external(f.link, int(in.b))
	case opFuncCall:
		base++
		t, err = m.computed(regs[in.a], syntax.Function, int(in.b)-1)
	case opProcCall:
		base++
		t, err = m.computed(regs[in.a], syntax.Procedure, int(in.b)-1)
	}
	if err != nil {
		return m.fail(err)
	}
	return m.open(t, base, int(in.c))
}

// close ends a section.
func (m *Machine) close(f *frame, v object.Value) State {
	m.budget -= int64(f.pc)
	to := f.result
	m.frames = m.frames[:len(m.frames)-1]
	if len(m.frames) == 0 {
		return Done
	}
	m.stack[to] = v
	return Sliced
}

// SpawnName is the key of the builtin that starts tasks: it gets the entry's name, as Start takes it, and
// the parameter. Where the library has none, spawn gives null.
const SpawnName = "spawn"

func (m *Machine) spawn(f *frame, in *instruction) State {
	module := f.section.module
	b := module.spawner
	if b == nil {
		m.stack[f.base+int32(in.c)] = object.Null
		return Sliced
	}
	s := module.spawns[in.b]
	name := s.entry
	if s.own != nil && f.link != m.program {
		name = module.name + "::" + name
	}
	parameter := m.stack[f.base+int32(in.a)]
	return m.platform(b, []object.Value{object.String(name), parameter}, f.base+int32(in.c))
}
