//go:build !race

package distcache

const raceDetector = false
