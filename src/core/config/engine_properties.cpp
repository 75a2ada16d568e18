#include "base/limits.h"
#include "core/config/tables.h"

namespace distcache::core {
namespace {

using enum PropertyType;

constexpr std::array kRoles = {Choice{"member"}, Choice{"client"}};
constexpr std::array kProviders = {Choice{"standalone"}, Choice{"static"},     Choice{"dns"},
                                   Choice{"nats"},       Choice{"kubernetes"}, Choice{"custom"}};
constexpr std::array kKubernetesObjects = {Choice{"pods"}, Choice{"endpointslices"}};
constexpr std::array kHashes = {Choice{"xxh3"}, Choice{"custom", false}};
constexpr std::array kLevels = {Choice{"debug"}, Choice{"info"}, Choice{"warn"}, Choice{"error"},
                                Choice{"off"}};
constexpr std::array kPlaintext = {Choice{"loopback"}, Choice{"i-accept-plaintext"}};
constexpr std::array kSecurity = {Choice{"none"}, Choice{"curve", false}};
constexpr std::array kRecords = {Choice{"a"}, Choice{"srv"}, Choice{"txt"}};

// clang-format off
constexpr std::array kTable = {
    // ---- the node
    Property{.name = "cluster.label", .type = string, .fallback = "distcache",
        .min = 1, .max = limits::kLabelBytesMax, .engine = into<&EngineConfig::cluster_label>,
        .text = "Name of the cluster. Members with another label are refused."},
    Property{.name = "node.name", .type = string, .fallback = "",
        .min = 0, .max = limits::kNodeNameBytesMax, .engine = into<&EngineConfig::node_name>,
        .text = "Name of this node, unique in its cluster. Empty: one is generated. A node that "
                "restarts under its old name owns the same keys again."},
    Property{.name = "node.weight", .type = integer, .fallback = "1",
        .min = 1, .max = 1000, .engine = into<&EngineConfig::node_weight>,
        .text = "Share of the keys, relative to the weights of the other members."},
    Property{.name = "node.role", .type = choice, .fallback = "member",
        .choices = kRoles, .engine = into<&EngineConfig::node_role>,
        .text = "`client` joins the cluster and owns no keys."},
    Property{.name = "log.level", .type = choice, .fallback = "warn",
        .choices = kLevels, .engine = into<&EngineConfig::log_level>,
        .text = "Least level of what is logged, to stderr or to the log callback."},

    // ---- addresses
    Property{.name = "bind.address", .type = ip, .fallback = "127.0.0.1",
        .engine = into<&EngineConfig::bind_address>,
        .text = "Numeric address to listen at. Anything but loopback needs "
                "`security.plaintext`, as long as there is no encryption."},
    Property{.name = "bind.interface", .type = string, .fallback = "",
        .min = 0, .max = 15, .engine = into<&EngineConfig::bind_interface>,
        .text = "Network interface whose first address is listened at, in place of "
                "`bind.address`."},
    Property{.name = "bind.port", .type = integer, .fallback = "3320",
        .min = 0, .max = 65535, .engine = into<&EngineConfig::bind_port>,
        .text = "Port of the data plane. 0: any free one."},
    Property{.name = "discovery.port", .type = integer, .fallback = "3322",
        .min = 0, .max = 65535, .engine = into<&EngineConfig::discovery_port>,
        .text = "Port of the membership plane, the one that addresses of members name. 0: any "
                "free one."},
    Property{.name = "advertise.address", .type = host, .fallback = "",
        .engine = into<&EngineConfig::advertise_address>,
        .text = "Name or address under which other members reach this node, without a port. "
                "Empty: the address bound."},

    // ---- finding each other
    Property{.name = "discovery.provider", .type = choice, .fallback = "standalone",
        .choices = kProviders, .engine = into<&EngineConfig::discovery_provider>,
        .text = "Who tells where the other members are. `standalone`: there are none. `static`: "
                "`discovery.peers`. `dns`: records of `discovery.dns.name`. `custom`: callbacks, "
                "see distcache_config_discovery. All but the first two are hints asked for again "
                "and again; a provider that this library was built without is refused."},
    Property{.name = "discovery.peers", .type = addresses, .fallback = "",
        .engine = into<&EngineConfig::discovery_peers>,
        .text = "Addresses of members for the provider `static`, `host:port` with their "
                "discovery port; without a port it is 3322. This node's own may be among them, "
                "and not all members need to be."},
    Property{.name = "discovery.interval.ms", .type = duration, .fallback = "10s",
        .min = 100, .max = kHourMs, .engine = into<&EngineConfig::discovery_interval>,
        .text = "How often the provider is asked again while the engine runs, at the least: an "
                "answer that holds for less is asked for earlier. As long as nobody was found, "
                "every `join.retry.interval.ms`, `join.attempts.max` times."},
    Property{.name = "discovery.dns.name", .type = string, .fallback = "",
        .min = 0, .max = 253, .engine = into<&EngineConfig::discovery_dns_name>,
        .text = "Name that the provider `dns` looks up. With a dot at its end it is complete, else "
                "the search domains of the system count too."},
    Property{.name = "discovery.dns.record", .type = choice, .fallback = "a",
        .choices = kRecords, .engine = into<&EngineConfig::discovery_dns_record>,
        .text = "Kind of record: `a` (and AAAA, with `discovery.dns.port`), `srv` (each with a "
                "port of its own), or `txt` holding one `host:port` or `host:port#public-key` "
                "each; other texts are passed over."},
    Property{.name = "discovery.dns.port", .type = integer, .fallback = "0",
        .min = 0, .max = 65535, .engine = into<&EngineConfig::discovery_dns_port>,
        .text = "Discovery port of the members that `a` records name. 0: that of this node, "
                "`discovery.port`."},
    Property{.name = "discovery.dns.servers", .type = list, .fallback = "",
        .engine = into<&EngineConfig::discovery_dns_servers>,
        .text = "Name servers to ask, numeric `host:port` or `host`, in order. Empty: those of "
                "resolv.conf, which is read each time."},
    Property{.name = "discovery.dns.timeout.ms", .type = duration, .fallback = "5s",
        .min = 10, .max = kHourMs, .engine = into<&EngineConfig::discovery_dns_timeout>,
        .text = "How long one look-up may take, with all that it leads to. Servers that are silent "
                "are asked again within it."},
    Property{.name = "discovery.nats.url", .type = list, .fallback = "",
        .engine = into<&EngineConfig::nats, &NatsConfig::urls>,
        .text = "Servers of the provider `nats`, `nats://host:port` or all `tls://host:port`; "
                "without a port it is 4222. Any one of them will do, and those that they tell "
                "of are used too."},
    Property{.name = "discovery.nats.subject", .type = string, .fallback = "distcache",
        .min = 1, .max = 255, .engine = into<&EngineConfig::nats, &NatsConfig::subject>,
        .text = "Subject on which members answer each other. Members with another `cluster.label` "
                "are not heard, also on the same subject."},
    Property{.name = "discovery.nats.timeout.ms", .type = duration, .fallback = "1s",
        .min = 10, .max = 60 * kSecondMs,
        .engine = into<&EngineConfig::nats, &NatsConfig::timeout>,
        .text = "How long a server may take to be connected, and answers are collected."},
    Property{.name = "discovery.nats.user", .type = string, .fallback = "",
        .min = 0, .max = 255, .engine = into<&EngineConfig::nats, &NatsConfig::user>,
        .text = "User name for the servers, with `discovery.nats.password.file`."},
    Property{.name = "discovery.nats.password.file", .type = string, .fallback = "",
        .min = 0, .max = 4096, .engine = into<&EngineConfig::nats, &NatsConfig::password_file>,
        .text = "File with the password of `discovery.nats.user`. Like all these files read anew "
                "for each connection."},
    Property{.name = "discovery.nats.token.file", .type = string, .fallback = "",
        .min = 0, .max = 4096, .engine = into<&EngineConfig::nats, &NatsConfig::token_file>,
        .text = "File with the token that the servers ask for."},
    Property{.name = "discovery.nats.creds.file", .type = string, .fallback = "",
        .min = 0, .max = 4096, .engine = into<&EngineConfig::nats, &NatsConfig::creds_file>,
        .text = "Credentials file with the JWT and the seed of a user."},
    Property{.name = "discovery.nats.nkey", .type = string, .fallback = "",
        .min = 0, .max = 255, .engine = into<&EngineConfig::nats, &NatsConfig::nkey>,
        .text = "Public NKey of the user, with `discovery.nats.nkey.seed.file`."},
    Property{.name = "discovery.nats.nkey.seed.file", .type = string, .fallback = "",
        .min = 0, .max = 4096, .engine = into<&EngineConfig::nats, &NatsConfig::nkey_seed_file>,
        .text = "File with the seed of `discovery.nats.nkey`."},
    Property{.name = "discovery.nats.tls.ca.file", .type = string, .fallback = "",
        .min = 0, .max = 4096, .engine = into<&EngineConfig::nats, &NatsConfig::tls_ca_file>,
        .text = "Certificates (PEM) of the authorities that may have signed those of the servers. "
                "Empty: those that the system trusts."},
    Property{.name = "discovery.nats.tls.cert.file", .type = string, .fallback = "",
        .min = 0, .max = 4096, .engine = into<&EngineConfig::nats, &NatsConfig::tls_cert_file>,
        .text = "Certificate chain (PEM) that this node shows, with "
                "`discovery.nats.tls.key.file`."},
    Property{.name = "discovery.nats.tls.key.file", .type = string, .fallback = "",
        .min = 0, .max = 4096, .engine = into<&EngineConfig::nats, &NatsConfig::tls_key_file>,
        .text = "Private key (PEM) of `discovery.nats.tls.cert.file`."},
    Property{.name = "discovery.nats.tls.hostname", .type = string, .fallback = "",
        .min = 0, .max = 253, .engine = into<&EngineConfig::nats, &NatsConfig::tls_hostname>,
        .text = "Name that certificates of the servers must have. Empty: the host of their URL."},
    Property{.name = "discovery.kubernetes.server", .type = string, .fallback = "",
        .min = 0, .max = 1024,
        .engine = into<&EngineConfig::kubernetes, &KubernetesConfig::server>,
        .text = "API server, `https://host:port`. Empty: the one that the environment of this pod "
                "names."},
    Property{.name = "discovery.kubernetes.namespace", .type = string, .fallback = "",
        .min = 0, .max = 63,
        .engine = into<&EngineConfig::kubernetes, &KubernetesConfig::namespace_name>,
        .text = "Namespace of the pods. Empty: this pod's own."},
    Property{.name = "discovery.kubernetes.objects", .type = choice, .fallback = "pods",
        .choices = kKubernetesObjects,
        .engine = into<&EngineConfig::kubernetes, &KubernetesConfig::objects>,
        .text = "What is looked at: `pods` with the labels of `discovery.kubernetes.labels`, or "
                "the `endpointslices` of `discovery.kubernetes.service`, which tell no public "
                "keys."},
    Property{.name = "discovery.kubernetes.labels", .type = list, .fallback = "",
        .engine = into<&EngineConfig::kubernetes, &KubernetesConfig::labels>,
        .text = "Labels `name=value` that the pods of the cluster have."},
    Property{.name = "discovery.kubernetes.service", .type = string, .fallback = "",
        .min = 0, .max = 63, .engine = into<&EngineConfig::kubernetes, &KubernetesConfig::service>,
        .text = "Service whose endpoints are the members, where `discovery.kubernetes.objects` is "
                "`endpointslices`."},
    Property{.name = "discovery.kubernetes.port", .type = string, .fallback = "discovery",
        .min = 1, .max = 63, .engine = into<&EngineConfig::kubernetes, &KubernetesConfig::port>,
        .text = "Name of the port that is the discovery port: of the container, or of the "
                "service."},
    Property{.name = "discovery.kubernetes.key.annotation", .type = string,
        .fallback = "distcache/public-key",
        .min = 1, .max = 317,
        .engine = into<&EngineConfig::kubernetes, &KubernetesConfig::key_annotation>,
        .text = "Annotation of a pod that holds its public key, where it has one."},
    Property{.name = "discovery.kubernetes.token.file", .type = string,
        .fallback = "/var/run/secrets/kubernetes.io/serviceaccount/token",
        .min = 0, .max = 4096,
        .engine = into<&EngineConfig::kubernetes, &KubernetesConfig::token_file>,
        .text = "File with the token for the API server, read anew for each request. Empty: none "
                "is sent."},
    Property{.name = "discovery.kubernetes.ca.file", .type = string,
        .fallback = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt",
        .min = 0, .max = 4096,
        .engine = into<&EngineConfig::kubernetes, &KubernetesConfig::ca_file>,
        .text = "Certificates (PEM) of the authorities that may have signed that of the API "
                "server. Empty: those that the system trusts."},
    Property{.name = "discovery.kubernetes.timeout.ms", .type = duration, .fallback = "5s",
        .min = 10, .max = kHourMs,
        .engine = into<&EngineConfig::kubernetes, &KubernetesConfig::timeout>,
        .text = "How long the API server may take to answer."},
    Property{.name = "peers.max", .type = integer, .fallback = "256",
        .min = 1, .max = limits::kMembersMax, .engine = into<&EngineConfig::peers_max>,
        .text = "Most members that are accepted, this node included."},

    // ---- joining and leaving
    Property{.name = "bootstrap.timeout.ms", .type = duration, .fallback = "30s",
        .min = 1, .max = kHourMs, .engine = into<&EngineConfig::bootstrap_timeout>,
        .text = "How long open waits for members to be found."},
    Property{.name = "join.retry.interval.ms", .type = duration, .fallback = "1s",
        .min = 10, .max = kHourMs, .engine = into<&EngineConfig::join_retry_interval>,
        .text = "Pause between two attempts to reach members that do not answer."},
    Property{.name = "join.attempts.max", .type = integer, .fallback = "10",
        .min = 1, .max = 1'000'000, .engine = into<&EngineConfig::join_attempts_max>,
        .text = "Attempts after which the node runs alone, and goes on looking."},
    Property{.name = "quorum.min", .type = integer, .fallback = "1",
        .min = 1, .max = limits::kMembersMax, .engine = into<&EngineConfig::quorum_min>,
        .text = "Live members, this node included, below which calls answer NO_QUORUM."},
    Property{.name = "shutdown.timeout.ms", .type = duration, .fallback = "30s",
        .min = 1, .max = kHourMs, .engine = into<&EngineConfig::shutdown_timeout>,
        .text = "How long close waits for what is in progress."},

    // ---- calls and connections
    Property{.name = "read.timeout.ms", .type = duration, .fallback = "5s",
        .min = 1, .max = kHourMs, .engine = into<&EngineConfig::read_timeout>,
        .text = "Deadline of reads that name none."},
    Property{.name = "write.timeout.ms", .type = duration, .fallback = "5s",
        .min = 1, .max = kHourMs, .engine = into<&EngineConfig::write_timeout>,
        .text = "Deadline of writes that name none."},
    Property{.name = "keepalive.period.ms", .type = duration, .fallback = "5m",
        .min = kSecondMs, .max = kDayMs, .word = "off",
        .engine = into<&EngineConfig::keepalive_period>,
        .text = "TCP keep-alive of idle connections."},
    Property{.name = "heartbeat.ms", .type = duration, .fallback = "250ms",
        .min = 10, .max = 60 * kSecondMs, .engine = into<&EngineConfig::heartbeat>,
        .text = "How often an owner that has lent mirrors tells those that hold them which recall "
                "is the latest."},
    Property{.name = "ring.hash", .type = choice, .fallback = "xxh3", .choices = kHashes,
        .text = "Hash that places keys on members, the same in all of them. `custom`: the one of "
                "distcache_config_hash."},

    // ---- sources
    Property{.name = "source.threads", .type = integer, .fallback = "8",
        .min = 1, .max = 1024, .engine = into<&EngineConfig::source_threads>,
        .text = "Threads that run data sources, shared out among the keyspaces."},
    Property{.name = "source.rate.per.second", .type = integer, .fallback = "off",
        .min = 1, .max = 1'000'000'000, .word = "off", .available = false,
        .text = "Loads per second that this node asks of a keyspace's source."},
    Property{.name = "source.rate.burst", .type = integer, .fallback = "1",
        .min = 1, .max = 1'000'000, .available = false,
        .text = "Loads that may come at once after a pause."},
    Property{.name = "source.rate.wait.ms", .type = duration, .fallback = "0",
        .min = 0, .max = kHourMs, .available = false,
        .text = "How long a load waits for its turn before it answers TIMED_OUT. 0: it answers "
                "RATE_LIMITED at once."},
    Property{.name = "source.breaker.failures", .type = integer, .fallback = "off",
        .min = 1, .max = 1'000'000, .word = "off", .available = false,
        .text = "Failures in a row that open the breaker of a keyspace's source."},
    Property{.name = "source.breaker.reset.ms", .type = duration, .fallback = "10s",
        .min = 1, .max = kDayMs, .available = false,
        .text = "How long an open breaker refuses loads before it lets one probe through."},

    // ---- warm-up
    Property{.name = "warmup.on.join", .type = choice, .fallback = "off", .choices = kSwitch,
        .available = false,
        .text = "When a member joins, hand it the hot keys that it owns now. Arrives later, and "
                "will be on."},
    Property{.name = "warmup.on.leave", .type = choice, .fallback = "off", .choices = kSwitch,
        .available = false,
        .text = "When this node leaves, hand its hot keys to their next owners. Arrives later, "
                "and will be on."},
    Property{.name = "warmup.hot.keys.max", .type = integer, .fallback = "100",
        .min = 1, .max = 100'000, .available = false, .text = "Keys handed over per keyspace."},
    Property{.name = "warmup.hits.min", .type = integer, .fallback = "1",
        .min = 1, .max = 1'000'000, .available = false,
        .text = "Hits that make a key worth handing over."},
    Property{.name = "warmup.concurrency", .type = integer, .fallback = "4",
        .min = 1, .max = 1024, .available = false, .text = "Keys warmed at once."},
    Property{.name = "warmup.timeout.ms", .type = duration, .fallback = "2s",
        .min = 1, .max = kHourMs, .available = false, .text = "How long warming a key may take."},
    Property{.name = "warmup.refresh.interval.ms", .type = duration, .fallback = "off",
        .min = kSecondMs, .max = kDayMs, .word = "off", .available = false,
        .text = "How often hot keys are loaded anew."},

    // ---- security
    Property{.name = "security.plaintext", .type = choice, .fallback = "loopback",
        .choices = kPlaintext, .engine = into<&EngineConfig::plaintext_accepted>,
        .text = "Where traffic may travel unencrypted and unauthenticated. `i-accept-plaintext`: "
                "on any network; whoever reaches the ports can read and change the cache."},
    Property{.name = "security.mode", .type = choice, .fallback = "none", .choices = kSecurity,
        .text = "`curve`: every connection is encrypted, both ends prove who they are."},
    Property{.name = "security.key.file", .type = string, .fallback = "",
        .min = 0, .max = 4096, .available = false,
        .text = "File with the key pair of this node, readable by its user only (0600)."},
    Property{.name = "security.allow.file", .type = string, .fallback = "",
        .min = 0, .max = 4096, .available = false,
        .text = "File with the public keys of all members, one a line. Those that vanish from it "
                "are cut off."},
    Property{.name = "security.reload.interval.ms", .type = duration, .fallback = "1s",
        .min = 100, .max = kHourMs, .available = false,
        .text = "How often the files are looked at for changes."},

    // ---- admin server
    Property{.name = "admin.address", .type = string, .fallback = "off",
        .min = 0, .max = limits::kAddressBytesMax, .word = "off", .available = false,
        .text = "`host:port` of the HTTP server with dashboard, JSON and metrics."},
    Property{.name = "admin.token.file", .type = string, .fallback = "",
        .min = 0, .max = 4096, .available = false,
        .text = "File (0600) with the token that requests must carry; needed off loopback."},
    Property{.name = "admin.hosts", .type = list, .fallback = "", .available = false,
        .text = "Host names that requests may name, besides those of loopback."},
    Property{.name = "admin.tls.cert.file", .type = string, .fallback = "",
        .min = 0, .max = 4096, .available = false, .text = "Certificate chain (PEM) for HTTPS."},
    Property{.name = "admin.tls.key.file", .type = string, .fallback = "",
        .min = 0, .max = 4096, .available = false, .text = "Private key (PEM, 0600) for HTTPS."},

    // ---- telemetry
    Property{.name = "otlp.endpoint", .type = string, .fallback = "off",
        .min = 0, .max = 1024, .word = "off", .available = false,
        .text = "URL of an OTLP/HTTP collector for spans and metrics."},
    Property{.name = "otlp.headers", .type = list, .fallback = "", .available = false,
        .text = "Headers `name=value` of each export."},
    Property{.name = "otlp.timeout.ms", .type = duration, .fallback = "10s",
        .min = 1, .max = kHourMs, .available = false, .text = "How long one export may take."},
    Property{.name = "otlp.interval.ms", .type = duration, .fallback = "60s",
        .min = 100, .max = kHourMs, .available = false, .text = "How often metrics are exported."},
    Property{.name = "otlp.service.name", .type = string, .fallback = "distcache",
        .min = 1, .max = 255, .available = false, .text = "The attribute `service.name`."},
};
// clang-format on

}  // namespace

std::span<const Property> engine_properties() { return kTable; }

}  // namespace distcache::core
