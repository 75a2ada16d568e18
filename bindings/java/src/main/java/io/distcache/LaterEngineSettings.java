// Made by settings.py from the property table of the library; do not edit.
package io.distcache;

import java.time.Duration;
import java.util.List;

/**
 * Properties of engines that a later version will use; this one accepts nothing but their defaults.
 *
 * @param <S> the type of the options themselves
 */
public interface LaterEngineSettings<S> {
  /**
   * Loads per second that this node asks of a keyspace's source.
   *
   * @param value 1 to 1000000000; default {@code off}
   * @return this
   */
  default S sourceRatePerSecond(long value) {
    return property("source.rate.per.second", Long.toString(value));
  }

  /**
   * Sets {@code source.rate.per.second} to {@code off}.
   *
   * @return this
   */
  default S sourceRatePerSecondOff() {
    return property("source.rate.per.second", "off");
  }

  /**
   * Loads that may come at once after a pause.
   *
   * @param value 1 to 1000000; default {@code 1}
   * @return this
   */
  default S sourceRateBurst(long value) {
    return property("source.rate.burst", Long.toString(value));
  }

  /**
   * How long a load waits for its turn before it answers TIMED_OUT. 0: it answers RATE_LIMITED at
   * once.
   *
   * @param value 0 to 3600000 ms; default {@code 0}
   * @return this
   */
  default S sourceRateWait(Duration value) {
    return property("source.rate.wait.ms", Settings.text(value));
  }

  /**
   * Failures in a row that open the breaker of a keyspace's source.
   *
   * @param value 1 to 1000000; default {@code off}
   * @return this
   */
  default S sourceBreakerFailures(long value) {
    return property("source.breaker.failures", Long.toString(value));
  }

  /**
   * Sets {@code source.breaker.failures} to {@code off}.
   *
   * @return this
   */
  default S sourceBreakerFailuresOff() {
    return property("source.breaker.failures", "off");
  }

  /**
   * How long an open breaker refuses loads before it lets one probe through.
   *
   * @param value 1 to 86400000 ms; default {@code 10s}
   * @return this
   */
  default S sourceBreakerReset(Duration value) {
    return property("source.breaker.reset.ms", Settings.text(value));
  }

  /**
   * When a member joins, hand it the hot keys that it owns now. Arrives later, and will be on.
   *
   * @param value default {@code off}
   * @return this
   */
  default S warmupOnJoin(boolean value) {
    return property("warmup.on.join", Settings.text(value));
  }

  /**
   * When this node leaves, hand its hot keys to their next owners. Arrives later, and will be on.
   *
   * @param value default {@code off}
   * @return this
   */
  default S warmupOnLeave(boolean value) {
    return property("warmup.on.leave", Settings.text(value));
  }

  /**
   * Keys handed over per keyspace.
   *
   * @param value 1 to 100000; default {@code 100}
   * @return this
   */
  default S warmupHotKeysMax(long value) {
    return property("warmup.hot.keys.max", Long.toString(value));
  }

  /**
   * Hits that make a key worth handing over.
   *
   * @param value 1 to 1000000; default {@code 1}
   * @return this
   */
  default S warmupHitsMin(long value) {
    return property("warmup.hits.min", Long.toString(value));
  }

  /**
   * Keys warmed at once.
   *
   * @param value 1 to 1024; default {@code 4}
   * @return this
   */
  default S warmupConcurrency(long value) {
    return property("warmup.concurrency", Long.toString(value));
  }

  /**
   * How long warming a key may take.
   *
   * @param value 1 to 3600000 ms; default {@code 2s}
   * @return this
   */
  default S warmupTimeout(Duration value) {
    return property("warmup.timeout.ms", Settings.text(value));
  }

  /**
   * How often hot keys are loaded anew.
   *
   * @param value 1000 to 86400000 ms; default {@code off}
   * @return this
   */
  default S warmupRefreshInterval(Duration value) {
    return property("warmup.refresh.interval.ms", Settings.text(value));
  }

