// Made by settings.py from the property table of the library; do not edit.
package io.distcache;

import java.time.Duration;
import java.util.List;

/**
 * The properties of engines, typed.
 *
 * @param <S> the type of the options themselves
 */
public interface EngineSettings<S> extends LaterEngineSettings<S> {
  /**
   * Name of the cluster. Members with another label are refused.
   *
   * @param value 1 to 255 bytes of UTF-8; default {@code distcache}
   * @return this
   */
  default S clusterLabel(String value) {
    return property("cluster.label", value);
  }

  /**
   * Name of this node, unique in its cluster. Empty: one is generated. A node that restarts under
   * its old name owns the same keys again.
   *
   * @param value 0 to 255 bytes of UTF-8; empty by default
   * @return this
   */
  default S nodeName(String value) {
    return property("node.name", value);
  }

  /**
   * Share of the keys, relative to the weights of the other members.
   *
   * @param value 1 to 1000; default {@code 1}
   * @return this
   */
  default S nodeWeight(long value) {
    return property("node.weight", Long.toString(value));
  }

  /** Values of {@code node.role}. */
  enum NodeRole {
    /** {@code member}. */
    MEMBER,
    /** {@code client}. */
    CLIENT
  }

  /**
   * {@code client} joins the cluster and owns no keys.
   *
   * @param value default {@code member}
   * @return this
   */
  default S nodeRole(NodeRole value) {
    return property("node.role", Settings.text(value));
  }

  /** Values of {@code log.level}. */
  enum LogLevel {
    /** {@code debug}. */
    DEBUG,
    /** {@code info}. */
    INFO,
    /** {@code warn}. */
    WARN,
    /** {@code error}. */
    ERROR,
    /** {@code off}. */
    OFF
  }

  /**
   * Least level of what is logged, to stderr or to the log callback.
   *
   * @param value default {@code warn}
   * @return this
   */
  default S logLevel(LogLevel value) {
    return property("log.level", Settings.text(value));
  }

  /**
   * Numeric address to listen at. Anything but loopback needs {@code security.plaintext}, as long
   * as there is no encryption.
   *
   * @param value default {@code 127.0.0.1}
   * @return this
   */
  default S bindAddress(String value) {
    return property("bind.address", value);
  }

  /**
   * Network interface whose first address is listened at, in place of {@code bind.address}.
   *
   * @param value 0 to 15 bytes of UTF-8; empty by default
   * @return this
   */
  default S bindInterface(String value) {
    return property("bind.interface", value);
  }

  /**
   * Port of the data plane. 0: any free one.
   *
   * @param value 0 to 65535; default {@code 3320}
   * @return this
   */
  default S bindPort(long value) {
    return property("bind.port", Long.toString(value));
  }

  /**
   * Port of the membership plane, the one that addresses of members name. 0: any free one.
   *
   * @param value 0 to 65535; default {@code 3322}
   * @return this
   */
  default S discoveryPort(long value) {
    return property("discovery.port", Long.toString(value));
  }

  /**
   * Name or address under which other members reach this node, without a port. Empty: the address
   * bound.
   *
   * @param value empty by default
   * @return this
   */
  default S advertiseAddress(String value) {
    return property("advertise.address", value);
  }

  /** Values of {@code discovery.provider}. */
  enum DiscoveryProvider {
    /** {@code standalone}. */
    STANDALONE,
    /** {@code static}. */
    STATIC,
    /** {@code dns}. */
    DNS,
    /** {@code nats}. */
    NATS,
    /** {@code kubernetes}. */
    KUBERNETES,
    /** {@code custom}. */
    CUSTOM
  }

  /**
   * Who tells where the other members are. {@code standalone}: there are none. {@code static}:
   * {@code discovery.peers}. {@code dns}: records of {@code discovery.dns.name}. {@code custom}:
   * callbacks, see distcache_config_discovery. All but the first two are hints asked for again and
   * again; a provider that this library was built without is refused.
   *
   * @param value default {@code standalone}
   * @return this
   */
  default S discoveryProvider(DiscoveryProvider value) {
    return property("discovery.provider", Settings.text(value));
  }

  /**
   * Addresses of members for the provider {@code static}, {@code host:port} with their discovery
   * port; without a port it is 3322. This node's own may be among them, and not all members need to
   * be.
   *
   * @param value empty by default
   * @return this
   */
  default S discoveryPeers(List<String> value) {
    return property("discovery.peers", Settings.text(value));
  }

  /**
   * How often the provider is asked again while the engine runs, at the least: an answer that holds
   * for less is asked for earlier. As long as nobody was found, every {@code
   * join.retry.interval.ms}, {@code join.attempts.max} times.
   *
   * @param value 100 to 3600000 ms; default {@code 10s}
   * @return this
   */
  default S discoveryInterval(Duration value) {
    return property("discovery.interval.ms", Settings.text(value));
  }

