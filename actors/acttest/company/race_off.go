//go:build !race

package company

const raceOn = false
