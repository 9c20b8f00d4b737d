package cluster

import cmap "github.com/orcaman/concurrent-map"

// The runtime keeps its actors in 1,024 tables, each of which is a concurrent map of so many parts. A part that has had an
// actor once keeps the room for eight, about 290 octets: of the 32 that it has otherwise all have had one after a day, and
// 9 MiB are kept for nothing. The 1,024 locks are enough.
func init() { cmap.SHARD_COUNT = 1 }
