package io.distcache;

import java.util.List;

/**
 * A call failed. Programs branch on {@link #status()}, {@link #isRetriable()} or the subclass; the
 * message names property, key range, peer or limit and may change between versions.
 */
public class DistcacheException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why. */
  private final Status status;

  /** Whether a retry helps. */
  private final boolean retriable;

  /** Those that have not confirmed a write. */
  private final List<String> peers;

  /** What a putIf was told, in this process; null: nothing. */
  private transient Version version;

  DistcacheException(Status status, boolean retriable, String message, List<String> peers) {
    super(message);
    this.status = status;
    this.retriable = retriable;
    this.peers = List.copyOf(peers);
  }

  /**
   * Why the call failed.
   *
   * @return never null, {@link Status#OK}, {@link Status#NOT_FOUND} or {@link Status#NOT_CACHED}
   */
  public Status status() {
    return status;
  }

  /**
   * Whether the same call may succeed later without a change of the program; of {@link
   * Status#SOURCE_FAILED} it is what the source said.
   *
   * @return true if a retry makes sense
   */
  public boolean isRetriable() {
    return retriable;
  }

  /**
   * The names of the peers that have not confirmed a write and may serve what they have until its
   * lease or ttl ends.
   *
   * @return empty for every status but {@link Status#PARTIAL}; immutable
   */
  public List<String> peers() {
    return peers;
  }

  /**
   * What a {@link Keyspace#putIf} was told beside its failure: of {@link Status#VERSION_MISMATCH}
   * the version of the entry that is there, of {@link Status#PARTIAL} that of the new entry.
   *
   * @return {@link Version#NONE} if there is no entry, or nothing was told
   */
  public Version version() {
    return version == null ? Version.NONE : version;
  }

  DistcacheException withVersion(Version told) {
    version = told;
    return this;
  }

  static DistcacheException of(int number, boolean retriable, String text, List<String> peers) {
    Status status = Status.of(number);
    String message = status.name() + (text.isEmpty() ? "" : ": " + text);
    switch (status) {
      case INVALID_CONFIG:
      case INSECURE:
      case BAD_KEY:
        return new ConfigurationException(status, retriable, message);
      case CLOSED:
      case FORKED:
        return new ClosedException(status, retriable, message);
      case CANCELLED:
        return new CancelledException(retriable, message);
      case TIMED_OUT:
        return new TimedOutException(retriable, message);
      case SOURCE_FAILED:
        return new SourceException(retriable, message);
      case RATE_LIMITED:
      case CIRCUIT_OPEN:
      case OVERLOADED:
        return new OverloadedException(status, retriable, message);
      case VERSION_MISMATCH:
        return new VersionMismatchException(retriable, message);
      case PARTIAL:
        return new PartialWriteException(retriable, message, peers);
      case UNKNOWN:
        return new UnknownOutcomeException(retriable, message);
      default:
        return new DistcacheException(status, retriable, message, peers);
    }
  }
}