  /**
   * Name that the provider {@code dns} looks up. With a dot at its end it is complete, else the
   * search domains of the system count too.
   *
   * @param value 0 to 253 bytes of UTF-8; empty by default
   * @return this
   */
  default S discoveryDnsName(String value) {
    return property("discovery.dns.name", value);
  }

  /** Values of {@code discovery.dns.record}. */
  enum DiscoveryDnsRecord {
    /** {@code a}. */
    A,
    /** {@code srv}. */
    SRV,
    /** {@code txt}. */
    TXT
  }

  /**
   * Kind of record: {@code a} (and AAAA, with {@code discovery.dns.port}), {@code srv} (each with a
   * port of its own), or {@code txt} holding one {@code host:port} or {@code host:port#public-key}
   * each; other texts are passed over.
   *
   * @param value default {@code a}
   * @return this
   */
  default S discoveryDnsRecord(DiscoveryDnsRecord value) {
    return property("discovery.dns.record", Settings.text(value));
  }

  /**
   * Discovery port of the members that {@code a} records name. 0: that of this node, {@code
   * discovery.port}.
   *
   * @param value 0 to 65535; default {@code 0}
   * @return this
   */
  default S discoveryDnsPort(long value) {
    return property("discovery.dns.port", Long.toString(value));
  }

  /**
   * Name servers to ask, numeric {@code host:port} or {@code host}, in order. Empty: those of
   * resolv.conf, which is read each time.
   *
   * @param value empty by default
   * @return this
   */
  default S discoveryDnsServers(List<String> value) {
    return property("discovery.dns.servers", Settings.text(value));
  }

  /**
   * How long one look-up may take, with all that it leads to. Servers that are silent are asked
   * again within it.
   *
   * @param value 10 to 3600000 ms; default {@code 5s}
   * @return this
   */
  default S discoveryDnsTimeout(Duration value) {
    return property("discovery.dns.timeout.ms", Settings.text(value));
  }

  /**
   * Servers of the provider {@code nats}, {@code nats://host:port} or all {@code tls://host:port};
   * without a port it is 4222. Any one of them will do, and those that they tell of are used too.
   *
   * @param value empty by default
   * @return this
   */
  default S discoveryNatsUrl(List<String> value) {
    return property("discovery.nats.url", Settings.text(value));
  }

  /**
   * Subject on which members answer each other. Members with another {@code cluster.label} are not
   * heard, also on the same subject.
   *
   * @param value 1 to 255 bytes of UTF-8; default {@code distcache}
   * @return this
   */
  default S discoveryNatsSubject(String value) {
    return property("discovery.nats.subject", value);
  }

  /**
   * How long a server may take to be connected, and answers are collected.
   *
   * @param value 10 to 60000 ms; default {@code 1s}
   * @return this
   */
  default S discoveryNatsTimeout(Duration value) {
    return property("discovery.nats.timeout.ms", Settings.text(value));
  }

  /**
   * User name for the servers, with {@code discovery.nats.password.file}.
   *
   * @param value 0 to 255 bytes of UTF-8; empty by default
   * @return this
   */
  default S discoveryNatsUser(String value) {
    return property("discovery.nats.user", value);
  }

  /**
   * File with the password of {@code discovery.nats.user}. Like all these files read anew for each
   * connection.
   *
   * @param value 0 to 4096 bytes of UTF-8; empty by default
   * @return this
   */
  default S discoveryNatsPasswordFile(String value) {
    return property("discovery.nats.password.file", value);
  }

  /**
   * File with the token that the servers ask for.
   *
   * @param value 0 to 4096 bytes of UTF-8; empty by default
   * @return this
   */
  default S discoveryNatsTokenFile(String value) {
    return property("discovery.nats.token.file", value);
  }

  /**
   * Credentials file with the JWT and the seed of a user.
   *
   * @param value 0 to 4096 bytes of UTF-8; empty by default
   * @return this
   */
  default S discoveryNatsCredsFile(String value) {
    return property("discovery.nats.creds.file", value);
  }

  /**
   * Public NKey of the user, with {@code discovery.nats.nkey.seed.file}.
   *
   * @param value 0 to 255 bytes of UTF-8; empty by default
   * @return this
   */
  default S discoveryNatsNkey(String value) {
    return property("discovery.nats.nkey", value);
  }

  /**
   * File with the seed of {@code discovery.nats.nkey}.
   *
   * @param value 0 to 4096 bytes of UTF-8; empty by default
   * @return this
   */
  default S discoveryNatsNkeySeedFile(String value) {
    return property("discovery.nats.nkey.seed.file", value);
  }

