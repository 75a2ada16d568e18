/**
 * A distributed read-through cache inside the process: the Java face of {@code libdistcache}.
 *
 * <p>An {@link io.distcache.Engine} is one node in one process. It holds {@link
 * io.distcache.Keyspace keyspaces}: named caches with their own limits, each with a {@link
 * io.distcache.DataSource}, which fetches what is missing. Engines that know each other share the
 * keys among them: each key has one owner, and one load per key serves the whole cluster.
 *
 * <p>True of everything here unless said otherwise:
 *
 * <ul>
 *   <li><b>Threads.</b> Every object may be used by any thread at any time; options belong to one
 *       thread at a time. Calls that wait park their thread in Java, so that a virtual thread lets
 *       its carrier go. An interrupt ends the wait: the operation is cancelled, a {@link
 *       io.distcache.CancelledException} is thrown, and the thread's interrupt status stays set.
 *   <li><b>Ownership.</b> Arrays handed in are copied before the call returns; arrays handed out
 *       are the caller's. Engines and keyspaces may be closed in any order and more than once; a
 *       call on a closed one throws {@link io.distcache.ClosedException}. What is never closed is
 *       closed in the background some time after it became unreachable.
 *   <li><b>Units.</b> A {@link java.time.Duration} is rounded up to whole milliseconds. Zero means
 *       the documented default, a negative one is refused with INVALID_ARGUMENT.
 *   <li><b>Errors.</b> {@link io.distcache.DistcacheException} and its subclasses, all unchecked;
 *       null where it is not allowed is a {@link java.lang.NullPointerException}. Outcomes that are
 *       expected (not found, not cached) are no exceptions.
 * </ul>
 */
package io.distcache;
