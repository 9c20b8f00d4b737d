package cgpl

import (
	"tandem/ximss/object"
)

// execute runs the innermost section until something ends, waits, or uses up the budget, and returns what
// that was. It is long because it is a table: one case per instruction that programs spend their time in,
// with what is rare left to slow. Every jump back, call and return looks at the budget.
//
// A step is an instruction passed, run or jumped over: a jump back costs the way back, and a return the
// way through its section.
func (m *Machine) execute() State {
enter:
	f := &m.frames[len(m.frames)-1]
	s := f.section
	code, regs, pc := s.code, m.stack[f.base:int(f.base)+s.registers], int(f.pc)
	for {
		in := &code[pc]
		pc++
		switch in.op {
		case opMove:
			regs[in.a] = regs[in.b]
			continue
		case opConstant:
			regs[in.a] = s.constants[in.b]
			continue
		case opNumber:
			regs[in.a].SetNumber(int64(int16(in.b)))
			continue
		case opNull:
			regs[in.a] = object.Null
			continue
		case opLoad:
			regs[in.a] = f.link.variables[in.b]
			continue
		case opStore:
			f.link.variables[in.a] = regs[in.b]
			continue

		case opAdd:
			if x, ok := regs[in.b].Int(); ok {
				if y, ok := regs[in.c].Int(); ok {
					regs[in.a].SetNumber(x + y)
					continue
				}
			}
		case opSub:
			if x, ok := regs[in.b].Int(); ok {
				if y, ok := regs[in.c].Int(); ok {
					regs[in.a].SetNumber(x - y)
					continue
				}
			}
		case opMul:
			if x, ok := regs[in.b].Int(); ok {
				if y, ok := regs[in.c].Int(); ok {
					regs[in.a].SetNumber(x * y)
					continue
				}
			}
		case opMod:
			if x, ok := regs[in.b].Int(); ok {
				if y, ok := regs[in.c].Int(); ok && y != 0 {
					regs[in.a].SetNumber(x % y)
					continue
				}
			}
		case opAddI:
			if x, ok := regs[in.b].Int(); ok {
				regs[in.a].SetNumber(x + int64(int16(in.c)))
				continue
			}
		case opMulI:
			if x, ok := regs[in.b].Int(); ok {
				regs[in.a].SetNumber(x * int64(int16(in.c)))
				continue
			}
		case opDivI:
			if x, ok := regs[in.b].Int(); ok {
				regs[in.a].SetNumber(x / int64(int16(in.c)))
				continue
			}
		case opModI:
			if x, ok := regs[in.b].Int(); ok {
				regs[in.a].SetNumber(x % int64(int16(in.c)))
				continue
			}

		case opIndex:
			if a := regs[in.b].Array(); a != nil {
				if i, ok := regs[in.c].Int(); ok {
					regs[in.a] = a.At(int(i))
					continue
				}
			}
		case opField:
			regs[in.a] = regs[in.b].Dictionary().Get(s.constants[in.c].Text())
			continue

		case opJump:
			goto jump
		case opJumpNull:
			if regs[in.a].IsNull() {
				goto jump
			}
			continue
		case opJumpSet:
			if !regs[in.a].IsNull() {
				goto jump
			}
			continue
		case opJumpLess:
			if x, ok := regs[in.a].Int(); ok {
				if y, ok := regs[in.b].Int(); ok {
					if x < y {
						goto jump
					}
					continue
				}
			}
			if less(regs[in.a], regs[in.b]) {
				goto jump
			}
			continue
		case opJumpNotLess:
			if x, ok := regs[in.a].Int(); ok {
				if y, ok := regs[in.b].Int(); ok {
					if x >= y {
						goto jump
					}
					continue
				}
			}
			if !less(regs[in.a], regs[in.b]) {
				goto jump
			}
			continue
		case opJumpAtMost:
			if atMost(regs[in.a], regs[in.b]) {
				goto jump
			}
			continue
		case opJumpNotAtMost:
			if !atMost(regs[in.a], regs[in.b]) {
				goto jump
			}
			continue
		case opJumpLessI:
			if x, ok := regs[in.a].Int(); ok && x < int64(int16(in.b)) {
				goto jump
			}
			continue
		case opJumpNotLessI:
			if x, ok := regs[in.a].Int(); !ok || x >= int64(int16(in.b)) {
				goto jump
			}
			continue
		case opJumpAboveI:
			if x, ok := regs[in.a].Int(); ok && x > int64(int16(in.b)) {
				goto jump
			}
			continue
		case opJumpNotAboveI:
			if x, ok := regs[in.a].Int(); !ok || x <= int64(int16(in.b)) {
				goto jump
			}
			continue
		case opJumpEqualI:
			if x, ok := regs[in.a].Int(); ok && x == int64(int16(in.b)) {
				goto jump
			}
			continue
		case opJumpDifferI:
			if x, ok := regs[in.a].Int(); !ok || x != int64(int16(in.b)) {
				goto jump
			}
			continue
		case opJumpEqual:
			if m.equal(regs[in.a], regs[in.b]) {
				goto jump
			}
			continue
		case opJumpDiffer:
			if !m.equal(regs[in.a], regs[in.b]) {
				goto jump
			}
			continue
		case opJumpEqualK:
			if equalText(regs[in.a], s.constants[in.b]) {
				goto jump
			}
			continue
		case opJumpDifferK:
			if !equalText(regs[in.a], s.constants[in.b]) {
				goto jump
			}
			continue

		case opCall:
			t := s.module.sections[in.b]
			f.pc = int32(pc)
			if state := m.open(target{f.link, t}, int(in.a), int(in.c)); state != Sliced {
				return state
			}
			if m.budget--; m.budget < 0 {
				return m.pause()
			}
			goto enter
		case opBuiltin:
			f.pc = int32(pc)
			if state := m.builtin(in); state != Sliced {
				return state
			}
			if m.budget--; m.budget < 0 {
				return m.pause()
			}
			continue
		case opReturn:
			v := regs[in.a]
			to := f.result
			m.budget -= int64(pc)
			m.frames = m.frames[:len(m.frames)-1]
			if len(m.frames) == 0 {
				return Done
			}
			m.stack[to] = v
			if m.budget < 0 {
				return m.pause()
			}
			goto enter
		case opStop:
			return Stopped
		}
		f.pc = int32(pc)
		if state := m.slow(in, regs); state != Sliced {
			return state
		}
		if m.budget < 0 {
			return m.pause()
		}
		goto enter

	jump:
		to := int(in.c)
		if to < pc {
			if m.budget -= int64(pc - to); m.budget < 0 {
				f.pc = int32(to)
				return m.pause()
			}
		}
		pc = to
	}
}

