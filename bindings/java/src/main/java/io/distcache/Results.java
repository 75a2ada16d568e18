package io.distcache;

import java.util.ArrayList;
import java.util.List;

/** Makes Java objects of a native result; where it is negative it is an expected status instead. */
final class Results {
  private Results() {}

  static Entry entry(long result) {
    if (result < 0) {
      return Entry.without(Status.of((int) -result));
    }
    Entry entry = entries(result).get(0);
    if (entry.failure() != null) {
      throw entry.failure();
    }
    return entry;
  }

  static Version version(long result) {
    return entry(result).version();
  }

  /** The version that came with a failure; 0: nothing did. */
  static Version told(long result) {
    return result == 0 ? Version.NONE : entries(result).get(0).version();
  }

  static Void nothing(long result) {
    entry(result);
    return null;
  }

  static List<Entry> entries(long result) {
    int count = Native.resultCount(result);
    long[] meta = new long[count * Entry.WIDTH];
    byte[][] values = Native.resultItems(result, meta);
    List<Entry> entries = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      entries.add(new Entry(values[i], meta, i, failure(result, meta, i)));
    }
    return entries;
  }

  private static DistcacheException failure(long result, long[] meta, int index) {
    int status = (int) meta[index * Entry.WIDTH];
    if (status >= 0 && status <= Status.NOT_CACHED.number()) {
      return null;
    }
    boolean retriable = (meta[index * Entry.WIDTH + 1] & 2) != 0;
    List<String> peers = new ArrayList<>();
    for (byte[] peer; (peer = Native.resultPeer(result, index, peers.size())) != null; ) {
      peers.add(Native.string(peer));
    }
    String message = Native.string(Native.resultMessage(result, index));
    return DistcacheException.of(status, retriable, message, peers);
  }
}