  /**
   * Certificates (PEM) of the authorities that may have signed those of the servers. Empty: those
   * that the system trusts.
   *
   * @param value 0 to 4096 bytes of UTF-8; empty by default
   * @return this
   */
  default S discoveryNatsTlsCaFile(String value) {
    return property("discovery.nats.tls.ca.file", value);
  }

  /**
   * Certificate chain (PEM) that this node shows, with {@code discovery.nats.tls.key.file}.
   *
   * @param value 0 to 4096 bytes of UTF-8; empty by default
   * @return this
   */
  default S discoveryNatsTlsCertFile(String value) {
    return property("discovery.nats.tls.cert.file", value);
  }

  /**
   * Private key (PEM) of {@code discovery.nats.tls.cert.file}.
   *
   * @param value 0 to 4096 bytes of UTF-8; empty by default
   * @return this
   */
  default S discoveryNatsTlsKeyFile(String value) {
    return property("discovery.nats.tls.key.file", value);
  }

  /**
   * Name that certificates of the servers must have. Empty: the host of their URL.
   *
   * @param value 0 to 253 bytes of UTF-8; empty by default
   * @return this
   */
  default S discoveryNatsTlsHostname(String value) {
    return property("discovery.nats.tls.hostname", value);
  }

  /**
   * API server, {@code https://host:port}. Empty: the one that the environment of this pod names.
   *
   * @param value 0 to 1024 bytes of UTF-8; empty by default
   * @return this
   */
  default S discoveryKubernetesServer(String value) {
    return property("discovery.kubernetes.server", value);
  }

  /**
   * Namespace of the pods. Empty: this pod's own.
   *
   * @param value 0 to 63 bytes of UTF-8; empty by default
   * @return this
   */
  default S discoveryKubernetesNamespace(String value) {
    return property("discovery.kubernetes.namespace", value);
  }

  /** Values of {@code discovery.kubernetes.objects}. */
  enum DiscoveryKubernetesObjects {
    /** {@code pods}. */
    PODS,
    /** {@code endpointslices}. */
    ENDPOINTSLICES
  }

  /**
   * What is looked at: {@code pods} with the labels of {@code discovery.kubernetes.labels}, or the
   * {@code endpointslices} of {@code discovery.kubernetes.service}, which tell no public keys.
   *
   * @param value default {@code pods}
   * @return this
   */
  default S discoveryKubernetesObjects(DiscoveryKubernetesObjects value) {
    return property("discovery.kubernetes.objects", Settings.text(value));
  }

  /**
   * Labels {@code name=value} that the pods of the cluster have.
   *
   * @param value empty by default
   * @return this
   */
  default S discoveryKubernetesLabels(List<String> value) {
    return property("discovery.kubernetes.labels", Settings.text(value));
  }

  /**
   * Service whose endpoints are the members, where {@code discovery.kubernetes.objects} is {@code
   * endpointslices}.
   *
   * @param value 0 to 63 bytes of UTF-8; empty by default
   * @return this
   */
  default S discoveryKubernetesService(String value) {
    return property("discovery.kubernetes.service", value);
  }

  /**
   * Name of the port that is the discovery port: of the container, or of the service.
   *
   * @param value 1 to 63 bytes of UTF-8; default {@code discovery}
   * @return this
   */
  default S discoveryKubernetesPort(String value) {
    return property("discovery.kubernetes.port", value);
  }

  /**
   * Annotation of a pod that holds its public key, where it has one.
   *
   * @param value 1 to 317 bytes of UTF-8; default {@code distcache/public-key}
   * @return this
   */
  default S discoveryKubernetesKeyAnnotation(String value) {
    return property("discovery.kubernetes.key.annotation", value);
  }

  /**
   * File with the token for the API server, read anew for each request. Empty: none is sent.
   *
   * @param value 0 to 4096 bytes of UTF-8; default {@code
   *     /var/run/secrets/kubernetes.io/serviceaccount/token}
   * @return this
   */
  default S discoveryKubernetesTokenFile(String value) {
    return property("discovery.kubernetes.token.file", value);
  }

  /**
   * Certificates (PEM) of the authorities that may have signed that of the API server. Empty: those
   * that the system trusts.
   *
   * @param value 0 to 4096 bytes of UTF-8; default {@code
   *     /var/run/secrets/kubernetes.io/serviceaccount/ca.crt}
   * @return this
   */
  default S discoveryKubernetesCaFile(String value) {
    return property("discovery.kubernetes.ca.file", value);
  }

