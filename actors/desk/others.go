package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/web"
)

// listTime is how long a list waits for the other members.
const listTime = 1500 * time.Millisecond

// answers says how this member answers a question of others, whose words and answers are JSON.
func answers[Q, A any](m *cluster.Member, what string, f func(context.Context, Q) (A, error)) {
	m.Answers(what, func(ctx context.Context, body []byte) ([]byte, error) {
		var q Q
		if err := json.Unmarshal(body, &q); err != nil {
			return nil, fmt.Errorf("the question %s is not understood: %w", what, err)
		}
		a, err := f(ctx, q)
		if err != nil {
			return nil, err
		}
		return json.Marshal(a)
	})
}

// ask asks one other member. ErrGone: it can not be reached; *cluster.Refusal: what it said.
func ask[Q, A any](ctx context.Context, m *cluster.Member, member, what string, q Q) (a A, err error) {
	body, err := json.Marshal(q)
	if err != nil {
		return a, err
	}
	if body, err = m.AskMember(ctx, member, what, body); err != nil {
		return a, err
	}
	return a, json.Unmarshal(body, &a)
}

// askAll asks all other members that live, at once, and gives what they answered together. Who did not answer in time is
// noted for the reader of the list.
func askAll[Q, A any](ctx context.Context, m *cluster.Member, what string, q Q) (all []A) {
	s := m.Society()
	if s == nil {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, listTime)
	defer cancel()
	var mu sync.Mutex
	var asked sync.WaitGroup
	for _, r := range s.Rows {
		if r.Self || r.State == msg.MemberState_DEAD || r.State == msg.MemberState_LEFT {
			continue
		}
		asked.Go(func() {
			some, err := ask[Q, []A](limited, m, r.Member.Name, what, q)
			if err != nil {
				web.NoteUnheard(ctx, r.Member.Name)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, some...)
		})
	}
	asked.Wait()
	return all
}
