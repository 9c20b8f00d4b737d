//go:build libopus

package peers

// encodesOpus tells that the member was built with an encoder of Opus.
const encodesOpus = true