  /**
   * How long the API server may take to answer.
   *
   * @param value 10 to 3600000 ms; default {@code 5s}
   * @return this
   */
  default S discoveryKubernetesTimeout(Duration value) {
    return property("discovery.kubernetes.timeout.ms", Settings.text(value));
  }

  /**
   * Most members that are accepted, this node included.
   *
   * @param value 1 to 4096; default {@code 256}
   * @return this
   */
  default S peersMax(long value) {
    return property("peers.max", Long.toString(value));
  }

  /**
   * How long open waits for members to be found.
   *
   * @param value 1 to 3600000 ms; default {@code 30s}
   * @return this
   */
  default S bootstrapTimeout(Duration value) {
    return property("bootstrap.timeout.ms", Settings.text(value));
  }

  /**
   * Pause between two attempts to reach members that do not answer.
   *
   * @param value 10 to 3600000 ms; default {@code 1s}
   * @return this
   */
  default S joinRetryInterval(Duration value) {
    return property("join.retry.interval.ms", Settings.text(value));
  }

  /**
   * Attempts after which the node runs alone, and goes on looking.
   *
   * @param value 1 to 1000000; default {@code 10}
   * @return this
   */
  default S joinAttemptsMax(long value) {
    return property("join.attempts.max", Long.toString(value));
  }

  /**
   * Live members, this node included, below which calls answer NO_QUORUM.
   *
   * @param value 1 to 4096; default {@code 1}
   * @return this
   */
  default S quorumMin(long value) {
    return property("quorum.min", Long.toString(value));
  }

  /**
   * How long close waits for what is in progress.
   *
   * @param value 1 to 3600000 ms; default {@code 30s}
   * @return this
   */
  default S shutdownTimeout(Duration value) {
    return property("shutdown.timeout.ms", Settings.text(value));
  }

  /**
   * Deadline of reads that name none.
   *
   * @param value 1 to 3600000 ms; default {@code 5s}
   * @return this
   */
  default S readTimeout(Duration value) {
    return property("read.timeout.ms", Settings.text(value));
  }

  /**
   * Deadline of writes that name none.
   *
   * @param value 1 to 3600000 ms; default {@code 5s}
   * @return this
   */
  default S writeTimeout(Duration value) {
    return property("write.timeout.ms", Settings.text(value));
  }

  /**
   * TCP keep-alive of idle connections.
   *
   * @param value 1000 to 86400000 ms; default {@code 5m}
   * @return this
   */
  default S keepalivePeriod(Duration value) {
    return property("keepalive.period.ms", Settings.text(value));
  }

  /**
   * Sets {@code keepalive.period.ms} to {@code off}.
   *
   * @return this
   */
  default S keepalivePeriodOff() {
    return property("keepalive.period.ms", "off");
  }

  /**
   * How often an owner that has lent mirrors tells those that hold them which recall is the latest.
   *
   * @param value 10 to 60000 ms; default {@code 250ms}
   * @return this
   */
  default S heartbeat(Duration value) {
    return property("heartbeat.ms", Settings.text(value));
  }

  /** Values of {@code ring.hash}. */
  enum RingHash {
    /** {@code xxh3}. */
    XXH3,
    /** {@code custom}, of a later version. */
    CUSTOM
  }

  /**
   * Hash that places keys on members, the same in all of them. {@code custom}: the one of
   * distcache_config_hash.
   *
   * @param value default {@code xxh3}
   * @return this
   */
  default S ringHash(RingHash value) {
    return property("ring.hash", Settings.text(value));
  }

  /**
   * Threads that run data sources, shared out among the keyspaces.
   *
   * @param value 1 to 1024; default {@code 8}
   * @return this
   */
  default S sourceThreads(long value) {
    return property("source.threads", Long.toString(value));
  }

  /** Values of {@code security.plaintext}. */
  enum SecurityPlaintext {
    /** {@code loopback}. */
    LOOPBACK,
    /** {@code i-accept-plaintext}. */
    I_ACCEPT_PLAINTEXT
  }

  /**
   * Where traffic may travel unencrypted and unauthenticated. {@code i-accept-plaintext}: on any
   * network; whoever reaches the ports can read and change the cache.
   *
   * @param value default {@code loopback}
   * @return this
   */
  default S securityPlaintext(SecurityPlaintext value) {
    return property("security.plaintext", Settings.text(value));
  }

  /** Values of {@code security.mode}. */
  enum SecurityMode {
    /** {@code none}. */
    NONE,
    /** {@code curve}, of a later version. */
    CURVE
  }

  /**
   * {@code curve}: every connection is encrypted, both ends prove who they are.
   *
   * @param value default {@code none}
   * @return this
   */
  default S securityMode(SecurityMode value) {
    return property("security.mode", Settings.text(value));
  }
}
