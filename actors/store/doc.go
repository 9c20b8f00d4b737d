// Package store keeps what must last: settings, leases, the journal of facts, and files (decision D2).
//
// One engine serves all, NATS JetStream, inside the member or, when conf.Store.URL is set, a NATS
// server outside of it. No other package sees NATS, and no type of NATS leaves this one.
//
// # Who keeps it
//
// conf.Store says what part a member has:
//
//	nothing set             alone: an engine for this member, which nobody else can reach
//	Listen                  the one member that keeps the store; others are its clients
//	Listen, Route, Routes   one of three members or more that keep it together, each a copy (replica)
//	Members, no Listen      a client of those that keep it; no files of its own
//	URL                     a server outside keeps it
//
// Members know each other by their certificates ([Security]): TLS 1.3, asked for on both sides and before a word
// is said. A directory stays in the role it was made in; another one is refused ([ErrOtherStore]), because
// the engine would throw away what it does not expect.
//
// With several copies there are three of every stream, on three of the members, and an acknowledgement says
// that more than half of them have it on their disks. One of them leads and takes all writes. When it is stopped
// it steps down, and another takes over within some tenths of a second. When it is killed the others find out
// by its silence, and writes wait for about 2 to 4 s (see election.go); so nothing on the path of a call
// waits for a write.
//
// Open waits for the others: at the very first start for all that keep a copy, because only then can there be
// three, and later for more than half. It says so in the log every few seconds. The streams are made by
// whoever comes first. A stream that has fewer copies than it should gets more from the next member that
// opens it; it never gets fewer.
//
// # Quorum
//
// [Store.Quorum] tells whether the store can be written from here, [Store.WatchQuorum] when that changes, and
// [Store.Written] when the last write began that succeeded. They cost nothing: a member that has not written a
// lease for a second writes a pulse, a key that no reader of [Leases] sees, and the answers tell. A loss is
// known after one second without an answer, at most two after the last one that came.
//
// Until it is back facts and values written behind wait in memory, up to their limits, and reads are answered
// from the copies. Then all of it is written once and in order, and nobody has to be started again.
//
// # Settings
//
// A [Bucket] holds values by key, with revisions, compare-and-set, history and watchers. Every
// member keeps a copy of each bucket in memory and follows its changes, so a read never waits; a
// write returns when it is on the disk and visible in the writer's own copy. Leases are a bucket like the
// others; what they mean is the matter of those who write them.
//
// What is written behind goes together where much of it waits: the values of many keys in one message, in buckets that
// keep no history. See bundle.go.
//
// # Journal
//
// The [Journal] is the ordered stream of facts that reports, statistics and snapshots are folded
// from. Facts are gathered for at most conf.Store.FrameDelay or conf.Store.Frame bytes into one
// frame, less where none was written in that time, and one frame at a time is written and synced to the disk:
//
//	Append ──► open frame ──full or old enough──► waiting frames ──► write ──ack──► done
//	                                                     ▲             │
//	                                                     └── again ◄───┘ unreachable, slow, disk full
//
// What can not be written before the store closes, since too few of the members that keep copies are there (all may
// have been told to stop at once), lies in data/unwritten until the next start, which writes it first.
//
// One frame in flight makes the order of Append the order of the journal even when a write fails
// half way, and costs little: whatever arrives during a write goes into the next frame.
//
// A frame whose fate is unknown (the answer did not come) is searched in the journal by its id
// before it is written again, and without an answer to that it is not written; and the engine itself drops an
// id it has seen in the last two minutes. So a fact is written once, also when another member has come to
// lead the journal meanwhile. With several copies reading asks any of them, and for what that one
// lacks the one that leads.
//
// Who follows the journal is told each frame when it is in it, and keeps the newest ones ([Journal.Recent]), so that a fact
// is known on all members without a question. What was missed is read.
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
// Where several members have the same files one of them sweeps, the one whose function given to [Files.SweepIf]
// says so. When it has the turn it looks for all there is, and then once an hour; chunks that are younger than an
// hour stay, because another member may be about to write their record.
//
// # Lines
//
// [Lines] are the raw lines of the queue_logs of other servers, in a stream of their own, a subject for each partition.
// They are written in pieces, each behind a named one; so two who write one partition do not both succeed. Each piece
// says how far the times have come, so that the lines of a second are found without reading all; and what its writer
// noted, so that nothing else has to be kept.
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
// With several copies there is no mark: an acknowledgement was given by more than half of them, and this one may
// lag behind. But its records are checked in the same way, and also those of the logs in which the copies agree,
// because a copy that is cut off at a bad record would vote, and serve others, as if it had never had the
// rest. A damaged copy is moved aside (damaged-TIME in the directory, one at a time) with an error in the log, and
// made anew from the others, as soon as they agree among themselves without it; conf.Store.Members says where
// they are. What the engine can not make good is the loss of two of three copies at the same time.
//
// The files of journal and contents are not read again after a clean stop; a record that went bad in the
// meantime is skipped by Read and Tail, counted in [Snapshot] and logged with its sequence.
//
// # A full disk
//
// Below 64 MiB of room this member writes nothing ([ErrDiskFull]): facts and values written behind wait in memory, all else
// is refused. A copy among several is written by the others too, so its disk may fill up all the same: then its engine takes
// itself out of service, the others go on, and it comes back when there is room (revive.go), with its files checked. Where
// that fails it is tried again, less and less often. A damaged copy is not moved aside where a new one has no room beside it.
//
// # Who may wait
//
// Nothing on the path of a call: [Bucket.Get], [Bucket.Range], [Bucket.PutLater], [Journal.Append],
// [Files.Stat] and [Files.List] never wait for the disk or the network. Everything else takes a context.
package store
