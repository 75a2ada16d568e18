package io.distcache;

/** Where a value came from. */
public enum Origin {
  /** There is no value. */
  NONE,
  /** This node's memory, which owns the key. */
  LOCAL,
  /** The memory of the owner, another member. */
  OWNER,
  /** A leased copy of a hot key in this node's memory. */
  MIRROR,
  /** An expired or orphaned copy, kept for when all else fails. */
  RESERVE,
  /** The second tier. */
  TIER,
  /** Loaded by the data source, for this call or one it joined. */
  SOURCE;

  private static final Origin[] ALL = values();

  static Origin of(int number) {
    return number >= 0 && number < ALL.length ? ALL[number] : NONE;
  }
}
