//go:build race

package company

const raceOn = true
