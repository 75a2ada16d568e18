package io.distcache;

import java.util.List;

/** INVALID_CONFIG, INSECURE or BAD_KEY: the message names every fault, one a line. */
public class ConfigurationException extends DistcacheException {
  private static final long serialVersionUID = 1L;

  ConfigurationException(Status status, boolean retriable, String message) {
    super(status, retriable, message, List.of());
  }

  /**
   * For a {@link Discovery} that can never work as it was set up.
   *
   * @param message for people; what is over 1024 bytes is cut
   */
  public ConfigurationException(String message) {
    this(Status.INVALID_CONFIG, false, String.valueOf(message));
  }
}
