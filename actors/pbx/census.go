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
	mu     sync.Mutex
	living map[string]int // by account; none that has no Task
}

func (c *census) add(account string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.living == nil {
		c.living = map[string]int{}
	}
	if c.living[account] += n; c.living[account] == 0 {
		delete(c.living, account)
	}
}

func (c *census) of(account string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.living[account]
}

// Room refuses one more Task of an account that no call begins, with ErrCrowd. Those that are being started at
// this moment may not be counted yet.
func (f *Floor) Room(account string) error {
	if f.PerAccount != nil && f.census.of(account) >= f.PerAccount() {
		return ErrCrowd
	}
	return nil
}
