// Package distcache is a distributed read-through cache that lives inside the process: the Go
// binding of libdistcache.
//
// An [Engine] is one node in one process. It holds keyspaces: named caches with limits of their
// own, each with a [DataSource] that fetches what is missing. Engines that know each other share
// the keys among them: each key has one owner, and one load per key serves the whole cluster.
//
//	users := distcache.NewKeySpace("users", 64<<20, source, distcache.KeySpaceTTL(time.Minute))
//	engine, err := distcache.NewEngine(distcache.NewStandaloneConfig([]distcache.KeySpace{users}))
//	...
//	err = engine.Start(ctx)
//	kv, err := engine.Get(ctx, "users", "42")
//
// # Threads
//
// Everything here may be used by any number of goroutines at once. A call that waits holds no
// thread of the operating system: a hit is one call into C that never blocks, anything else is
// handed over and awaited on a channel. [Engine.Start], [Engine.Stop] and
// [Engine.UpdateKeySpace] and its kin are calls of a life cycle and not meant for the hot path.
//
// # Time
//
// The deadline of a context bounds the call; without one, the read or write timeout of the
// keyspace does. A cancelled call returns at once, a load goes on for its other readers. Times are
// passed to the library in whole milliseconds, rounded up.
//
// # Errors
//
// A failure is an [*Error]: it has a [Status] and says whether a retry may help. errors.Is compares
// it with the values Err..., with a [Status], and with [context.DeadlineExceeded] and
// [context.Canceled].
//
// # Memory
//
// Keys and values are any bytes. What a call returns belongs to the caller, what it is given is
// copied before it returns; the library never keeps a pointer into Go memory.
package distcache
