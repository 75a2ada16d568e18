package io.distcache;

/** What a call answers; numbers as in the C header, where each has its full story. */
public enum Status {
  /** Done. */
  OK(0),
  /** The source says that the key does not exist. */
  NOT_FOUND(1),
  /** The key is not in memory. */
  NOT_CACHED(2),
  /** An argument breaks its documented bounds. */
  INVALID_ARGUMENT(10),
  /** A property is unknown, unreadable, out of its bounds or contradicts another one. */
  INVALID_CONFIG(11),
  /** No keyspace of this name here or at the owner. */
  NO_KEYSPACE(12),
  /** The value is over {@code value.bytes.max}. */
  TOO_LARGE(13),
  /** The library has another binary interface than this binding was made for. */
  ABI_MISMATCH(14),
  /** This version, build or peer does not have the feature. */
  UNSUPPORTED(15),
  /** A call that waits was made where waiting could never end. */
  WOULD_DEADLOCK(16),
  /** The engine is closed or closing. */
  CLOSED(20),
  /** The process forked after the engine was opened. */
  FORKED(21),
  /** The caller cancelled the operation; a write is not applied. */
  CANCELLED(22),
  /** The deadline passed; a write is not applied. */
  TIMED_OUT(23),
  /** The source answered with a failure or threw. */
  SOURCE_FAILED(30),
  /** The limiter of the source had no token. */
  RATE_LIMITED(31),
  /** The breaker of the source is open after failures in a row. */
  CIRCUIT_OPEN(32),
  /** A bounded queue here or at the owner is full. */
  OVERLOADED(33),
  /** The entry has another version than the one asked for. */
  VERSION_MISMATCH(40),
  /** No peer that may answer could be reached; a write is not applied. */
  PEER_UNREACHABLE(41),
  /** Applied at the owner, but the named peers have not confirmed it. */
  PARTIAL(42),
  /** The write was sent and no answer came: it may or may not be applied. */
  UNKNOWN(43),
  /** Fewer than {@code quorum.min} members are alive. */
  NO_QUORUM(44),
  /** The configuration would send plain traffic over a network without saying so. */
  INSECURE(50),
  /** A key of the security profile is malformed, unreadable or readable by others. */
  BAD_KEY(51),
  /** Another live member has this node's name. */
  DUPLICATE_IDENTITY(52),
  /** A port is taken. */
  ADDRESS_IN_USE(53),
  /** Out of memory. */
  NO_MEMORY(60),
  /** Out of file descriptors. */
  NO_DESCRIPTORS(61),
  /** The operating system refused something else. */
  SYSTEM(62),
  /** A mistake of the library. */
  INTERNAL(99),
  /** A number of a newer library; to be treated like {@link #INTERNAL}. */
  UNRECOGNIZED(-1);

  private static final Status[] BY_NUMBER = new Status[100];

  static {
    for (Status status : values()) {
      if (status.number >= 0) {
        BY_NUMBER[status.number] = status;
      }
    }
  }

  private final int number;

  Status(int number) {
    this.number = number;
  }

  /**
   * The number of the C header.
   *
   * @return the number; -1 of {@link #UNRECOGNIZED}
   */
  public int number() {
    return number;
  }

  static Status of(int number) {
    Status known = number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
    return known == null ? UNRECOGNIZED : known;
  }
}
