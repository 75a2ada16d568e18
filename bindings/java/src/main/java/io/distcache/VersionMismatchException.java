package io.distcache;

import java.util.List;

/** VERSION_MISMATCH: the entry has another {@link #version()} than the one asked for. */
public class VersionMismatchException extends DistcacheException {
  private static final long serialVersionUID = 1L;

  VersionMismatchException(boolean retriable, String message) {
    super(Status.VERSION_MISMATCH, retriable, message, List.of());
  }
}
