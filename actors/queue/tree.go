package queue

// tree is an ordered set that knows ranks: a treap whose nodes count what is below them. Every operation costs a
// logarithm of the size, and nodes are used again, so that what comes and goes all the time allocates nothing.
type tree[K any] struct {
	root *node[K]
	free *node[K] // linked by right
	less func(a, b K) bool
	seed uint64
}

// node is one key. Nodes with a greater weight stand higher; weights are random, which keeps the tree flat.
type node[K any] struct {
	key         K
	left, right *node[K]
	weight      uint32
	size        int32
}

func newTree[K any](less func(a, b K) bool) *tree[K] {
	return &tree[K]{less: less, seed: 0x9e3779b97f4a7c15}
}

func (n *node[K]) count() int32 {
	if n == nil {
		return 0
	}
	return n.size
}

func (n *node[K]) recount() { n.size = n.left.count() + n.right.count() + 1 }

// Len is how many keys there are.
func (t *tree[K]) Len() int { return int(t.root.count()) }

// random is a xorshift generator: weights have to be spread, not secret, and the same in every run.
func (t *tree[K]) random() uint32 {
	t.seed ^= t.seed << 13
	t.seed ^= t.seed >> 7
	t.seed ^= t.seed << 17
	return uint32(t.seed >> 32)
}

func (t *tree[K]) take(k K) *node[K] {
	n := t.free
	if n == nil {
		n = &node[K]{}
	} else {
		t.free = n.right
	}
	*n = node[K]{key: k, weight: t.random(), size: 1}
	return n
}

func (t *tree[K]) give(n *node[K]) {
	*n = node[K]{right: t.free}
	t.free = n
}

// insert adds a key that is not in the tree.
func (t *tree[K]) insert(k K) {
	added := t.take(k)
	at := &t.root
	for *at != nil && (*at).weight >= added.weight {
		n := *at
		n.size++
		if t.less(k, n.key) {
			at = &n.left
		} else {
			at = &n.right
		}
	}
	added.left, added.right = t.split(*at, k)
	added.recount()
	*at = added
}

// split parts what is below n into keys less than k, and the others.
func (t *tree[K]) split(n *node[K], k K) (low, high *node[K]) {
	if n == nil {
		return nil, nil
	}
	if t.less(n.key, k) {
		n.right, high = t.split(n.right, k)
		n.recount()
		return n, high
	}
	low, n.left = t.split(n.left, k)
	n.recount()
	return low, n
}

// merge joins two trees; every key of low is less than every key of high.
func merge[K any](low, high *node[K]) *node[K] {
	switch {
	case low == nil:
		return high
	case high == nil:
		return low
	case low.weight > high.weight:
		low.right = merge(low.right, high)
		low.recount()
		return low
	default:
		high.left = merge(low, high.left)
		high.recount()
		return high
	}
}

// delete takes a key out and tells whether it was there.
func (t *tree[K]) delete(k K) bool {
	if found, ok := t.ceil(k); !ok || t.less(k, found) {
		return false
	}
	for at := &t.root; ; {
		n := *at
		switch {
		case t.less(k, n.key):
			n.size--
			at = &n.left
		case t.less(n.key, k):
			n.size--
			at = &n.right
		default:
			*at = merge(n.left, n.right)
			t.give(n)
			return true
		}
	}
}

// first is the least key.
func (t *tree[K]) first() (k K, ok bool) { return t.at(0) }

// at is the key before which there are i others.
func (t *tree[K]) at(i int) (k K, ok bool) {
	if i < 0 || i >= t.Len() {
		return k, false
	}
	for n := t.root; ; {
		before := int(n.left.count())
		switch {
		case i < before:
			n = n.left
		case i == before:
			return n.key, true
		default:
			i -= before + 1
			n = n.right
		}
	}
}

// rank is how many keys are less than k, which need not be in the tree.
func (t *tree[K]) rank(k K) (before int) {
	for n := t.root; n != nil; {
		if t.less(n.key, k) {
			before += int(n.left.count()) + 1
			n = n.right
		} else {
			n = n.left
		}
	}
	return before
}

// ceil is the least key that is not less than k.
func (t *tree[K]) ceil(k K) (found K, ok bool) {
	for n := t.root; n != nil; {
		if t.less(n.key, k) {
			n = n.right
		} else {
			found, ok = n.key, true
			n = n.left
		}
	}
	return found, ok
}

// all calls do for every key in order. It is for those who look, not for what happens at each call.
func (t *tree[K]) all(do func(K)) { t.root.walk(do) }

func (n *node[K]) walk(do func(K)) {
	if n != nil {
		n.left.walk(do)
		do(n.key)
		n.right.walk(do)
	}
}
