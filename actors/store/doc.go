// Package store keeps what must last: settings, the journal of facts, and files (decision D2).
//
// One engine serves all, NATS JetStream, inside the member or, when conf.Store.URL is set, a NATS
// server outside of it. No other package sees NATS, and no type of NATS leaves this one.
//
// # Settings
//
// A [Bucket] holds values by key, with revisions, compare-and-set, history and watchers. Every
// member keeps a copy of each bucket in memory and follows its changes, so a read never waits; a
// write returns when it is on the disk and visible in the writer's own copy.
//
// # Journal
//
// The [Journal] is the ordered stream of facts that reports, statistics and snapshots are folded
// from. Facts are gathered for at most conf.Store.FrameDelay or conf.Store.Frame bytes into one
// frame, and one frame at a time is written and synced to the disk:
//
//	Append ──► open frame ──full or old enough──► waiting frames ──► write ──ack──► done
//	                                                     ▲             │
//	                                                     └── again ◄───┘ unreachable, slow, disk full
//
// One frame in flight makes the order of Append the order of the journal even when a write fails
// half way, and costs little: whatever arrives during a write goes into the next frame.
//
// A frame whose fate is unknown (the answer did not come) is searched in the journal by its id
// before it is written again, and the engine itself drops an id it has seen in the last two
// minutes; so a fact is written once.
//
// # Positions
//
// A position is the sequence of the frame in the stream shifted left by 16 bits, plus the index of
// the fact in its frame. Positions grow with every fact; 0 is before the first. To go on behind a
// fact, read from its position + 1.
//
// # Files
//
// [Files] are contents by name, on the disk, with a directory in memory that is a bucket: under each name
// the record of its newest version. The contents lie in a stream of their own, in chunks of 512 KiB, and
// the record lists their sequences. First the chunks are written and then the record, and with it the
// version is there, whole, or the one before it still is. The engine's own object store writes its record
// last too, but deletes the old chunks on its own account and verifies nothing after a crash.
//
//	Put ──► chunk, chunk, … each synced ──► record, synced ──► old chunks go, by the sweeper
//
// # What a crash may cost
//
// Nothing that was acknowledged. Every write is synced before it is acknowledged (the engine's own
// default would wait two minutes), and next to the engine's files lies a mark: for each stream the
// last acknowledged sequence. After an unclean stop Open checks every record of every file before
// the engine may touch them, because the engine would cut a file off at the first bad record and
// lose the good ones behind it. A torn record behind the mark was never acknowledged, and goes with a
// warning; anything else is [ErrDamaged], and Open changes nothing.
//
// A crash may leave chunks without a file, or a renamed file with both names: Open sweeps the ones, and
// finishes the others.
//
// The files of journal and contents are not read again after a clean stop; a record that went bad in the
// meantime is skipped by Read and Tail, counted in [Snapshot] and logged with its sequence.
//
// # Who may wait
//
// Nothing on the path of a call: [Bucket.Get], [Bucket.Range], [Bucket.PutLater], [Journal.Append],
// [Files.Stat] and [Files.List] never wait for the disk or the network. Everything else takes a context.
//
// Leases will join here.
package store
