#include "base/limits.h"
#include "core/config/tables.h"

namespace distcache::core {
namespace {

using enum PropertyType;

constexpr std::array kPolicies = {
    Choice{"auto"},         Choice{"s3fifo"},           Choice{"lru"},
    Choice{"sieve", false}, Choice{"w-tinylfu", false}, Choice{"custom", false}};
constexpr std::array kPartition = {Choice{"serve"}, Choice{"bounded"}};
constexpr std::array kMirror = {Choice{"hot"}, Choice{"all"}, Choice{"off"}};
constexpr std::array kPlacement = {Choice{"sharded"}, Choice{"replicated", false}};

constexpr int64_t kTtlMax = limits::kTtlMsMax;

// clang-format off
constexpr std::array kTable = {
    // ---- memory
    Property{.name = "bytes.max", .type = size,
        .min = 4096, .max = int64_t{1} << 50, .required = true,
        .keyspace = into<&KeyspaceConfig::bytes_max>,
        .text = "Memory that the keyspace may use on this node: true bytes, overhead included."},
    Property{.name = "entries.max", .type = integer, .fallback = "none",
        .min = 1, .max = int64_t{1} << 40, .word = "none",
        .keyspace = into<&KeyspaceConfig::entries_max>,
        .text = "Most entries on this node."},
    Property{.name = "value.bytes.max", .type = size, .fallback = "16MiB",
        .min = 1, .max = 1024 * kMiB, .keyspace = into<&KeyspaceConfig::value_bytes_max>,
        .text = "Largest value; a larger one is TOO_LARGE. A value that does not fit into "
                "`bytes.max` is served and not stored."},
    Property{.name = "eviction.policy", .type = choice, .fallback = "auto",
        .choices = kPolicies, .keyspace = into<&KeyspaceConfig::eviction_policy>,
        .text = "Which entry goes when memory is full. `auto`: the best measured one, now "
                "`s3fifo`. `custom`: the one of distcache_keyspace_def_eviction."},

    // ---- how long an entry lives
    Property{.name = "ttl.ms", .type = duration, .fallback = "none",
        .min = 1, .max = kTtlMax, .word = "none", .keyspace = into<&KeyspaceConfig::ttl>,
        .text = "Life of an entry whose call, source and expiry callback name none."},
    Property{.name = "ttl.max.ms", .type = duration, .fallback = "none",
        .min = 1, .max = kTtlMax, .word = "none", .keyspace = into<&KeyspaceConfig::ttl_max>,
        .text = "Longest life of any entry, whoever asked for it."},
    Property{.name = "ttl.jitter.percent", .type = percent, .fallback = "10",
        .min = 0, .max = 100, .keyspace = into<&KeyspaceConfig::ttl_jitter_percent>,
        .text = "Each life is shortened by a random part of up to this much, so that what was "
                "loaded together does not expire together."},
    Property{.name = "negative.ttl.ms", .type = duration, .fallback = "off",
        .min = 1, .max = kTtlMax, .word = "off",
        .keyspace = into<&KeyspaceConfig::negative_ttl>,
        .text = "How long it is remembered that the source does not know a key."},
    Property{.name = "fresh.ms", .type = duration, .fallback = "off",
        .min = 1, .max = kTtlMax, .word = "off", .available = false,
        .text = "Age after which a hit is served and refreshed in the background."},
    Property{.name = "stale.max.ms", .type = duration, .fallback = "off",
        .min = 1, .max = kTtlMax, .word = "off", .available = false,
        .text = "How long past its expiry a value may be served when the source fails or is "
                "slow."},
    Property{.name = "refresh.ahead", .type = choice, .fallback = "off", .choices = kSwitch,
        .available = false, .text = "Load hot entries anew shortly before they expire."},

    // ---- calls
    Property{.name = "read.timeout.ms", .type = duration, .fallback = "inherit",
        .min = 1, .max = kHourMs, .word = "inherit",
        .keyspace = into<&KeyspaceConfig::read_timeout>,
        .text = "Deadline of reads that name none. `inherit`: the engine's."},
    Property{.name = "write.timeout.ms", .type = duration, .fallback = "inherit",
        .min = 1, .max = kHourMs, .word = "inherit",
        .keyspace = into<&KeyspaceConfig::write_timeout>,
        .text = "Deadline of writes that name none. `inherit`: the engine's."},

    // ---- the source
    Property{.name = "fetch.timeout.ms", .type = duration, .fallback = "inherit",
        .min = 1, .max = kHourMs, .word = "inherit",
        .keyspace = into<&KeyspaceConfig::fetch_timeout>,
        .text = "How long a load may take before its readers get TIMED_OUT. `inherit`: "
                "`read.timeout.ms` of the keyspace."},
    Property{.name = "fetch.soft.timeout.ms", .type = duration, .fallback = "off",
        .min = 1, .max = kHourMs, .word = "off", .available = false,
        .text = "How long a load may take before its readers get a stale value, while it goes "
                "on."},
    Property{.name = "loads.max", .type = integer, .fallback = "64",
        .min = 1, .max = 65'536, .keyspace = into<&KeyspaceConfig::loads_max>,
        .text = "Loads of this keyspace in progress at once on this node; others wait their "
                "turn."},
    Property{.name = "waiters.max", .type = integer, .fallback = "10000",
        .min = 1, .max = 1'000'000, .keyspace = into<&KeyspaceConfig::waiters_max>,
        .text = "Readers that may wait for one load; one more gets OVERLOADED."},
    Property{.name = "source.rate.per.second", .type = integer, .fallback = "inherit",
        .min = 0, .max = 1'000'000'000, .word = "inherit", .word_value = -1, .available = false,
        .text = "In place of the engine's. 0: off."},
    Property{.name = "source.rate.burst", .type = integer, .fallback = "inherit",
        .min = 1, .max = 1'000'000, .word = "inherit", .word_value = -1, .available = false,
        .text = "In place of the engine's."},
    Property{.name = "source.rate.wait.ms", .type = duration, .fallback = "inherit",
        .min = 0, .max = kHourMs, .word = "inherit", .word_value = -1, .available = false,
        .text = "In place of the engine's."},
    Property{.name = "source.breaker.failures", .type = integer, .fallback = "inherit",
        .min = 0, .max = 1'000'000, .word = "inherit", .word_value = -1, .available = false,
        .text = "In place of the engine's. 0: off."},
    Property{.name = "source.breaker.reset.ms", .type = duration, .fallback = "inherit",
        .min = 1, .max = kDayMs, .word = "inherit", .word_value = -1, .available = false,
        .text = "In place of the engine's."},
    Property{.name = "warm.keys", .type = list, .fallback = "", .available = false,
        .text = "Keys that are loaded whenever this node begins to own them."},

    // ---- the cluster
    Property{.name = "placement", .type = choice, .fallback = "sharded", .choices = kPlacement,
        .text = "`sharded`: each key has one owner. `replicated`: every member holds every "
                "entry, and reads are local."},
    Property{.name = "partition", .type = choice, .fallback = "serve", .choices = kPartition,
        .keyspace = into<&KeyspaceConfig::partition>,
        .text = "What a node that is cut off does. `serve`: it goes on with what it has. "
                "`bounded`: unless a majority of the members confirms it, it keeps nothing for "
                "longer than `mirror.lease.ms` (100 ms or more) and answers no write with OK. "
                "Discovery has to list all members: a cluster that starts waits for each."},
    Property{.name = "mirror", .type = choice, .fallback = "hot", .choices = kMirror,
        .keyspace = into<&KeyspaceConfig::mirror>,
        .text = "Which keys members that do not own them keep for a lease: `hot`, those that are "
                "asked for often; `all`; `off`, none."},
    Property{.name = "mirror.lease.ms", .type = duration, .fallback = "1s",
        .min = 10, .max = kHourMs, .keyspace = into<&KeyspaceConfig::mirror_lease>,
        .text = "How long a mirror is lent: the longest time that it may be stale when messages "
                "are lost, and that a write waits for a member that does not answer."},
    Property{.name = "mirror.percent", .type = percent, .fallback = "12",
        .min = 0, .max = 100, .keyspace = into<&KeyspaceConfig::mirror_percent>,
        .text = "Part of `bytes.max` that mirrors may use."},

    // ---- the second tier
    Property{.name = "tier", .type = string, .fallback = "off",
        .min = 1, .max = 1024, .word = "off", .available = false,
        .text = "A shared store below memory and above the source: `redis://host:port/db`, or "
                "`custom` for the one of distcache_keyspace_def_tier."},
    Property{.name = "tier.lock", .type = choice, .fallback = "off", .choices = kSwitch,
        .available = false,
        .text = "Hold one loader also among processes that share only the tier."},
};
// clang-format on

}  // namespace

std::span<const Property> keyspace_properties() { return kTable; }

}  // namespace distcache::core
