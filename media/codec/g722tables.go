package codec

// The constants of ITU-T G.722, in the scaling in which the code uses them.

// lowerDecisions are the upper ends of the lower band's intervals, relative to the step (Q6, an
// eighth of table 14's).
var lowerDecisions = [29]int{
	35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023,
	1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919,
}

// lowerNegative and lowerPositive name the intervals on the wire (ILN, ILP). The smallest ones have
// codes apart from the rest so that no byte of a silent line is zero.
var (
	lowerNegative = [30]byte{
		63, 62, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11,
		10, 9, 8, 7, 6, 5, 4,
	}
	lowerPositive = [30]byte{
		61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39,
		38, 37, 36, 35, 34, 33, 32,
	}
)

// maxRatio is beyond the last decision level.
const maxRatio = 2920

// lowerCodes are the codes of positive and of negative differences by their ratio to the step.
var lowerCodes = func() (codes [2][maxRatio + 1]byte) {
	n := 0
	for ratio := range codes[0] {
		if n < len(lowerDecisions) && ratio > lowerDecisions[n] {
			n++
		}
		codes[0][ratio], codes[1][ratio] = lowerPositive[n], lowerNegative[n]
	}
	return codes
}()

// lowerLevels are the values the six-bit codes stand for (QM6). Codes 0 to 3 are never sent.
var lowerLevels = [64]int{
	-136, -136, -136, -136, -24808, -21904, -19008, -16704,
	-14984, -13512, -12280, -11192, -10232, -9360, -8576, -7856,
	-7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576,
	-3168, -2776, -2400, -2032, -1688, -1360, -1040, -728,
	24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192,
	10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456,
	4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032,
	1688, 1360, 1040, 728, 432, 136, -432, -136,
}

// lowerCoarseLevels are the values of the four upper bits (QM4); lowerWeights say how each moves
// the scale (WL through RL42).
var (
	lowerCoarseLevels = [16]int{
		0, -20456, -12896, -8968, -6288, -4240, -2584, -1200,
		20456, 12896, 8968, 6288, 4240, 2584, 1200, 0,
	}
	lowerWeights = [16]int{
		-60, 3042, 1198, 538, 334, 172, 58, -30,
		3042, 1198, 538, 334, 172, 58, -30, -60,
	}
)

// The upper band's two bits: values (QM2), and how each moves the scale (WH through RH2).
var (
	upperLevels  = [4]int{-7408, -1616, 7408, 1616}
	upperWeights = [4]int{798, -214, 798, -214}
)

// octave is 2048 * 2^(i/32) (ILB).
var octave = [32]int{
	2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834,
	2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
}
