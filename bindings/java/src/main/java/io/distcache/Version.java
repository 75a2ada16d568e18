package io.distcache;

/**
 * The place of a write in the order of all writes to its key, given by the key's owner. Order and
 * equality mean something between versions of one key only. The numbers are unsigned.
 *
 * @param epoch grows with each change of the member list
 * @param owner id of the member that ordered the write
 * @param counter its own count
 */
public record Version(long epoch, long owner, long counter) implements Comparable<Version> {
  /** No version: older than any other. */
  public static final Version NONE = new Version(0, 0, 0);

  @Override
  public int compareTo(Version other) {
    int order = Long.compareUnsigned(epoch, other.epoch);
    if (order == 0) {
      order = Long.compareUnsigned(owner, other.owner);
    }
    return order != 0 ? order : Long.compareUnsigned(counter, other.counter);
  }
}