// equal compares two values, whose parts cost a step each.
func (m *Machine) equal(a, b object.Value) bool {
	equal, looks := object.EqualLooks(a, b)
	m.budget -= int64(looks)
	return equal
}

// equalText compares with a constant, which is a string nearly always.
func equalText(v, constant object.Value) bool {
	if s, ok := v.Str(); ok {
		t, ok := constant.Str()
		return ok && s == t
	}
	return object.Equal(v, constant)
}

// open begins a section whose arguments are in the caller's registers from base on.
func (m *Machine) open(t target, base, result int) State {
	caller := m.frames[len(m.frames)-1].base
	from := int(caller) + base
	if len(m.frames) >= m.limits.Depth {
		return m.fail(errDepth)
	}
	if need := from + t.section.registers; need > len(m.stack) {
		if err := m.grow(need); err != nil {
			return m.fail(err)
		}
	}
	if n := t.section.unset; n > 0 {
		unset := from + t.section.params
		clear(m.stack[unset : unset+n])
	}
	m.frames = append(m.frames, frame{t.section, t.link, 0, int32(from), caller + int32(result)})
	return Sliced
}

// builtin calls a function of the platform. What it returns goes to a register, at once or by Resume.
func (m *Machine) builtin(in *instruction) State {
	f := &m.frames[len(m.frames)-1]
	call := f.section.module.calls[in.b]
	from := int(f.base) + int(in.a)
	to := from + call.args
	return m.platform(call.builtin, m.stack[from:to:to], f.base+int32(in.c))
}

func (m *Machine) platform(b *Builtin, args []object.Value, result int32) State {
	m.call.Args = args
	v, err := b.Call(&m.call)
	if err != nil {
		if err == ErrSuspend {
			m.result = result
			return Blocked
		}
		return m.fail(err)
	}
	if err := m.charged(v, args); err != nil {
		return m.fail(err)
	}
	m.stack[result] = v
	return Sliced
}
