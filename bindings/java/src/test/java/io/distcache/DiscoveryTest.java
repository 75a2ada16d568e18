package io.distcache;

import static io.distcache.Fixture.alone;
import static io.distcache.Fixture.assertStatus;
import static io.distcache.Fixture.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A discovery of the program's own. */
class DiscoveryTest {
  /** What nodes of one process know each other by. */
  private static final class Registry {
    final Set<String> listed = ConcurrentHashMap.newKeySet();
    private final Map<String, Integer> calls = new ConcurrentHashMap<>();

    void note(String call) {
      calls.merge(call, 1, Integer::sum);
    }

    int count(String call) {
      return calls.getOrDefault(call, 0);
    }
  }

  /** One node's side of the registry. */
  private static final class Own implements Discovery {
    final Registry registry;
    final List<Exception> failures = new ArrayList<>(); // of initialize, still to come
    boolean dies; // once
    String address;

    Own(Registry registry) {
      this.registry = registry;
    }

    @Override
    public String id() {
      return "own";
    }

    @Override
    public void initialize() throws Exception {
      registry.note("initialize");
      if (!failures.isEmpty()) {
        throw failures.remove(0);
      }
    }

    @Override
    public void register(String address) {
      registry.note("register");
      this.address = address;
      registry.listed.add(address);
    }

    @Override
    public Collection<String> discover() {
      registry.note("discover");
      if (dies) {
        dies = false;
        throw new StackOverflowError("once");
      }
      List<String> told = new ArrayList<>(registry.listed);
      told.addAll(List.of("no address", "nul\0:1"));
      return told;
    }

    @Override
    public void deregister() {
      registry.note("deregister");
      registry.listed.remove(address);
    }

    @Override
    public void close() {
      registry.note("close");
      throw new IllegalStateException("nobody is told");
    }
  }

  private static Engine open(Discovery discovery) {
    return Engine.open(
        alone()
            .discoveryInterval(Duration.ofMillis(100))
            .joinRetryInterval(Duration.ofMillis(20))
            .discovery(discovery));
  }

  @Test
  void nodesMeetThroughADiscoveryOfTheirOwn() {
    Registry registry = new Registry();
    Own late = new Own(registry);
    late.failures.add(new java.io.IOException("later\0 on"));
    late.failures.add(new IllegalStateException((String) null));
    Own dying = new Own(registry);
    dying.dies = true;
    List<Engine> engines = new ArrayList<>();
    for (Own own : List.of(new Own(registry), late, dying)) {
      engines.add(open(own));
    }
    for (Engine engine : engines) {
      await("three members", () -> engine.peers().size() == 3);
    }
    assertEquals(5, registry.count("initialize"));
    engines.forEach(Engine::close);
    for (String call : List.of("register", "deregister", "close")) {
      assertEquals(3, registry.count(call), call);
    }
    assertTrue(registry.listed.isEmpty());
  }

  @Test
  void oneThatCannotWorkFailsTheOpen() {
    Registry registry = new Registry();
    Own own = new Own(registry);
    own.failures.add(new ConfigurationException("no such folder"));
    DistcacheException failure = assertStatus(Status.INVALID_CONFIG, () -> open(own));
    assertTrue(failure.getMessage().contains("no such folder"), failure.getMessage());
    await("its close", () -> registry.count("close") == 1);
    assertEquals(0, registry.count("register"));
  }

  @Test
  void aLambdaIsEnoughAndMustNotWaitForItsEngine() throws Exception {
    AtomicReference<Engine> engine = new AtomicReference<>();
    AtomicReference<DistcacheException> refused = new AtomicReference<>();
    try (Engine alone =
        open(
            () -> {
              if (engine.get() != null) {
                try {
                  engine.get().awaitReady(Duration.ofSeconds(1));
                } catch (DistcacheException failure) {
                  refused.set(failure);
                }
              }
              return List.of();
            })) {
      engine.set(alone);
      await("a refusal", () -> refused.get() != null);
      assertEquals(Status.WOULD_DEADLOCK, refused.get().status());
    }
  }

  @Test
  void nothingOfItIsLeftBehind() {
    open(List::of).close();
    long before = Fixture.globalReferences();
    for (int i = 0; i < 20; i++) {
      open(List::of).close();
    }
    // The virtual machine has some of its own, which come and go.
    await("the references are gone", () -> Fixture.globalReferences() < before + 10);
  }
}
