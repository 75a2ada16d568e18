package io.distcache;

/**
 * A member of the cluster, as this node sees it.
 *
 * @param name its {@code node.name}
 * @param host where others reach it
 * @param id as in {@link Version#owner()}
 * @param incarnation of its process: a restarted node has a higher one; unsigned
 * @param dataPort port of the data plane; after open it tells what "0 = any" became
 * @param discoveryPort port that addresses of members name
 * @param weight its share of the keys
 * @param state whether it lives
 * @param isSelf whether it is this node
 * @param isClient whether it owns nothing, by {@code node.role}
 * @param isLinked whether messages flow to it now
 */
public record Peer(
    String name,
    String host,
    long id,
    long incarnation,
    int dataPort,
    int discoveryPort,
    int weight,
    State state,
    boolean isSelf,
    boolean isClient,
    boolean isLinked) {

  /** States of a member. */
  public enum State {
    /** It answers. */
    ALIVE,
    /** It did not answer; still a member. */
    SUSPECT,
    /** Found dead; owns nothing. */
    DEAD,
    /** It left in good order. */
    LEFT
  }
}
