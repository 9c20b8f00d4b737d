package sound

import (
	"encoding/binary"
	"errors"
	"fmt"
)

func isWave(file []byte) bool { return begins(file, 0, "RIFF") && begins(file, 8, "WAVE") }

// waveExtensible is the number of an encoding that is told further on.
const waveExtensible = 0xFFFE

// waveReading reads samples by the number of their encoding and their bits.
var waveReading = map[[2]int]reading{
	{1, 8}: unsigned8, {1, 16}: little16, {1, 24}: little24, {1, 32}: little32,
	{3, 32}: littleFloat,
	{6, 8}:  law("PCMA"), {7, 8}: law("PCMU"),
	{49, 0}: waveGSM,
}

// readWave reads RIFF chunks: the format, and then the samples, as far as the file goes. A size that is
// not true, as of a program that died while it wrote, is cut to what there is.
func readWave(file []byte) (audio, error) {
	var a audio
	var read reading
	for rest := file[12:]; len(rest) >= 8; {
		name, size := string(rest[:4]), int(binary.LittleEndian.Uint32(rest[4:]))
		body := rest[8:]
		whole := min(size, len(body))
		switch name {
		case "fmt ":
			var err error
			if a, read, err = waveFormat(body[:whole]); err != nil {
				return a, err
			}
		case "data":
			if read == nil {
				return a, errors.New("samples come before their format")
			}
			a.pcm = read(body[:whole])
			return a, nil
		}
		rest = body[min(size+size%2, len(body)):]
	}
	return a, errors.New("no samples")
}

func waveFormat(body []byte) (a audio, read reading, err error) {
	if len(body) < 16 {
		return a, nil, fmt.Errorf("a format of %d bytes", len(body))
	}
	le := binary.LittleEndian
	encoding, bits := int(le.Uint16(body)), int(le.Uint16(body[14:]))
	if encoding == waveExtensible && len(body) >= 26 {
		encoding = int(le.Uint16(body[24:]))
	}
	a = audio{rate: int(le.Uint32(body[4:])), channels: int(le.Uint16(body[2:]))}
	if read = waveReading[[2]int{encoding, bits}]; read == nil {
		return a, nil, fmt.Errorf("WAV encoding %d of %d bits is not read", encoding, bits)
	}
	if encoding == 49 && a.channels != 1 {
		return a, nil, fmt.Errorf("GSM of %d channels", a.channels)
	}
	return a, read, a.check()
}
