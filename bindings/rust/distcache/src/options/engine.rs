// Written by generate.py from the table of properties of the library.

use crate::options::properties;
use crate::options::{
    DiscoveryDnsRecord,
    DiscoveryKubernetesObjects,
    DiscoveryProvider,
    LogLevel,
    NodeRole,
    RingHash,
    SecurityMode,
    SecurityPlaintext,
};
use crate::EngineBuilder;

properties! { EngineBuilder:
    /// `cluster.label`: Name of the cluster. Members with another label are refused. Default:
    /// `distcache`.
    cluster_label: text = "cluster.label";
    /// `node.name`: Name of this node, unique in its cluster. Empty: one is generated. A node that
    /// restarts under its old name owns the same keys again.
    node_name: text = "node.name";
    /// `node.weight`: Share of the keys, relative to the weights of the other members. Default:
    /// `1`.
    node_weight: number(u16) = "node.weight";
    /// `node.role`: `client` joins the cluster and owns no keys. Default: `member`.
    node_role: choice(NodeRole) = "node.role";
    /// `log.level`: Least level of what is logged, to stderr or to the log callback. Default:
    /// `warn`.
    log_level: choice(LogLevel) = "log.level";
    /// `bind.address`: Numeric address to listen at. Anything but loopback needs
    /// `security.plaintext`, as long as there is no encryption. Default: `127.0.0.1`.
    bind_address: text = "bind.address";
    /// `bind.interface`: Network interface whose first address is listened at, in place of
    /// `bind.address`.
    bind_interface: text = "bind.interface";
    /// `bind.port`: Port of the data plane. 0: any free one. Default: `3320`.
    bind_port: number(u16) = "bind.port";
    /// `discovery.port`: Port of the membership plane, the one that addresses of members name. 0:
    /// any free one. Default: `3322`.
    discovery_port: number(u16) = "discovery.port";
    /// `advertise.address`: Name or address under which other members reach this node, without a
    /// port. Empty: the address bound.
    advertise_address: text = "advertise.address";
    /// `discovery.provider`: Who tells where the other members are. `standalone`: there are none.
    /// `static`: `discovery.peers`. `dns`: records of `discovery.dns.name`. `custom`: callbacks,
    /// see distcache_config_discovery. All but the first two are hints asked for again and again; a
    /// provider that this library was built without is refused. Default: `standalone`.
    discovery_provider: choice(DiscoveryProvider) = "discovery.provider";
    /// `discovery.peers`: Addresses of members for the provider `static`, `host:port` with their
    /// discovery port; without a port it is 3322. This node's own may be among them, and not all
    /// members need to be.
    discovery_peers: list = "discovery.peers";
    /// `discovery.interval.ms`: How often the provider is asked again while the engine runs, at the
    /// least: an answer that holds for less is asked for earlier. As long as nobody was found,
    /// every `join.retry.interval.ms`, `join.attempts.max` times. Default: `10s`.
    discovery_interval: duration = "discovery.interval.ms";
    /// `discovery.dns.name`: Name that the provider `dns` looks up. With a dot at its end it is
    /// complete, else the search domains of the system count too.
    discovery_dns_name: text = "discovery.dns.name";
    /// `discovery.dns.record`: Kind of record: `a` (and AAAA, with `discovery.dns.port`), `srv`
    /// (each with a port of its own), or `txt` holding one `host:port` or `host:port#public-key`
    /// each; other texts are passed over. Default: `a`.
    discovery_dns_record: choice(DiscoveryDnsRecord) = "discovery.dns.record";
    /// `discovery.dns.port`: Discovery port of the members that `a` records name. 0: that of this
    /// node, `discovery.port`. Default: `0`.
    discovery_dns_port: number(u16) = "discovery.dns.port";
    /// `discovery.dns.servers`: Name servers to ask, numeric `host:port` or `host`, in order.
    /// Empty: those of resolv.conf, which is read each time.
    discovery_dns_servers: list = "discovery.dns.servers";
    /// `discovery.dns.timeout.ms`: How long one look-up may take, with all that it leads to.
    /// Servers that are silent are asked again within it. Default: `5s`.
    discovery_dns_timeout: duration = "discovery.dns.timeout.ms";
    /// `discovery.nats.url`: Servers of the provider `nats`, `nats://host:port` or all
    /// `tls://host:port`; without a port it is 4222. Any one of them will do, and those that they
    /// tell of are used too.
    discovery_nats_url: list = "discovery.nats.url";
    /// `discovery.nats.subject`: Subject on which members answer each other. Members with another
    /// `cluster.label` are not heard, also on the same subject. Default: `distcache`.
    discovery_nats_subject: text = "discovery.nats.subject";
    /// `discovery.nats.timeout.ms`: How long a server may take to be connected, and answers are
    /// collected. Default: `1s`.
    discovery_nats_timeout: duration = "discovery.nats.timeout.ms";
    /// `discovery.nats.user`: User name for the servers, with `discovery.nats.password.file`.
    discovery_nats_user: text = "discovery.nats.user";
    /// `discovery.nats.password.file`: File with the password of `discovery.nats.user`. Like all
    /// these files read anew for each connection.
    discovery_nats_password_file: text = "discovery.nats.password.file";
    /// `discovery.nats.token.file`: File with the token that the servers ask for.
    discovery_nats_token_file: text = "discovery.nats.token.file";
    /// `discovery.nats.creds.file`: Credentials file with the JWT and the seed of a user.
    discovery_nats_creds_file: text = "discovery.nats.creds.file";
    /// `discovery.nats.nkey`: Public NKey of the user, with `discovery.nats.nkey.seed.file`.
    discovery_nats_nkey: text = "discovery.nats.nkey";
    /// `discovery.nats.nkey.seed.file`: File with the seed of `discovery.nats.nkey`.
    discovery_nats_nkey_seed_file: text = "discovery.nats.nkey.seed.file";
    /// `discovery.nats.tls.ca.file`: Certificates (PEM) of the authorities that may have signed
    /// those of the servers. Empty: those that the system trusts.
    discovery_nats_tls_ca_file: text = "discovery.nats.tls.ca.file";
    /// `discovery.nats.tls.cert.file`: Certificate chain (PEM) that this node shows, with
    /// `discovery.nats.tls.key.file`.
    discovery_nats_tls_cert_file: text = "discovery.nats.tls.cert.file";
    /// `discovery.nats.tls.key.file`: Private key (PEM) of `discovery.nats.tls.cert.file`.
    discovery_nats_tls_key_file: text = "discovery.nats.tls.key.file";
    /// `discovery.nats.tls.hostname`: Name that certificates of the servers must have. Empty: the
    /// host of their URL.
    discovery_nats_tls_hostname: text = "discovery.nats.tls.hostname";
    /// `discovery.kubernetes.server`: API server, `https://host:port`. Empty: the one that the
    /// environment of this pod names.
    discovery_kubernetes_server: text = "discovery.kubernetes.server";
    /// `discovery.kubernetes.namespace`: Namespace of the pods. Empty: this pod's own.
    discovery_kubernetes_namespace: text = "discovery.kubernetes.namespace";
    /// `discovery.kubernetes.objects`: What is looked at: `pods` with the labels of
    /// `discovery.kubernetes.labels`, or the `endpointslices` of `discovery.kubernetes.service`,
    /// which tell no public keys. Default: `pods`.
    discovery_kubernetes_objects: choice(DiscoveryKubernetesObjects) = "discovery.kubernetes.objects";
    /// `discovery.kubernetes.labels`: Labels `name=value` that the pods of the cluster have.
    discovery_kubernetes_labels: list = "discovery.kubernetes.labels";
    /// `discovery.kubernetes.service`: Service whose endpoints are the members, where
    /// `discovery.kubernetes.objects` is `endpointslices`.
    discovery_kubernetes_service: text = "discovery.kubernetes.service";
    /// `discovery.kubernetes.port`: Name of the port that is the discovery port: of the container,
    /// or of the service. Default: `discovery`.
    discovery_kubernetes_port: text = "discovery.kubernetes.port";
    /// `discovery.kubernetes.key.annotation`: Annotation of a pod that holds its public key, where
    /// it has one. Default: `distcache/public-key`.
    discovery_kubernetes_key_annotation: text = "discovery.kubernetes.key.annotation";
    /// `discovery.kubernetes.token.file`: File with the token for the API server, read anew for
    /// each request. Empty: none is sent. Default:
    /// `/var/run/secrets/kubernetes.io/serviceaccount/token`.
    discovery_kubernetes_token_file: text = "discovery.kubernetes.token.file";
    /// `discovery.kubernetes.ca.file`: Certificates (PEM) of the authorities that may have signed
    /// that of the API server. Empty: those that the system trusts. Default:
    /// `/var/run/secrets/kubernetes.io/serviceaccount/ca.crt`.
    discovery_kubernetes_ca_file: text = "discovery.kubernetes.ca.file";
    /// `discovery.kubernetes.timeout.ms`: How long the API server may take to answer. Default:
    /// `5s`.
    discovery_kubernetes_timeout: duration = "discovery.kubernetes.timeout.ms";
    /// `peers.max`: Most members that are accepted, this node included. Default: `256`.
    peers_max: number(u16) = "peers.max";
    /// `bootstrap.timeout.ms`: How long open waits for members to be found. Default: `30s`.
    bootstrap_timeout: duration = "bootstrap.timeout.ms";
    /// `join.retry.interval.ms`: Pause between two attempts to reach members that do not answer.
    /// Default: `1s`.
    join_retry_interval: duration = "join.retry.interval.ms";
    /// `join.attempts.max`: Attempts after which the node runs alone, and goes on looking. Default:
    /// `10`.
    join_attempts_max: number(u32) = "join.attempts.max";
    /// `quorum.min`: Live members, this node included, below which calls answer NO_QUORUM. Default:
    /// `1`.
    quorum_min: number(u16) = "quorum.min";
    /// `shutdown.timeout.ms`: How long close waits for what is in progress. Default: `30s`.
    shutdown_timeout: duration = "shutdown.timeout.ms";
    /// `read.timeout.ms`: Deadline of reads that name none. Default: `5s`.
    read_timeout: duration = "read.timeout.ms";
    /// `write.timeout.ms`: Deadline of writes that name none. Default: `5s`.
    write_timeout: duration = "write.timeout.ms";
    /// `keepalive.period.ms`: TCP keep-alive of idle connections. Default: `5m`.
    keepalive_period: duration = "keepalive.period.ms";
    /// `heartbeat.ms`: How often an owner that has lent mirrors tells those that hold them which
    /// recall is the latest. Default: `250ms`.
    heartbeat: duration = "heartbeat.ms";
    /// `ring.hash`: Hash that places keys on members, the same in all of them. `custom`: the one of
    /// distcache_config_hash. Default: `xxh3`.
    ring_hash: choice(RingHash) = "ring.hash";
    /// `source.threads`: Threads that run data sources, shared out among the keyspaces. Default:
    /// `8`.
    source_threads: number(u16) = "source.threads";
    /// `source.rate.per.second`: Loads per second that this node asks of a keyspace's source.
    /// Default: `off`.
    source_rate_per_second: number(u32) = "source.rate.per.second";
    /// `source.rate.burst`: Loads that may come at once after a pause. Default: `1`.
    source_rate_burst: number(u32) = "source.rate.burst";
    /// `source.rate.wait.ms`: How long a load waits for its turn before it answers TIMED_OUT. 0: it
    /// answers RATE_LIMITED at once. Default: `0`.
    source_rate_wait: duration = "source.rate.wait.ms";
    /// `source.breaker.failures`: Failures in a row that open the breaker of a keyspace's source.
    /// Default: `off`.
    source_breaker_failures: number(u32) = "source.breaker.failures";
    /// `source.breaker.reset.ms`: How long an open breaker refuses loads before it lets one probe
    /// through. Default: `10s`.
    source_breaker_reset: duration = "source.breaker.reset.ms";
    /// `warmup.on.join`: When a member joins, hand it the hot keys that it owns now. Arrives later,
    /// and will be on. Default: `off`.
    warmup_on_join: switch = "warmup.on.join";
    /// `warmup.on.leave`: When this node leaves, hand its hot keys to their next owners. Arrives
    /// later, and will be on. Default: `off`.
    warmup_on_leave: switch = "warmup.on.leave";
    /// `warmup.hot.keys.max`: Keys handed over per keyspace. Default: `100`.
    warmup_hot_keys_max: number(u32) = "warmup.hot.keys.max";
    /// `warmup.hits.min`: Hits that make a key worth handing over. Default: `1`.
    warmup_hits_min: number(u32) = "warmup.hits.min";
    /// `warmup.concurrency`: Keys warmed at once. Default: `4`.
    warmup_concurrency: number(u16) = "warmup.concurrency";
    /// `warmup.timeout.ms`: How long warming a key may take. Default: `2s`.
    warmup_timeout: duration = "warmup.timeout.ms";
    /// `warmup.refresh.interval.ms`: How often hot keys are loaded anew. Default: `off`.
    warmup_refresh_interval: duration = "warmup.refresh.interval.ms";
    /// `security.plaintext`: Where traffic may travel unencrypted and unauthenticated.
    /// `i-accept-plaintext`: on any network; whoever reaches the ports can read and change the
    /// cache. Default: `loopback`.
    security_plaintext: choice(SecurityPlaintext) = "security.plaintext";
    /// `security.mode`: `curve`: every connection is encrypted, both ends prove who they are.
    /// Default: `none`.
    security_mode: choice(SecurityMode) = "security.mode";
    /// `security.key.file`: File with the key pair of this node, readable by its user only (0600).
    security_key_file: text = "security.key.file";
    /// `security.allow.file`: File with the public keys of all members, one a line. Those that
    /// vanish from it are cut off.
    security_allow_file: text = "security.allow.file";
    /// `security.reload.interval.ms`: How often the files are looked at for changes. Default: `1s`.
    security_reload_interval: duration = "security.reload.interval.ms";
    /// `admin.address`: `host:port` of the HTTP server with dashboard, JSON and metrics. Default:
    /// `off`.
    admin_address: text = "admin.address";
    /// `admin.token.file`: File (0600) with the token that requests must carry; needed off
    /// loopback.
    admin_token_file: text = "admin.token.file";
    /// `admin.hosts`: Host names that requests may name, besides those of loopback.
    admin_hosts: list = "admin.hosts";
    /// `admin.tls.cert.file`: Certificate chain (PEM) for HTTPS.
    admin_tls_cert_file: text = "admin.tls.cert.file";
    /// `admin.tls.key.file`: Private key (PEM, 0600) for HTTPS.
    admin_tls_key_file: text = "admin.tls.key.file";
    /// `otlp.endpoint`: URL of an OTLP/HTTP collector for spans and metrics. Default: `off`.
    otlp_endpoint: text = "otlp.endpoint";
    /// `otlp.headers`: Headers `name=value` of each export.
    otlp_headers: list = "otlp.headers";
    /// `otlp.timeout.ms`: How long one export may take. Default: `10s`.
    otlp_timeout: duration = "otlp.timeout.ms";
    /// `otlp.interval.ms`: How often metrics are exported. Default: `60s`.
    otlp_interval: duration = "otlp.interval.ms";
    /// `otlp.service.name`: The attribute `service.name`. Default: `distcache`.
    otlp_service_name: text = "otlp.service.name";
}
