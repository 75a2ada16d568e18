import io.distcache.Answer;
import io.distcache.Engine;
import io.distcache.EngineOptions;
import io.distcache.Entry;
import io.distcache.Keyspace;
import io.distcache.KeyspaceOptions;
import io.distcache.Origin;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** One node, one keyspace, one source: the first get loads, the second one hits. */
public class Quickstart {
  public static void main(String[] arguments) {
    AtomicInteger loads = new AtomicInteger();
    KeyspaceOptions greetings =
        new KeyspaceOptions("greetings")
            .bytesMax(1 << 20)
            .source(
                fetch -> { // stands for a query to a database
                  loads.incrementAndGet();
                  String name = new String(fetch.key(), StandardCharsets.UTF_8);
                  return Answer.of("Hello, " + name + "!");
                });
    EngineOptions options = new EngineOptions().bindPort(0).discoveryPort(0).keyspace(greetings);

    try (Engine engine = Engine.open(options);
        Keyspace keyspace = engine.keyspace("greetings")) {
      byte[] key = "world".getBytes(StandardCharsets.UTF_8);
      show(keyspace.get(key));
      show(keyspace.getAsync(key).join());
      System.out.println("2 gets, " + loads + " load");
    }
  }

  private static void show(Entry entry) {
    String from = entry.origin() == Origin.SOURCE ? "the source" : "memory";
    System.out.println(entry.text() + " (from " + from + ")");
  }
}
