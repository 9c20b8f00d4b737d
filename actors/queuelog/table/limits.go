package table

const (
	// maxLine is how long a line may be; writers cut them at 8192 bytes. What is longer can not be read as one.
	maxLine = 64 << 10
	// maxSecond is how many lines of the last second Have gives.
	maxSecond = 10000
	// maxReaders is how many reports are made at the same time; others wait.
	maxReaders = 4
	// saveEvery is how many lines there may be after those for which the open state was saved. They are read again
	// when a partition is opened, and for a report.
	saveEvery = 500
	// maxWritten is how many lines one transaction takes.
	maxWritten = 50000
	// ordinalBits are those of a line's ordinal in its row's number; the partition's number is above them.
	ordinalBits = 40
	// Seconds that nearly all stints, sessions and pauses last at most. What lasts longer, or ends before it began since a
	// clock was set, is odd: it is looked for by itself, so that all others are found by their end alone.
	usualStint   = 3600
	usualSession = 86400
	usualPause   = 4 * 3600
)
