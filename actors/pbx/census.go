package pbx

import (
	"errors"
	"sync"
)

// ErrCrowd says that as many Tasks live in an account's name as may.
var ErrCrowd = errors.New("too many tasks of the account live: end some, or raise tasks.max_per_account")

// census counts the Tasks of each account that no call began: programs can make them without end, while calls
// are counted where they come in. The zero census is ready.
type census struct {
	mu       sync.Mutex
	accounts map[string]count // none that has no Task
}

// count are the Tasks of one account: that live, and that were asked for and have not begun. One that begins
// without being asked for takes the place of one that was, until that begins too.
type count struct{ living, coming int }

// ask counts a Task that is going to be started, or refuses it with ErrCrowd where most are there.
func (c *census) ask(account string, most int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.accounts[account]
	if n.living+n.coming >= most {
		return ErrCrowd
	}
	n.coming++
	c.set(account, n)
	return nil
}

// miss: one that was asked for will not begin.
func (c *census) miss(account string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.accounts[account]
	n.coming = max(n.coming-1, 0)
	c.set(account, n)
}

// begin counts a Task that has begun.
func (c *census) begin(account string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.accounts[account]
	n.coming = max(n.coming-1, 0)
	n.living++
	c.set(account, n)
}

// end counts one that has ended.
func (c *census) end(account string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.accounts[account]
	n.living--
	c.set(account, n)
}

func (c *census) set(account string, n count) {
	if c.accounts == nil {
		c.accounts = map[string]count{}
	}
	if n == (count{}) {
		delete(c.accounts, account)
		return
	}
	c.accounts[account] = n
}
