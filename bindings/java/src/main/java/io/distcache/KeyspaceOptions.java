package io.distcache;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What a keyspace is made of. {@link KeyspaceSettings} has a typed method for each property; {@link
 * #property} sets any by name. {@code bytes.max} is the one that must be set. Nothing is checked
 * before it is used. Belongs to one thread at a time.
 */
public final class KeyspaceOptions implements KeyspaceSettings<KeyspaceOptions> {
  final String name;
  private final Map<String, String> properties = new LinkedHashMap<>();
  private DataSourceCall source;

  /**
   * Everything has its default, and there is no source.
   *
   * @param name 1 to 255 bytes of UTF-8
   */
  public KeyspaceOptions(String name) {
    this.name = Objects.requireNonNull(name, "name");
  }

  /**
   * Sets one property by its name; the last value wins.
   *
   * @param name as in CONFIGURATION.md, for example {@code ttl.ms}
   * @param value as text: {@code 250ms}, {@code 64MiB}, {@code none}
   * @return this
   */
  @Override
  public KeyspaceOptions property(String name, String value) {
    properties.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
    return this;
  }

  /**
   * What fetches missing values. A member without a source owns no key of the keyspace and asks
   * those that have one; where no member has one, for {@link Keyspace#getWith}, all own keys.
   *
   * @param source called with the context class loader that this thread has now
   * @return this
   */
  public KeyspaceOptions source(DataSource source) {
    this.source = new DataSourceCall(Objects.requireNonNull(source, "source"), name);
    return this;
  }

  DataSourceCall call() {
    return source;
  }

  byte[][] packed() {
    return EngineOptions.packed(properties);
  }
}
