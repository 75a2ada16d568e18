package distcache

// #include "shim.h"
import "C"

import (
	"context"
	"runtime"
)

// GetWith is GetItem with a data source for this one call in place of the keyspace's, which there
// need not be: a [DataSourceFunc] or a [ValueSourceFunc] makes one of a closure. The owner of the
// key grants the load to one caller in the whole cluster; the others wait for its value, which is
// stored at the owner. If the node of that caller dies or takes too long, the next one loads; a
// delete that comes meanwhile wins.
//
// The source is called by the rules of [DataSource], at most once, or not at all where there is a
// value already or another caller loads. It may outlive a call that was cancelled or timed out.
// Neither FetchMany of a [BulkSource] nor ExpiresAt of the keyspace is called: a value lives as
// long as a [ValueSource] says, else as the keyspace does. nil is an InvalidArgument; the other
// errors are those of Get.
func (h *Handle) GetWith(ctx context.Context, key string, loader DataSource,
	given ...CallOption) (Item, error) {
	if ctx.Err() != nil {
		return failedItem(key, ended(ctx))
	}
	if loader == nil {
		return failedItem(key, failure(InvalidArgument, "the loader is nil"))
	}
	settings := merge(given)
	if item, held := h.heldItem(key, &settings); held {
		return item, item.Err
	}
	return h.one(ctx, key, &settings, func(options *C.dcgo_options_t, number C.uintptr_t,
		cancellable C.int32_t, out *C.dcgo_submitted_t) C.int32_t {
		// The library says when it can be called no more, also if it refuses the call.
		once := sources.add(&source{owner: h.engine.config, fetch: fetchOf(loader)})
		return C.dcgo_get_with(C.uintptr_t(h.keySpace), textOf(key), C.size_t(len(key)),
			C.uintptr_t(once), options, number, cancellable, out)
	})
}

// Refresh loads the key from the source now and replaces what is held, which is served meanwhile;
// it returns the new value. nil: no read that starts later, on any member, answers what was held
// before. NotFound: the source does not know the key any more, and nothing is held. Partial,
// TimedOut and Unknown: the old value may still be read. Unsupported: the owner has no source. Any
// other error, such as SourceFailed, leaves what is held in place.
func (h *Handle) Refresh(ctx context.Context, key string, given ...CallOption) (Item, error) {
	if ctx.Err() != nil {
		return failedItem(key, ended(ctx))
	}
	settings := merge(given)
	return h.one(ctx, key, &settings, func(options *C.dcgo_options_t, number C.uintptr_t,
		cancellable C.int32_t, out *C.dcgo_submitted_t) C.int32_t {
		return C.dcgo_refresh(C.uintptr_t(h.keySpace), textOf(key), C.size_t(len(key)), options,
			number, cancellable, out)
	})
}

// PutIf is Put only if the version of the entry is the expected one or, where that is the zero
// Version, only if there is no entry; nothing is loaded for it. The owner decides: of several calls
// that expect the same version, one is applied. It returns the version of the new entry.
//
// VersionMismatch: not applied, and the version returned is that of the entry that is there, the
// zero Version if there is none. PeerUnreachable: not applied either, since this member does not
// reach the owner. Partial: applied, by whoever acts for an owner that is gone, or not confirmed by
// Error.Peers; the version is returned. Unknown: applied or not. Neither is to be tried again as it
// stands: read, and decide again.
func (h *Handle) PutIf(ctx context.Context, key string, value []byte, expected Version,
	given ...CallOption) (Version, error) {
	if ctx.Err() != nil {
		return Version{}, ended(ctx)
	}
	settings := merge(given)
	condition := C.distcache_entry_version_t{epoch: C.uint64_t(expected.Epoch),
		owner: C.uint64_t(expected.Owner), counter: C.uint64_t(expected.Counter)}
	done, err := await(ctx, &settings, func(options *C.dcgo_options_t, number C.uintptr_t,
		cancellable C.int32_t, out *C.dcgo_submitted_t) C.int32_t {
		return C.dcgo_put_if(C.uintptr_t(h.keySpace), textOf(key), C.size_t(len(key)),
			bytesOf(value), C.size_t(len(value)), &condition, options, number, cancellable, out)
	})
	runtime.KeepAlive(h)
	defer done.release()
	return done.version(), err
}
