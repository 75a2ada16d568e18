package io.distcache;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The C interface, one method per function. Handles are numbers; those of engines, keyspaces and
 * fetches may be stale, all others must be live. Texts go in as UTF-8 ended by NUL, and come out as
 * UTF-8. Arrays must not be null unless said so.
 */
final class Native {
  static {
    NativeLibrary.load();
    if (abi() != abiCompiled()) {
      throw new UnsatisfiedLinkError(
          "libdistcache has the binary interface " + abi() + ", this binding was compiled for "
              + abiCompiled());
    }
  }

  private Native() {}

  /** A text that native code reads. */
  static byte[] text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (byte b : bytes) {
      if (b == 0) {
        throw DistcacheException.of(
            Status.INVALID_ARGUMENT.number(), false, "a text has a NUL in it", List.of());
      }
    }
    return Arrays.copyOf(bytes, bytes.length + 1);
  }

  /** The same for people: a NUL in it is no fault. */
  static byte[] message(String text) {
    return text(text.replace('\0', ' '));
  }

  static String string(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }

  // ---- called by native code --------------------------------------------------------------------

  /** Makes the exception of a failed call; names of peers each end with NUL, null: none. */
  static DistcacheException failure(int status, boolean retriable, byte[] message, byte[] peers) {
    List<String> names = new ArrayList<>();
    for (int at = 0, end; peers != null && at < peers.length; at = end + 1) {
      for (end = at; peers[end] != 0; ) {
        end++;
      }
      names.add(new String(peers, at, end - at, StandardCharsets.UTF_8));
    }
    return DistcacheException.of(status, retriable, string(message), names);
  }

  /** SOURCE thread. */
  static void fetch(DataSourceCall source, long fetch, byte[] key) {
    source.fetch(fetch, key);
  }

  /** DISCOVERY thread; a status. */
  static int discover(DiscoveryCall discovery, long reply, int step, byte[] address) {
    return discovery.call(reply, step, address);
  }

  /** EVENT thread; takes result and error over, of which each may be 0. */
  static void completed(Operation<?> operation, int status, long result, long error) {
    operation.completed(status, result, error);
  }

  // ---- library ----------------------------------------------------------------------------------

  static native int abi();

  static native int abiCompiled();

  static native byte[] version();

  static native byte[] propertiesJson();

  static native byte[] statusName(int status);

  static native boolean statusRetriable(int status);

  // ---- engine: properties are names and values alternating; a source may be null ----------------

  static native long configNew(byte[][] properties);

  static native void configKeyspace(
      long config, byte[] name, byte[][] properties, DataSourceCall source);

  static native void configDiscovery(long config, byte[] id, DiscoveryCall discovery);

  static native void configRelease(long config);

  static native long open(long config);

  static native boolean ready(long engine);

  static native void waitReady(long engine, long timeout);

  static native void close(long engine, long timeout);

  static native void release(long engine);

  static native byte[][] peers(long engine, long[] numbers);

  static native long keyspaceAdd(
      long engine, byte[] name, byte[][] properties, DataSourceCall source);

  static native void keyspaceUpdate(
      long engine, byte[] name, byte[][] properties, DataSourceCall source);

  static native void keyspaceRemove(long engine, byte[] name);

  static native long keyspaceLookup(long engine, byte[] name);

  static native byte[][] keyspaceList(long engine);

  static native void keyspaceRelease(long keyspace);

  static native void keyspaceStats(long keyspace, long[] out);

  // ---- operations: a hit, or null and the status in meta[0]
  // --------------------------------------

  static native byte[] held(
      long keyspace, byte[] key, int flags, long timeout, long ttl, long parent, long[] meta);

  static native byte[] peek(long keyspace, byte[] key, long[] meta);

  // ---- operations that call completed() once, unless they throw; they answer a handle -----------

  static native long get(
      long keyspace,
      byte[] key,
      int flags,
      long timeout,
      long ttl,
      long parent,
      Operation<?> operation);

  static native long put(
      long keyspace,
      byte[] key,
      byte[] value,
      int flags,
      long timeout,
      long ttl,
      long parent,
      Operation<?> operation);

  static native long getWith(
      long keyspace,
      byte[] key,
      DataSourceCall loader,
      int flags,
      long timeout,
      long ttl,
      long parent,
      Operation<?> operation);

  static native long refresh(
      long keyspace,
      byte[] key,
      int flags,
      long timeout,
      long ttl,
      long parent,
      Operation<?> operation);

  /** Epoch, owner and counter are the expected version. */
  static native long putIf(
      long keyspace,
      byte[] key,
      byte[] value,
      long epoch,
      long owner,
      long counter,
      int flags,
      long timeout,
      long ttl,
      long parent,
      Operation<?> operation);

  static native long delete(
      long keyspace,
      byte[] key,
      int flags,
      long timeout,
      long ttl,
      long parent,
      Operation<?> operation);

  static native long getMany(
      long keyspace,
      byte[] keys,
      int[] lengths,
      int flags,
      long timeout,
      long ttl,
      long parent,
      Operation<?> operation);

  /** {@code ttls} may be null. */
  static native long putMany(
      long keyspace,
      byte[] keys,
      int[] lengths,
      byte[] values,
      int[] valueLengths,
      long[] ttls,
      int flags,
      long timeout,
      long ttl,
      long parent,
      Operation<?> operation);

  static native long deleteMany(
      long keyspace,
      byte[] keys,
      int[] lengths,
      int flags,
      long timeout,
      long ttl,
      long parent,
      Operation<?> operation);

  static native void opCancel(long op);

  static native void opRelease(long op);

  // ---- results ----------------------------------------------------------------------------------

  /** Makes the exception and ends the error. */
  static native DistcacheException failed(int status, long error);

  static native void errorRelease(long error);

  static native int resultCount(long result);

  static native byte[][] resultItems(long result, long[] meta);

  static native byte[] resultMessage(long result, int index);

  /** Null past the last one. */
  static native byte[] resultPeer(long result, int index, int nth);

  static native void resultRelease(long result);

  // ---- replies of a discovery, during its call
  // --------------------------------------------------

  /** False if it is no address. */
  static native boolean discoveryAdd(long reply, byte[] address);

  static native void discoveryMessage(long reply, byte[] message);

  // ---- fetches ----------------------------------------------------------------------------------

  static native long fetchRemaining(long fetch);

  static native boolean fetchCancelled(long fetch);

  static native long fetchSourceVersion(long fetch);

  /** Tags each end with NUL; null: none. */
  static native void fetchComplete(
      long fetch, byte[] value, int flags, long ttl, long sourceVersion, byte[] tags);

  static native void fetchNotModified(long fetch, int flags, long ttl, long sourceVersion);

  static native void fetchNotFound(long fetch);

  static native void fetchFail(long fetch, boolean retriable, byte[] message);
}
