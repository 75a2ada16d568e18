package io.distcache.programs;

import io.distcache.DistcacheException;
import io.distcache.Engine;
import io.distcache.EngineOptions;
import io.distcache.Entry;
import io.distcache.Keyspace;
import io.distcache.KeyspaceOptions;
import io.distcache.Peer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Collectors;

/** {@code member}: one member of a ring of several languages; reads commands, answers lines. */
public final class Member {
  private Engine engine;
  private Keyspace pages;
  private PageSource source;

  private Member() {}

  /**
   * The program.
   *
   * @param arguments none
   * @throws IOException the input cannot be read
   */
  public static void main(String[] arguments) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    Member member = new Member();
    for (String line; (line = in.readLine()) != null; ) {
      out.print(member.answer(line.split(" ")) + "\n");
      out.flush();
      if (line.equals("quit")) {
        break;
      }
    }
    member.close();
  }

  private String answer(String[] words) {
    try {
      return command(words);
    } catch (DistcacheException failure) {
      return "error " + failure.status() + " " + oneLine(failure.getMessage());
    } catch (Exception failure) {
      return "error INTERNAL " + oneLine(failure.toString());
    }
  }

  private static String oneLine(String text) {
    return text.replace('\n', ' ');
  }

  private String command(String[] words) throws Exception {
    switch (words[0]) {
      case "language":
        return "ok java";
      case "open":
        return open(words);
      case "ready":
        engine.awaitReady(Duration.ofMillis(Long.parseLong(words[1])));
        return "ok";
      case "get":
        return page(words[1], pages.get(Bytes.of(words[1])));
      case "peek":
        return page(words[1], pages.peek(Bytes.of(words[1])));
      case "put":
        pages.put(Bytes.of(words[1]), source.value(words[1], "p" + words[2]));
        return "ok";
      case "delete":
        pages.delete(Bytes.of(words[1]));
        return "ok";
      case "peers":
        return "ok "
            + engine.peers().stream()
                .sorted(Comparator.comparing(Peer::name))
                .map(peer -> peer.name() + ":" + peer.state().name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(" "));
      case "loads":
        return "ok " + source.loads();
      case "traffic":
        return new Traffic(pages, number(words[2]), number(words[3]))
            .run((int) number(words[4]), number(words[1]));
      case "bench_hit":
        pages.put(Bytes.of("bench"), new byte[100]);
        return Bench.run(pages, Bytes.of("bench"), (int) number(words[1]));
      case "bench_get":
        return Bench.run(pages, Bytes.of(words[2]), (int) number(words[1]));
      case "close":
        close();
        return "ok";
      case "quit":
        return "ok";
      default:
        return "error INVALID_ARGUMENT no command is called " + words[0];
    }
  }

  private static long number(String word) {
    return Long.parseLong(word);
  }

  private String open(String[] words) throws IOException {
    EngineOptions options = new EngineOptions();
    String name = "";
    for (int i = 2; i < words.length; i++) {
      String[] parts = words[i].split("=", 2);
      options.property(parts[0], parts[1]);
      name = parts[0].equals("node.name") ? parts[1] : name;
    }
    source = new PageSource(name, words[1]);
    options.keyspace(new KeyspaceOptions("pages").property("bytes.max", "256MiB").source(source));
    engine = Engine.open(options);
    pages = engine.keyspace("pages");
    return "ok";
  }

  private static String page(String key, Entry entry) {
    if (!entry.isPresent()) {
      return "error " + entry.status() + " no value";
    }
    String says = PageSource.check(key, entry.value());
    return says == null ? "error CORRUPT the value of " + key + " is wrong" : "ok " + says;
  }

  private void close() {
    if (engine != null) {
      engine.close();
    }
  }
}
