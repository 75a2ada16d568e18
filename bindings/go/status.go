package distcache

// #include "shim.h"
import "C"

// Status is the number of an outcome, the same in all languages. It is an error itself, so that
// errors.Is(err, distcache.TimedOut) works; what calls return is an [*Error].
//
// Numbers are never renumbered; treat an unknown one like [Internal].
type Status int32

// The statuses. Of a failed write each says whether it was applied: unless said otherwise, not.
const (
	OK                Status = 0  // done
	NotFound          Status = 1  // the source says that the key does not exist
	NotCached         Status = 2  // the key is not in memory
	InvalidArgument   Status = 10 // an argument breaks its documented bounds
	InvalidConfig     Status = 11 // a property is unknown, unreadable or out of bounds
	NoKeySpace        Status = 12 // no keyspace of this name, or it was removed
	TooLarge          Status = 13 // the value is over value.bytes.max
	ABIMismatch       Status = 14 // the library has another binary interface
	Unsupported       Status = 15 // this version, build or peer does not have the feature
	WouldDeadlock     Status = 16 // a source waits for its own load, also through other members
	Closed            Status = 20 // the engine is closed or closing
	Forked            Status = 21 // the process forked after the engine was opened
	Cancelled         Status = 22 // the caller cancelled the operation
	TimedOut          Status = 23 // the deadline passed
	SourceFailed      Status = 30 // the source answered with a failure, or panicked
	RateLimited       Status = 31 // the limiter of the source had no token
	CircuitOpen       Status = 32 // the breaker of the source is open
	Overloaded        Status = 33 // a bounded queue here or at the owner is full
	VersionMismatch   Status = 40 // the entry has another version than asked for
	PeerUnreachable   Status = 41 // no peer that may answer could be reached
	Partial           Status = 42 // applied at the owner; Error.Peers have not confirmed
	Unknown           Status = 43 // sent, and no answer came: applied or not
	NoQuorum          Status = 44 // fewer than quorum.min members are alive
	Insecure          Status = 50 // plain traffic that the configuration does not ask for
	BadKey            Status = 51 // a key of the security profile is malformed or readable
	DuplicateIdentity Status = 52 // another live member has this node's name
	AddressInUse      Status = 53 // bind.port or discovery.port is taken
	NoMemory          Status = 60 // out of memory
	NoDescriptors     Status = 61 // out of file descriptors
	System            Status = 62 // the operating system refused something else
	Internal          Status = 99 // a mistake of the library; applied or not
)

// String is the status as a word, "TIMED_OUT"; "UNRECOGNIZED" for a number that the library does
// not know.
func (s Status) String() string { return C.GoString(C.distcache_status_name(C.int32_t(s))) }

// Error makes a status comparable by errors.Is.
func (s Status) Error() string { return "distcache: " + s.String() }

// Retriable says whether the same call may succeed later, by the number alone: for SourceFailed,
// [Error.Retriable] knows what the source said.
func (s Status) Retriable() bool { return C.distcache_status_retriable(C.int32_t(s)) != 0 }
