package io.distcache;

import java.util.List;

/** CLOSED or FORKED: the engine is closed, or belongs to a parent process. */
public class ClosedException extends DistcacheException {
  private static final long serialVersionUID = 1L;

  ClosedException(Status status, boolean retriable, String message) {
    super(status, retriable, message, List.of());
  }
}
