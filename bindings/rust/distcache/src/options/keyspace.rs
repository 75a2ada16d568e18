// Written by generate.py from the table of properties of the library.

use crate::options::properties;
use crate::options::{EvictionPolicy, Mirror, Partition, Placement};
use crate::KeyspaceBuilder;

properties! { KeyspaceBuilder:
    /// `bytes.max`: Memory that the keyspace may use on this node: true bytes, overhead included.
    /// Required.
    bytes_max: number(u64) = "bytes.max";
    /// `entries.max`: Most entries on this node. Default: `none`.
    entries_max: number(u64) = "entries.max";
    /// `value.bytes.max`: Largest value; a larger one is TOO_LARGE. A value that does not fit into
    /// `bytes.max` is served and not stored. Default: `16MiB`.
    value_bytes_max: number(u64) = "value.bytes.max";
    /// `eviction.policy`: Which entry goes when memory is full. `auto`: the best measured one, now
    /// `s3fifo`. `custom`: the one of distcache_keyspace_def_eviction. Default: `auto`.
    eviction_policy: choice(EvictionPolicy) = "eviction.policy";
    /// `ttl.ms`: Life of an entry whose call, source and expiry callback name none. Default:
    /// `none`.
    ttl: duration = "ttl.ms";
    /// `ttl.max.ms`: Longest life of any entry, whoever asked for it. Default: `none`.
    ttl_max: duration = "ttl.max.ms";
    /// `ttl.jitter.percent`: Each life is shortened by a random part of up to this much, so that
    /// what was loaded together does not expire together. Default: `10`.
    ttl_jitter_percent: number(u8) = "ttl.jitter.percent";
    /// `negative.ttl.ms`: How long it is remembered that the source does not know a key. Default:
    /// `off`.
    negative_ttl: duration = "negative.ttl.ms";
    /// `fresh.ms`: Age after which a hit is served and refreshed in the background. Default: `off`.
    fresh: duration = "fresh.ms";
    /// `stale.max.ms`: How long past its expiry a value may be served when the source fails or is
    /// slow. Default: `off`.
    stale_max: duration = "stale.max.ms";
    /// `refresh.ahead`: Load hot entries anew shortly before they expire. Default: `off`.
    refresh_ahead: switch = "refresh.ahead";
    /// `read.timeout.ms`: Deadline of reads that name none. `inherit`: the engine's. Default:
    /// `inherit`.
    read_timeout: duration = "read.timeout.ms";
    /// `write.timeout.ms`: Deadline of writes that name none. `inherit`: the engine's. Default:
    /// `inherit`.
    write_timeout: duration = "write.timeout.ms";
    /// `fetch.timeout.ms`: How long a load may take before its readers get TIMED_OUT. `inherit`:
    /// `read.timeout.ms` of the keyspace. Default: `inherit`.
    fetch_timeout: duration = "fetch.timeout.ms";
    /// `fetch.soft.timeout.ms`: How long a load may take before its readers get a stale value,
    /// while it goes on. Default: `off`.
    fetch_soft_timeout: duration = "fetch.soft.timeout.ms";
    /// `loads.max`: Loads of this keyspace in progress at once on this node; others wait their
    /// turn. Default: `64`.
    loads_max: number(u32) = "loads.max";
    /// `waiters.max`: Readers that may wait for one load; one more gets OVERLOADED. Default:
    /// `10000`.
    waiters_max: number(u32) = "waiters.max";
    /// `source.rate.per.second`: In place of the engine's. 0: off. Default: `inherit`.
    source_rate_per_second: number(u32) = "source.rate.per.second";
    /// `source.rate.burst`: In place of the engine's. Default: `inherit`.
    source_rate_burst: number(u32) = "source.rate.burst";
    /// `source.rate.wait.ms`: In place of the engine's. Default: `inherit`.
    source_rate_wait: duration = "source.rate.wait.ms";
    /// `source.breaker.failures`: In place of the engine's. 0: off. Default: `inherit`.
    source_breaker_failures: number(u32) = "source.breaker.failures";
    /// `source.breaker.reset.ms`: In place of the engine's. Default: `inherit`.
    source_breaker_reset: duration = "source.breaker.reset.ms";
    /// `warm.keys`: Keys that are loaded whenever this node begins to own them.
    warm_keys: list = "warm.keys";
    /// `placement`: `sharded`: each key has one owner. `replicated`: every member holds every
    /// entry, and reads are local. Default: `sharded`.
    placement: choice(Placement) = "placement";
    /// `partition`: What a node that is cut off does. `serve`: it goes on with what it has.
    /// `bounded`: unless a majority of the members confirms it, it keeps nothing for longer than
    /// `mirror.lease.ms` (100 ms or more) and answers no write with OK. Discovery has to list all
    /// members: a cluster that starts waits for each. Default: `serve`.
    partition: choice(Partition) = "partition";
    /// `mirror`: Which keys members that do not own them keep for a lease: `hot`, those that are
    /// asked for often; `all`; `off`, none. Default: `hot`.
    mirror: choice(Mirror) = "mirror";
    /// `mirror.lease.ms`: How long a mirror is lent: the longest time that it may be stale when
    /// messages are lost, and that a write waits for a member that does not answer. Default: `1s`.
    mirror_lease: duration = "mirror.lease.ms";
    /// `mirror.percent`: Part of `bytes.max` that mirrors may use. Default: `12`.
    mirror_percent: number(u8) = "mirror.percent";
    /// `tier`: A shared store below memory and above the source: `redis://host:port/db`, or
    /// `custom` for the one of distcache_keyspace_def_tier. Default: `off`.
    tier: text = "tier";
    /// `tier.lock`: Hold one loader also among processes that share only the tier. Default: `off`.
    tier_lock: switch = "tier.lock";
}
