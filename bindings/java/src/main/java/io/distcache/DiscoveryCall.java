package io.distcache;

import java.util.List;

/** A discovery as the native side holds it: calls it, and answers whatever becomes of it. */
final class DiscoveryCall {
  // As in discovery.cpp.
  private static final int INITIALIZE = 0;
  private static final int REGISTER = 1;
  private static final int DISCOVER = 2;
  private static final int DEREGISTER = 3;

  private final Discovery discovery;
  private final ClassLoader loader = Thread.currentThread().getContextClassLoader();

  DiscoveryCall(Discovery discovery) {
    this.discovery = discovery;
  }

  byte[] id() {
    return Native.text(discovery.id());
  }

  /** DISCOVERY thread; `reply` is 0 for a close. */
  int call(long reply, int step, byte[] address) {
    Thread thread = Thread.currentThread();
    thread.setContextClassLoader(loader);
    try {
      perform(reply, step, address);
      return Status.OK.number();
    } catch (Throwable thrown) {
      if (reply != 0) {
        Native.discoveryMessage(reply, Native.message(DataSourceCall.messageOf(thrown)));
      }
      boolean never = thrown instanceof ConfigurationException;
      return (never ? Status.INVALID_CONFIG : Status.PEER_UNREACHABLE).number();
    } finally {
      thread.setContextClassLoader(null);
      Thread.interrupted(); // an interrupt was meant for this call and not for the next one
    }
  }

  private void perform(long reply, int step, byte[] address) throws Exception {
    switch (step) {
      case INITIALIZE -> discovery.initialize();
      case REGISTER -> discovery.register(Native.string(address));
      case DISCOVER -> tell(reply);
      case DEREGISTER -> discovery.deregister();
      default -> discovery.close();
    }
  }

  private void tell(long reply) throws Exception {
    int told = 0;
    String malformed = null;
    for (String address : List.copyOf(discovery.discover())) {
      if (address.indexOf('\0') < 0 && Native.discoveryAdd(reply, Native.text(address))) {
        told++;
      } else {
        malformed = address;
      }
    }
    if (malformed != null && told == 0) {
      throw new IllegalArgumentException("'" + malformed + "' is no address, as host:port");
    }
  }
}
