package queue

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// What an agent says of himself is kept within its limits.
func TestStandingIsCut(t *testing.T) {
	q := New("sales", 1, Default(), nil, nil)
	s := Standing{Agent: "a", Epoch: 1, Skills: map[string]int{}}
	for i := range 100 {
		s.Skills[fmt.Sprintf("s%02d", i)] = i
		s.Devices = append(s.Devices, fmt.Sprint("d", i))
	}
	q.Stand(s, time.Unix(1e9, 0))
	got := q.agents["a"].stands
	if len(got.Skills) != maxSkills || got.Skills["s63"] != 63 || !slices.Equal(got.Devices, s.Devices[:maxDevices]) || len(s.Skills) != 100 {
		t.Errorf("%d skills, devices %v", len(got.Skills), got.Devices)
	}
}
