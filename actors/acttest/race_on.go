//go:build race

package acttest

// raceOn says that the race detector is there.
const raceOn = true
