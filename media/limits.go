package media

import (
	"time"

	"tandem/media/codec"
)

// Limits that are no settings: nobody should have a reason to change them.
const (
	// slotTime is the grain of the pacing loops.
	slotTime = time.Millisecond
	slots    = int(codec.Frame / slotTime)
	// frameTime is from one turn of a slot to the next.
	frameTime = time.Duration(slots) * slotTime
	// longestRest is how long a stream rests at most that nothing is due for.
	longestRest = time.Hour
	// catchUp is how many frames a loop that was held up makes good. What is older is left out:
	// the peer's play-out buffer has given it up.
	catchUp = 5

	// eventQueue is how many events of a shard may wait for their owners; more are dropped and
	// counted.
	eventQueue = 4096

	// maxBinds is how many port pairs one Open tries that turn out to be held by somebody else.
	maxBinds = 64

	// minPtime and maxPtime bound what a peer may ask for as audio per packet.
	minPtime = 10 * time.Millisecond
	maxPtime = 60 * time.Millisecond

	// watchFrames is how often a stream looks after what is not audio: RTCP, silence, key presses
	// that never ended.
	watchFrames = 5

	// reportEvery is the mean distance of RTCP reports, randomised by half either way (RFC 3550
	// section 6.2).
	reportEvery = 5 * time.Second
	// maxPackets is how many packets of a peer a stream takes in a second: five times what 10 ms
	// of audio each make. Two streams that echo to each other cannot run away by it.
	maxPackets = 500
	// maxChanges is how often in a second a stream follows a peer from one agreed codec to another.
	maxChanges = 5
	// maxFeedback is how many RTCP packets a stream reads in a second.
	maxFeedback = 20

	// maxIdle is for how many frames a mixer keeps an encoder that nobody hears: 5 s. Parties may wish for many.
	maxIdle = 250
	// maxVoices is how many voices a mixer may have; each owner of one needs one.
	maxVoices = 16
	// maxAttendants is how many may attend a stream at a time.
	maxAttendants = 8
	// maxEcho is the longest delay of Echo.
	maxEcho = 5 * time.Second
	// maxDigits is the longest string for SendDigits; queued digits count too.
	maxDigits = 128
	// maxHeld is for how many frames keys wait until the peer has taken a codec that they can be heard in: 10 s.
	maxHeld = 500
	// recorderQueue is how many frames of a recording may wait for the disk: about 2.5 s of two
	// channels.
	recorderQueue = 256
	// maxTaps is how many recordings and copies there may be of a stream: that of its account, those of Tasks, one of its
	// party alone, and those for recording servers, which either side of a call may have.
	maxTaps = 12
	// copyFrames is how many frames of a copy may wait to be sent, and copyLead with how many it begins: the two streams
	// have their frames at different times, and a loop that was held up makes up for several at once.
	copyFrames = 8
	copyLead   = 2
	// maxGaps is how often a recording may be paused.
	maxGaps = 1000
	// settle is how long a recording waits for the frames of its other channel.
	settle = 200 * time.Millisecond
	// minDigit is the shortest key press that is sent; ITU-T Q.24 lets receivers miss shorter ones.
	minDigit = 50 * time.Millisecond
)
