package files

import (
	"slices"
	"sync"

	"tandem/actors/store"
)

// shelf knows by which names the recordings of each call are kept, as the store tells of its files: nobody who asks for
// those of one call has to look at all files.
type shelf struct {
	mu     sync.RWMutex
	byCall map[string][]string // names of files
	calls  map[string]string   // by name
}

// followShelf makes one and has it follow the files. stop ends that.
func followShelf(f *store.Files) (s *shelf, stop func()) {
	s = &shelf{byCall: map[string][]string{}, calls: map[string]string{}}
	var order sync.Mutex // a change that comes meanwhile is told behind what was there before
	order.Lock()
	defer order.Unlock()
	stop = f.Watch("storage/", func(v store.FileVersion, deleted bool) {
		order.Lock()
		defer order.Unlock()
		s.told(v, deleted)
	})
	for _, v := range f.List("storage/") {
		s.told(v, false)
	}
	return s, stop
}

func (s *shelf) told(v store.FileVersion, deleted bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if call, known := s.calls[v.Name]; known {
		delete(s.calls, v.Name)
		rest := slices.DeleteFunc(slices.Clone(s.byCall[call]), func(name string) bool { return name == v.Name })
		if s.byCall[call] = rest; len(rest) == 0 {
			delete(s.byCall, call)
		}
	}
	if _, ok := callRecording(v); deleted || !ok {
		return
	}
	call := v.Meta[MetaCall]
	s.calls[v.Name] = call
	s.byCall[call] = append(s.byCall[call], v.Name)
}

// names are those of the files of a call; "": of all calls.
func (s *shelf) names(call string) (names []string) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if call != "" {
		return slices.Sorted(slices.Values(s.byCall[call]))
	}
	for name := range s.calls {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
