package trunk

import "time"

// Times and limits of a trunk.
const (
	standFirst   = time.Second      // after a change all members are told again, then each time twice as late: one may not have been there
	standEvery   = 10 * time.Second // all members are told how it stands, even if that is as before
	firstWait    = 2 * time.Second  // before a registration that failed is tried again
	lastWait     = 5 * time.Minute  // each time it is twice as long, up to this
	leastLife    = 10 * time.Second // of a registration, whatever the carrier says
	mostLife     = 24 * time.Hour   // the same
	downTime     = 30 * time.Second // a target that is not asked is down after a call failed
	tryTime      = 5 * time.Second  // all that TrunkTry asks has to be answered
	answerTime   = 32 * time.Second // a request of ours is forgotten, as its transaction is
	maxAsked     = 64               // requests of ours that wait for answers
	maxTries     = 32               // who wait for TrunkTry
	maxHolders   = 4 * 100_000      // of channels, over all of them
	maxText      = 200              // bytes of what a carrier says that are kept
	maxProofs    = 2                // challenges that one request answers: who challenges for ever is given up
	minutes      = 60               // of figures
	leadsLife    = time.Minute      // after it the name of a target is looked up again
	leadsKept    = time.Hour        // what it led to is good while no name server answers
	leadsWait    = 10 * time.Second // a name server may take so long
	maxFarewells = 3                // so often a registration from before is asked back
	maxLeads     = 16               // addresses of one target
)
