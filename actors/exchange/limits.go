package exchange

import "time"

// Times and limits of a connection.
const (
	firstWait = time.Second      // before a connection is tried again
	lastWait  = 30 * time.Second // each time it is twice as long, up to this
	dialTime  = 5 * time.Second
	loginTime = 10 * time.Second // from the connection to the end of the first list
	pingEvery = time.Second      // something is asked, so that silence means something
	silence   = 15 * time.Second // without a word the connection is given up
	listEvery = time.Minute      // all there is is asked for again
	actTime   = 3 * time.Second  // a server has for its answer

	maxActs    = 64   // that wait for answers
	maxActions = 1000 // of one act, such as queues that an agent leaves
	maxBatch   = 500  // packets taken together
	maxUnsent  = 2048 // actions that wait to be written
	writeTime  = 10 * time.Second
)
