package distcache

import (
	"os"
	"regexp"
	"strconv"
	"testing"
)

// What the header numbers, this package numbers the same.
func TestNumbersFollowTheHeader(t *testing.T) {
	statuses := []Status{OK, NotFound, NotCached, InvalidArgument, InvalidConfig, NoKeySpace, TooLarge,
		ABIMismatch, Unsupported, WouldDeadlock, Closed, Forked, Cancelled, TimedOut, SourceFailed,
		RateLimited, CircuitOpen, Overloaded, VersionMismatch, PeerUnreachable, Partial, Unknown,
		NoQuorum, Insecure, BadKey, DuplicateIdentity, AddressInUse, NoMemory, NoDescriptors, System,
		Internal}
	known := make(map[int]bool)
	for _, status := range statuses {
		known[int(status)] = true
	}
	numbers := numbersOf(t, "status.h", `DISTCACHE_([A-Z_]+) = (\d+)`)
	for name, number := range numbers {
		if Status(number).String() != name || !known[number] {
			t.Errorf("%s = %d: %v", name, number, Status(number))
		}
	}
	if len(numbers) != len(statuses) {
		t.Errorf("%d statuses, %d in the header", len(statuses), len(numbers))
	}
	same(t, numbersOf(t, "result.h", `DISTCACHE_ORIGIN_([A-Z]+) = (\d+)`), map[string]int{
		"NONE": int(OriginNone), "LOCAL": int(OriginLocal), "OWNER": int(OriginOwner),
		"MIRROR": int(OriginMirror), "RESERVE": int(OriginReserve), "TIER": int(OriginTier),
		"SOURCE": int(OriginSource)})
	same(t, numbersOf(t, "observe.h", `DISTCACHE_PEER_(ALIVE|SUSPECT|DEAD|LEFT) = (\d+)`),
		map[string]int{"ALIVE": int(PeerAlive), "SUSPECT": int(PeerSuspect), "DEAD": int(PeerDead),
			"LEFT": int(PeerLeft)})
}

func numbersOf(t *testing.T, header, pattern string) map[string]int {
	t.Helper()
	text, err := os.ReadFile("../../include/distcache/" + header)
	if err != nil {
		t.Skip("the headers are not beside the binding: ", err)
	}
	found := make(map[string]int)
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1) {
		found[match[1]], _ = strconv.Atoi(match[2])
	}
	return found
}

func same(t *testing.T, header, here map[string]int) {
	t.Helper()
	for name, number := range header {
		if got, ok := here[name]; !ok || got != number {
			t.Errorf("%s is %d in the header, %d here", name, number, got)
		}
	}
	if len(header) != len(here) {
		t.Errorf("%d numbers in the header, %d here", len(header), len(here))
	}
}
