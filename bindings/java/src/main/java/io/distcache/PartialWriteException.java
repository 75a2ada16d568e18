package io.distcache;

import java.util.List;

/** PARTIAL: applied at the owner, but {@link #peers()} have not confirmed it. */
public class PartialWriteException extends DistcacheException {
  private static final long serialVersionUID = 1L;

  PartialWriteException(boolean retriable, String message, List<String> peers) {
    super(Status.PARTIAL, retriable, message, peers);
  }
}
