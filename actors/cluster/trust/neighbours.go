package trust

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"tandem/conf"
)

// Neighbours are members as others reach them, HOST:PORT.
type Neighbours struct {
	Seeds []string `json:"seeds"` // actor delivery: what conf has as cluster.seeds
	Store []string `json:"store"` // clients of the store: what conf has as store.members
}

// Fill gives a member the addresses that its settings do not name: without cluster.seeds those of Neighbours, and
// store.members when neither those nor store.listen nor store.url are set.
func (n Neighbours) Fill(c conf.Cluster, s conf.Store) (conf.Cluster, conf.Store) {
	if len(c.Seeds) == 0 {
		c.Seeds = slices.DeleteFunc(slices.Clone(n.Seeds), func(at string) bool { return at == c.Address })
	}
	if len(s.Members) == 0 && s.Listen == "" && s.URL == "" {
		s.Members = slices.Clone(n.Store)
	}
	return c, s
}

// Neighbours are the members that were there when this one joined, or since Remember.
func (i *Identity) Neighbours() Neighbours {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.neighbours
}

// Remember keeps other neighbours from now on, so that this member finds the cluster again when those that it has
// joined by are gone. It writes only when they differ.
func (i *Identity) Remember(n Neighbours) error {
	if err := n.check(); err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if slices.Equal(n.Seeds, i.neighbours.Seeds) && slices.Equal(n.Store, i.neighbours.Store) {
		return nil
	}
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(i.dir, fileNeighbours), text); err != nil {
		return err
	}
	i.neighbours = n
	return nil
}

func readNeighbours(dir string) (n Neighbours, err error) {
	path := filepath.Join(dir, fileNeighbours)
	text, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return n, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &n)
	}
	if err != nil {
		return n, fmt.Errorf("%s: %w", path, err)
	}
	return n, nil
}

func (n Neighbours) check() error {
	for _, list := range [][]string{n.Seeds, n.Store} {
		if len(list) > maxNeighbours {
			return fmt.Errorf("more than %d addresses of members", maxNeighbours)
		}
		for _, s := range list {
			if !endpointLike(s) {
				return fmt.Errorf("%.80q is no address of a member", s)
			}
		}
	}
	return nil
}
