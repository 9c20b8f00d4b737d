package load

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

// TestRooms lets parties talk in conferences, all at a time: in one room, and in rooms of three. The forwarder, which
// mixes nothing, is beside it for the price of the packets.
func TestRooms(t *testing.T) {
	onDemand(t)
	for name, rooms := range map[string]int{"one room": 1, "rooms of three": (*calls + 2) / 3} {
		parties, sink := openPhones(t), openPhones(t)
		_, member := startMember(t, "TANDEM_MEDIA__MAX_PARTIES=10000", anyRoom)
		as := &identity{user: "guest"}
		d := &desk{conn: dial(t, member.at)}
		mustDo(t, d.run(&calling{as: as, numbers: roomNumbers(rooms), media: parties.port, hold: true}, *calls, callsPerSecond),
			"calling a room")
		for _, o := range d.ops {
			parties.targets = append(parties.targets, o.media)
		}
		floor := startFloor(t, "forwarder")
		introduce(t, floor, parties, sink)
		length := time.Duration(*seconds * float64(time.Second))
		through, inside := map[string][]talked{}, parties.targets
		for range *rounds {
			parties.targets, sink.targets = all(floor.at, *calls/2), all(floor.at, *calls/2)
			parties.speech, parties.only, sink.only = nil, floor.at, floor.at
			through["forwarder"] = append(through["forwarder"], talk(t, servers{floor}, length, parties, sink))
			parties.targets = inside
			parties.speech, parties.only = &speech{}, netip.AddrPort{} // what comes is a mix, which tells no times
			through["member"] = append(through["member"], talk(t, servers{member}, length, parties))
		}
		compare(t, fmt.Sprintf("%d parties in %s, all talk: %d packets/s both ways; medians of %d rounds of %v", *calls, name,
			*calls*50, *rounds, length), length, 50, through)
		mustDo(t, d.resume(&hangingUp{as: as}, callsPerSecond), "hanging up")
	}
}

// anyRoom gives each number 3nnn a room, without a program that would watch over it.
const anyRoom = `TANDEM_ROUTING__NUMBERS=[{"match":"3nnn","app":"conference"}]`

func roomNumbers(n int) (numbers []string) {
	for i := range n {
		numbers = append(numbers, fmt.Sprintf("3%03d", i))
	}
	return numbers
}
