package media

// Role is how a party takes part in a mixer. The zero value hears and is heard by all.
type Role struct {
	Muted        bool // nobody hears it
	Special      bool // those alone hear it who hear special parties
	HearsSpecial bool // hears special parties too
	Deaf         bool // hears nothing but what voices play
}

// said is whose sum belongs to what the party says.
func (r Role) said() speaker {
	if r.Special {
		return special
	}
	return ordinary
}

func (r Role) hears() audience {
	switch {
	case r.Deaf:
		return deaf
	case r.HearsSpecial:
		return initiated
	}
	return everyone
}

// speaker is a kind of those who speak in a mixer, and audience one of those who listen: each audience
// hears its own kind of speakers and all before it.
type (
	speaker  int
	audience int
)

const (
	fromVoice speaker = iota
	ordinary
	special
	speakers = 3
)

const (
	deaf      = audience(fromVoice)
	everyone  = audience(ordinary)
	initiated = audience(special)
)

func (a audience) includes(s speaker) bool { return int(s) <= int(a) }

// sums are what was said in a frame, by kind of speaker, and together for each audience.
type sums struct {
	said  [speakers][]int32
	spoke [speakers]bool
	heard [speakers][]int32 // what the audience hears ...
	made  [speakers]bool    // ... once it was asked for
}

func newSums(samples int) (s sums) {
	for i := range s.said {
		s.said[i], s.heard[i] = make([]int32, samples), make([]int32, samples)
	}
	return s
}

func (s *sums) clear() {
	for i, spoke := range s.spoke {
		if spoke {
			clear(s.said[i])
		}
	}
	s.spoke, s.made = [speakers]bool{}, [speakers]bool{}
}

func (s *sums) add(pcm []int16, by speaker) {
	add(s.said[by], pcm)
	s.spoke[by] = true
}

// of is the sum of all that an audience hears. It is valid until the next clear.
func (s *sums) of(a audience) []int32 {
	heard := s.heard[a]
	if s.made[a] {
		return heard
	}
	s.made[a] = true
	clear(heard)
	for by, spoke := range s.spoke {
		if spoke && a.includes(speaker(by)) {
			for i, x := range s.said[by] {
				heard[i] += x
			}
		}
	}
	return heard
}
