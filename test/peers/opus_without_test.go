//go:build !libopus

package peers

// encodesOpus tells that the member was built without an encoder of Opus.
const encodesOpus = false
