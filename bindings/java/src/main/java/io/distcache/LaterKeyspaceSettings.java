// Made by settings.py from the property table of the library; do not edit.
package io.distcache;

import java.time.Duration;
import java.util.List;

/**
 * Properties of keyspaces that a later version will use; this one accepts nothing but their
 * defaults.
 *
 * @param <S> the type of the options themselves
 */
public interface LaterKeyspaceSettings<S> {
  /**
   * Age after which a hit is served and refreshed in the background.
   *
   * @param value 1 to 315576000000 ms; default {@code off}
   * @return this
   */
  default S fresh(Duration value) {
    return property("fresh.ms", Settings.text(value));
  }

  /**
   * Sets {@code fresh.ms} to {@code off}.
   *
   * @return this
   */
  default S freshOff() {
    return property("fresh.ms", "off");
  }

  /**
   * How long past its expiry a value may be served when the source fails or is slow.
   *
   * @param value 1 to 315576000000 ms; default {@code off}
   * @return this
   */
  default S staleMax(Duration value) {
    return property("stale.max.ms", Settings.text(value));
  }

  /**
   * Sets {@code stale.max.ms} to {@code off}.
   *
   * @return this
   */
  default S staleMaxOff() {
    return property("stale.max.ms", "off");
  }

  /**
   * Load hot entries anew shortly before they expire.
   *
   * @param value default {@code off}
   * @return this
   */
  default S refreshAhead(boolean value) {
    return property("refresh.ahead", Settings.text(value));
  }

  /**
   * How long a load may take before its readers get a stale value, while it goes on.
   *
   * @param value 1 to 3600000 ms; default {@code off}
   * @return this
   */
  default S fetchSoftTimeout(Duration value) {
    return property("fetch.soft.timeout.ms", Settings.text(value));
  }

  /**
   * Sets {@code fetch.soft.timeout.ms} to {@code off}.
   *
   * @return this
   */
  default S fetchSoftTimeoutOff() {
    return property("fetch.soft.timeout.ms", "off");
  }

  /**
   * In place of the engine's. 0: off.
   *
   * @param value 0 to 1000000000; default {@code inherit}
   * @return this
   */
  default S sourceRatePerSecond(long value) {
    return property("source.rate.per.second", Long.toString(value));
  }

  /**
   * Sets {@code source.rate.per.second} to {@code inherit}.
   *
   * @return this
   */
  default S sourceRatePerSecondInherit() {
    return property("source.rate.per.second", "inherit");
  }

  /**
   * In place of the engine's.
   *
   * @param value 1 to 1000000; default {@code inherit}
   * @return this
   */
  default S sourceRateBurst(long value) {
    return property("source.rate.burst", Long.toString(value));
  }

  /**
   * Sets {@code source.rate.burst} to {@code inherit}.
   *
   * @return this
   */
  default S sourceRateBurstInherit() {
    return property("source.rate.burst", "inherit");
  }

  /**
   * In place of the engine's.
   *
   * @param value 0 to 3600000 ms; default {@code inherit}
   * @return this
   */
  default S sourceRateWait(Duration value) {
    return property("source.rate.wait.ms", Settings.text(value));
  }

  /**
   * Sets {@code source.rate.wait.ms} to {@code inherit}.
   *
   * @return this
   */
  default S sourceRateWaitInherit() {
    return property("source.rate.wait.ms", "inherit");
  }

  /**
   * In place of the engine's. 0: off.
   *
   * @param value 0 to 1000000; default {@code inherit}
   * @return this
   */
  default S sourceBreakerFailures(long value) {
    return property("source.breaker.failures", Long.toString(value));
  }

  /**
   * Sets {@code source.breaker.failures} to {@code inherit}.
   *
   * @return this
   */
  default S sourceBreakerFailuresInherit() {
    return property("source.breaker.failures", "inherit");
  }

  /**
   * In place of the engine's.
   *
   * @param value 1 to 86400000 ms; default {@code inherit}
   * @return this
   */
  default S sourceBreakerReset(Duration value) {
    return property("source.breaker.reset.ms", Settings.text(value));
  }

  /**
   * Sets {@code source.breaker.reset.ms} to {@code inherit}.
   *
   * @return this
   */
  default S sourceBreakerResetInherit() {
    return property("source.breaker.reset.ms", "inherit");
  }

  /**
   * Keys that are loaded whenever this node begins to own them.
   *
   * @param value empty by default
   * @return this
   */
  default S warmKeys(List<String> value) {
    return property("warm.keys", Settings.text(value));
  }

  /**
   * A shared store below memory and above the source: {@code redis://host:port/db}, or {@code
   * custom} for the one of distcache_keyspace_def_tier.
   *
   * @param value 1 to 1024 bytes of UTF-8; default {@code off}
   * @return this
   */
  default S tier(String value) {
    return property("tier", value);
  }

  /**
   * Sets {@code tier} to {@code off}.
   *
   * @return this
   */
  default S tierOff() {
    return property("tier", "off");
  }

  /**
   * Hold one loader also among processes that share only the tier.
   *
   * @param value default {@code off}
   * @return this
   */
  default S tierLock(boolean value) {
    return property("tier.lock", Settings.text(value));
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
