//go:build race

package distcache

const raceDetector = true
