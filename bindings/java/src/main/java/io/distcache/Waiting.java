package io.distcache;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * The calls that wait in native code: opening, closing, becoming ready. A virtual thread would pin
 * its carrier there, so a platform thread makes the call for it.
 */
final class Waiting {
  private static final MethodHandle IS_VIRTUAL = isVirtual();

  private Waiting() {}

  private static MethodHandle isVirtual() {
    try {
      return MethodHandles.publicLookup()
          .findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
    } catch (ReflectiveOperationException before21) {
      return null;
    }
  }

  private static boolean onVirtualThread() {
    try {
      return IS_VIRTUAL != null && (boolean) IS_VIRTUAL.invokeExact(Thread.currentThread());
    } catch (Throwable impossible) {
      return false;
    }
  }

  static <T> T call(Supplier<T> waits) {
    if (!onVirtualThread()) {
      return waits.get();
    }
    CompletableFuture<T> outcome = new CompletableFuture<>();
    Thread helper =
        new Thread(
            () -> {
              try {
                outcome.complete(waits.get());
              } catch (Throwable failure) {
                outcome.completeExceptionally(failure);
              }
            },
            "distcache-wait");
    helper.setDaemon(true);
    helper.start();
    try {
      return outcome.join();
    } catch (CompletionException failure) {
      if (failure.getCause() instanceof DistcacheException cause) {
        throw cause;
      }
      throw failure;
    }
  }
}
