package io.distcache;

import java.util.ArrayList;
import java.util.List;

/** Keys end to end with one length each, and the calls that take them so. */
final class Packed {
  final byte[] bytes;
  final int[] lengths;

  Packed(List<byte[]> parts) {
    lengths = new int[parts.size()];
    long size = 0;
    int i = 0;
    for (byte[] part : parts) {
      lengths[i++] = part.length;
      size += part.length;
    }
    bytes = new byte[fits(size)];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, bytes, at, part.length);
      at += part.length;
    }
  }

  private static int fits(long size) {
    if (size > Integer.MAX_VALUE - 8) {
      throw DistcacheException.of(
          Status.TOO_LARGE.number(), false, "one call takes 2 GiB at most", List.of());
    }
    return (int) size;
  }

  long getMany(long keyspace, CallOptions o, Operation<?> operation) {
    return Native.getMany(
        keyspace, bytes, lengths, o.flags, o.timeout, o.ttl, o.parent, operation);
  }

  long deleteMany(long keyspace, CallOptions o, Operation<?> operation) {
    return Native.deleteMany(
        keyspace, bytes, lengths, o.flags, o.timeout, o.ttl, o.parent, operation);
  }

  /** Keys and values, and how long each lives. */
  static final class Pairs {
    final Packed keys;
    final Packed values;
    final long[] ttls;

    Pairs(List<KeyValue> pairs) {
      List<byte[]> keyParts = new ArrayList<>(pairs.size());
      List<byte[]> valueParts = new ArrayList<>(pairs.size());
      ttls = new long[pairs.size()];
      int i = 0;
      for (KeyValue pair : pairs) {
        keyParts.add(pair.key);
        valueParts.add(pair.value);
        ttls[i++] = pair.ttlMillis;
      }
      keys = new Packed(keyParts);
      values = new Packed(valueParts);
    }

    long putMany(long keyspace, CallOptions o, Operation<?> operation) {
      return Native.putMany(
          keyspace,
          keys.bytes,
          keys.lengths,
          values.bytes,
          values.lengths,
          ttls,
          o.flags,
          o.timeout,
          o.ttl,
          o.parent,
          operation);
    }
  }
}
