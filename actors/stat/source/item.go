package source

import "tandem/actors/stat/engine"

// What happens to items of open media (reference statserver.md 2.4).
var (
	itemEntered      = name("InteractionEntered")
	itemDistributed  = name("InteractionDistributed")
	itemCleared      = name("InteractionCleared")
	itemToQueue      = name("InteractionDistributedToQueue")
	itemDeleted      = name("InteractionDeleted")
	requestedOutside = name("ExternalServiceRequested")
	respondedOutside = name("ExternalServiceResponded")
)

// byAgent is the party of an agent who takes an item.
const byAgent = "agent"

func stagingArea(name string) engine.Object { return engine.Object{Type: engine.StagingArea, ID: name} }
func tenant(name string) engine.Object      { return engine.Object{Type: engine.Tenant, ID: name} }

// placed: an item lies in a queue now. Another one, in which it was, has distributed it.
func (f *Feed) placed(t *told) {
	if t.OldQueue != "" && t.OldQueue != t.DN {
		f.happens(stagingArea(t.OldQueue), itemToQueue, t.at, 0, t.call)
	}
	f.happens(stagingArea(t.DN), itemEntered, t.at, 0, t.call)
	f.over(t.Conn)
}

// taken: somebody looks at an item. It is the queue's until it lies elsewhere.
func (f *Feed) taken(t *told) {
	n := itemCleared
	if t.Party == byAgent {
		n = itemDistributed
	}
	f.happens(stagingArea(t.DN), n, t.at, 0, t.call)
	f.over(t.Conn)
}

// stopped: an item is done with.
func (f *Feed) stopped(t *told) {
	f.happens(stagingArea(t.DN), itemDeleted, t.at, 0, t.call)
	f.over(t.Conn)
}

func (f *Feed) serviceRequested(t *told) {
	f.tell(engine.Fact{At: t.at, What: engine.Happen, Object: tenant(t.Customer), Name: requestedOutside})
}

func (f *Feed) serviceResponded(t *told) {
	f.tell(engine.Fact{At: t.at, What: engine.Happen, Object: tenant(t.Customer), Name: respondedOutside})
}