  /**
   * Sets {@code warmup.refresh.interval.ms} to {@code off}.
   *
   * @return this
   */
  default S warmupRefreshIntervalOff() {
    return property("warmup.refresh.interval.ms", "off");
  }

  /**
   * File with the key pair of this node, readable by its user only (0600).
   *
   * @param value 0 to 4096 bytes of UTF-8; empty by default
   * @return this
   */
  default S securityKeyFile(String value) {
    return property("security.key.file", value);
  }

  /**
   * File with the public keys of all members, one a line. Those that vanish from it are cut off.
   *
   * @param value 0 to 4096 bytes of UTF-8; empty by default
   * @return this
   */
  default S securityAllowFile(String value) {
    return property("security.allow.file", value);
  }

  /**
   * How often the files are looked at for changes.
   *
   * @param value 100 to 3600000 ms; default {@code 1s}
   * @return this
   */
  default S securityReloadInterval(Duration value) {
    return property("security.reload.interval.ms", Settings.text(value));
  }

  /**
   * {@code host:port} of the HTTP server with dashboard, JSON and metrics.
   *
   * @param value 0 to 300 bytes of UTF-8; default {@code off}
   * @return this
   */
  default S adminAddress(String value) {
    return property("admin.address", value);
  }

  /**
   * Sets {@code admin.address} to {@code off}.
   *
   * @return this
   */
  default S adminAddressOff() {
    return property("admin.address", "off");
  }

  /**
   * File (0600) with the token that requests must carry; needed off loopback.
   *
   * @param value 0 to 4096 bytes of UTF-8; empty by default
   * @return this
   */
  default S adminTokenFile(String value) {
    return property("admin.token.file", value);
  }

  /**
   * Host names that requests may name, besides those of loopback.
   *
   * @param value empty by default
   * @return this
   */
  default S adminHosts(List<String> value) {
    return property("admin.hosts", Settings.text(value));
  }

  /**
   * Certificate chain (PEM) for HTTPS.
   *
   * @param value 0 to 4096 bytes of UTF-8; empty by default
   * @return this
   */
  default S adminTlsCertFile(String value) {
    return property("admin.tls.cert.file", value);
  }

  /**
   * Private key (PEM, 0600) for HTTPS.
   *
   * @param value 0 to 4096 bytes of UTF-8; empty by default
   * @return this
   */
  default S adminTlsKeyFile(String value) {
    return property("admin.tls.key.file", value);
  }

  /**
   * URL of an OTLP/HTTP collector for spans and metrics.
   *
   * @param value 0 to 1024 bytes of UTF-8; default {@code off}
   * @return this
   */
  default S otlpEndpoint(String value) {
    return property("otlp.endpoint", value);
  }

  /**
   * Sets {@code otlp.endpoint} to {@code off}.
   *
   * @return this
   */
  default S otlpEndpointOff() {
    return property("otlp.endpoint", "off");
  }

  /**
   * Headers {@code name=value} of each export.
   *
   * @param value empty by default
   * @return this
   */
  default S otlpHeaders(List<String> value) {
    return property("otlp.headers", Settings.text(value));
  }

  /**
   * How long one export may take.
   *
   * @param value 1 to 3600000 ms; default {@code 10s}
   * @return this
   */
  default S otlpTimeout(Duration value) {
    return property("otlp.timeout.ms", Settings.text(value));
  }

  /**
   * How often metrics are exported.
   *
   * @param value 100 to 3600000 ms; default {@code 60s}
   * @return this
   */
  default S otlpInterval(Duration value) {
    return property("otlp.interval.ms", Settings.text(value));
  }

  /**
   * The attribute {@code service.name}.
   *
   * @param value 1 to 255 bytes of UTF-8; default {@code distcache}
   * @return this
   */
  default S otlpServiceName(String value) {
    return property("otlp.service.name", value);
  }

  /**
   * Sets one property by its name.
   *
   * @param name of the property
   * @param value as text
   * @return this
   */
  S property(String name, String value);
}
