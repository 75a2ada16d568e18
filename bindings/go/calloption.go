package distcache

// #include "shim.h"
import "C"

import (
	"context"
	"time"
)

// CallOption is how one call departs from the settings of its keyspace.
type CallOption struct {
	timeout, ttl time.Duration
	flags        uint32
}

// Timeout bounds the call, beside the deadline of its context. 0: the keyspace's default; negative:
// InvalidArgument.
func Timeout(d time.Duration) CallOption { return CallOption{timeout: d} }

// TTL is the life of what is written; [NoExpiry] for one without end. 0: as the keyspace says;
// other negatives are an InvalidArgument. The limits and the jitter of the keyspace apply.
func TTL(d time.Duration) CallOption { return CallOption{ttl: d} }

// NoStale refuses a value that is past its expiry, whatever stale.max.ms allows.
func NoStale() CallOption { return CallOption{flags: C.DISTCACHE_OP_NO_STALE} }

type options CallOption

func merge(given []CallOption) (all options) {
	for _, one := range given {
		if one.timeout != 0 {
			all.timeout = one.timeout
		}
		if one.ttl != 0 {
			all.ttl = one.ttl
		}
		all.flags |= one.flags
	}
	return all
}

// of is what the library is told, the nearer of context's deadline and timeout included.
func (o *options) of(ctx context.Context) (C.dcgo_options_t, error) {
	timeout := milliseconds(o.timeout)
	if deadline, ok := ctx.Deadline(); ok {
		left := milliseconds(time.Until(deadline))
		if left <= 0 {
			return C.dcgo_options_t{}, failure(TimedOut, "the deadline of the context has passed")
		}
		if timeout == 0 || left < timeout {
			timeout = left
		}
	}
	return C.dcgo_options_t{
		timeout_ms:   C.int64_t(timeout),
		ttl_ms:       C.int64_t(ttlOf(o.ttl)),
		parent_fetch: C.uint64_t(parentOf(ctx)),
		flags:        C.uint32_t(o.flags),
	}, nil
}

// ttlOf is a ttl as the library takes it.
func ttlOf(d time.Duration) int64 {
	if d == NoExpiry {
		return C.DISTCACHE_TTL_NONE
	}
	if ms := milliseconds(d); ms != C.DISTCACHE_TTL_NONE {
		return ms
	}
	return C.DISTCACHE_TTL_NONE - 1 // a negative one that does not mean NoExpiry
}

// ended is the error of a context that is over.
func ended(ctx context.Context) error {
	switch ctx.Err() {
	case nil:
		return nil
	case context.DeadlineExceeded:
		return failure(TimedOut, "the deadline of the context has passed")
	}
	return failure(Cancelled, "the context was cancelled")
}
