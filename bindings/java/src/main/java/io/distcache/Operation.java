package io.distcache;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * An operation that the engine has accepted: native code holds it until it calls {@link
 * #completed}, once. Then either a thread that waits here takes the outcome, or a future is
 * completed on the engine's executor.
 */
final class Operation<T> {
  /** Starts the operation in native code; answers its handle or throws. */
  @FunctionalInterface
  interface Start {
    long submit(Operation<?> operation);
  }

  /** Makes of an OK result what the caller gets. */
  @FunctionalInterface
  interface Decoder<T> {
    T decode(long result);
  }

  // What `handle` holds when it is no handle.
  private static final long NONE = 0;
  private static final long COMPLETED = -1;
  private static final long CANCELLED = -2;

  /** Set while an EVENT thread runs an executor of the user's, which may call us on that thread. */
  private static final ThreadLocal<Boolean> ON_EVENT_THREAD = new ThreadLocal<>();

  private final Keyspace keyspace; // keeps it and its engine from being collected meanwhile
  private final Decoder<T> decoder;
  private final Future<T> future; // null: a thread waits
  private final Thread waiter;
  private final AtomicLong handle = new AtomicLong(NONE);
  private int status;
  private long result;
  private long error;
  private volatile boolean completed;

  private Operation(Keyspace keyspace, Decoder<T> decoder, Future<T> future) {
    this.keyspace = keyspace;
    this.decoder = decoder;
    this.future = future;
    this.waiter = future == null ? Thread.currentThread() : null;
  }

  /** Starts the operation and waits for it. */
  static <T> T await(Keyspace keyspace, Decoder<T> decoder, Start start) {
    refuseOnEventThread();
    Operation<T> operation = new Operation<>(keyspace, decoder, null);
    operation.started(start.submit(operation));
    return operation.outcome();
  }

  /** Starts the operation; a refusal completes the future as well. */
  static <T> CompletableFuture<T> async(Keyspace keyspace, Decoder<T> decoder, Start start) {
    Future<T> future = new Future<>(keyspace.engine().executor());
    Operation<T> operation = new Operation<>(keyspace, decoder, future);
    future.operation = operation;
    try {
      operation.started(start.submit(operation));
    } catch (DistcacheException refused) {
      future.fail(refused);
    }
    return future;
  }

  /** A thread that runs completions would wait for itself. */
  static void refuseOnEventThread() {
    if (ON_EVENT_THREAD.get() != null) {
      throw DistcacheException.of(
          Status.WOULD_DEADLOCK.number(),
          false,
          "a call that waits was made on the thread that runs completions",
          List.of());
    }
  }

  /** EVENT thread: hands everything on. */
  void completed(int status, long result, long error) {
    this.status = status;
    this.result = result;
    this.error = error;
    completed = true;
    release(handle.getAndSet(COMPLETED));
    if (future == null) {
      LockSupport.unpark(waiter);
      return;
    }
    ON_EVENT_THREAD.set(Boolean.TRUE);
    try {
      future.executor.execute(this::finish);
    } catch (RejectedExecutionException shutDown) {
      ForkJoinPool.commonPool().execute(this::finish);
    } finally {
      ON_EVENT_THREAD.remove();
    }
  }

  private void started(long op) {
    if (!handle.compareAndSet(NONE, op)) {
      if (handle.get() == CANCELLED) {
        Native.opCancel(op);
      }
      release(op);
    }
  }

  /** Whoever takes the handle out releases it. */
  void cancel() {
    long op = handle.getAndUpdate(held -> held == COMPLETED ? COMPLETED : CANCELLED);
    if (isHandle(op)) {
      Native.opCancel(op);
      release(op);
    }
  }

  /** A handle may be any other number, negative ones included. */
  private static boolean isHandle(long op) {
    return op != NONE && op != COMPLETED && op != CANCELLED;
  }

  private static void release(long op) {
    if (isHandle(op)) {
      Native.opRelease(op);
    }
  }

  /** Waits in Java, so that a virtual thread gives its carrier back. */
  private T outcome() {
    boolean interrupted = false;
    while (!completed) {
      LockSupport.park(this);
      if (Thread.interrupted()) {
        interrupted = true;
        cancel();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return take();
  }

  private void finish() {
    try {
      future.succeed(take());
    } catch (Throwable failure) {
      future.fail(failure);
    }
  }

  private T take() {
    long taken = result;
    result = 0;
    if (status == Status.NOT_FOUND.number() || status == Status.NOT_CACHED.number()) {
      Native.errorRelease(error);
      return decoder.decode(-status);
    }
    try {
      if (status != Status.OK.number()) {
        throw Native.failed(status, error).withVersion(Results.told(taken));
      }
      return decoder.decode(taken);
    } finally {
      if (taken != 0) {
        Native.resultRelease(taken);
      }
    }
  }

  /** What callers get; giving it up gives the operation up. */
  static final class Future<T> extends CompletableFuture<T> {
    private final Executor executor;
    private Operation<T> operation;

    Future(Executor executor) {
      this.executor = executor;
    }

    @Override
    public Executor defaultExecutor() {
      return executor;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      return gaveUp(super.cancel(mayInterruptIfRunning));
    }

    @Override
    public boolean complete(T value) {
      return gaveUp(super.complete(value));
    }

    @Override
    public boolean completeExceptionally(Throwable failure) {
      return gaveUp(super.completeExceptionally(failure));
    }

    private boolean gaveUp(boolean now) {
      if (now) {
        operation.cancel();
      }
      return now;
    }

    void succeed(T value) {
      super.complete(value);
    }

    void fail(Throwable failure) {
      super.completeExceptionally(failure);
    }
  }
}
