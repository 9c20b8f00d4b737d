package sound

import (
	"encoding/binary"
	"fmt"
)

func isAU(file []byte) bool { return len(file) >= 24 && begins(file, 0, ".snd") }

// auReading reads samples by the number of their encoding.
var auReading = map[int]reading{
	1: law("PCMU"), 2: signed8, 3: big16, 4: big24, 5: big32, 6: bigFloat, 27: law("PCMA"),
}

// readAU reads the file of Sun and NeXT: six numbers, a remark, samples. A size of all ones means that it
// was not known.
func readAU(file []byte) (audio, error) {
	number := func(i int) int { return int(binary.BigEndian.Uint32(file[4*i:])) }
	from, size := number(1), number(2)
	a := audio{rate: number(4), channels: number(5)}
	if err := a.check(); err != nil {
		return a, err
	}
	read := auReading[number(3)]
	if read == nil {
		return a, fmt.Errorf("AU encoding %d is not read", number(3))
	}
	if from < 24 || from > len(file) {
		return a, fmt.Errorf("samples begin at %d of %d bytes", from, len(file))
	}
	a.pcm = read(file[from : from+min(size, len(file)-from)])
	return a, nil
}
