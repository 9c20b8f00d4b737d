package sound

import (
	"encoding/binary"
	"math"

	"tandem/media/codec"
)

// reading makes samples of the octets of a file; a sample that is cut off is left out.
type reading func(octets []byte) []int16

// law reads G.711.
func law(name string) reading {
	c, _ := codec.ByName(name)
	return func(octets []byte) []int16 { return c.NewDecoder().Decode(nil, octets) }
}

// each reads samples of so many octets one by one.
func each(width int, sample func(octets []byte) int16) reading {
	return func(octets []byte) []int16 {
		pcm := make([]int16, len(octets)/width)
		for i := range pcm {
			pcm[i] = sample(octets[i*width : (i+1)*width])
		}
		return pcm
	}
}

// Linear samples are cut to their upper 16 bits. Little endian: lowest octet first.
var (
	unsigned8 = each(1, func(o []byte) int16 { return int16(int(o[0])-128) << 8 })
	signed8   = each(1, func(o []byte) int16 { return int16(int8(o[0])) << 8 })
	little16  = each(2, upperLittle)
	little24  = each(3, upperLittle)
	little32  = each(4, upperLittle)
	big16     = each(2, upperBig)
	big24     = each(3, upperBig)
	big32     = each(4, upperBig)

	littleFloat = each(4, func(o []byte) int16 { return fromFloat(binary.LittleEndian.Uint32(o)) })
	bigFloat    = each(4, func(o []byte) int16 { return fromFloat(binary.BigEndian.Uint32(o)) })
)

func upperLittle(o []byte) int16 { return int16(binary.LittleEndian.Uint16(o[len(o)-2:])) }
func upperBig(o []byte) int16    { return int16(binary.BigEndian.Uint16(o)) }

// fromFloat reads a sample of -1 to 1; what is no number is silence.
func fromFloat(bits uint32) int16 {
	x := float64(math.Float32frombits(bits))
	if math.IsNaN(x) {
		return 0
	}
	return int16(math.Round(max(min(x*32768, 32767), -32768)))
}
