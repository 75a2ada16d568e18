/* distcache/observe.h - seeing what an engine does: logs, events, spans, counters, peers.
 *
 * Callbacks run on the OBSERVER thread, one at a time and in order, and may block: a slow one
 * delays nobody, but what the bounded queue before it cannot take is dropped and counted.
 * Everything handed to them is borrowed for the time of the call.
 */
#ifndef DISTCACHE_OBSERVE_H
#define DISTCACHE_OBSERVE_H

#include "keyspace.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- logs -------------------------------------------------------------------------------- */

/* Levels, as in the property log.level; a record is made only if its level is asked for. */
enum {
  DISTCACHE_LOG_DEBUG = 0,
  DISTCACHE_LOG_INFO = 1,
  DISTCACHE_LOG_WARN = 2,
  DISTCACHE_LOG_ERROR = 3
};

/* One line of the log. May grow: read only what struct_size covers. */
typedef struct distcache_log_record {
  uint32_t struct_size;
  int32_t level;           /* DISTCACHE_LOG_* */
  int64_t unix_ms;         /* wall clock when it happened, for people */
  const char *component;   /* "membership", "source", ... */
  const char *message;     /* one sentence, valid UTF-8, without keys and values of entries */
  const char *fields_json; /* a JSON object with details, "{}" if there are none */
} distcache_log_record_t;

/* OBSERVER thread; may block. */
typedef void (*distcache_log_fn)(uintptr_t context, const distcache_log_record_t *record);

/* Sends the log of engines opened with this configuration to `log` instead of stderr; to nobody
 * where `log` is NULL. `finalize` (NULL allowed) runs when the last of them has closed. Never
 * waits. */
DISTCACHE_API distcache_status_t distcache_config_on_log(distcache_config_t *config,
                                                         distcache_log_fn log, uintptr_t context,
                                                         distcache_finalize_fn finalize,
                                                         distcache_error_t **err);

/* ---- events ------------------------------------------------------------------------------ */

/* What happened. Numbers are never reused; treat an unknown one as none of yours. */
enum {
  DISTCACHE_EVENT_PEER_JOINED = 1,
  DISTCACHE_EVENT_PEER_LEFT = 2,    /* in good order */
  DISTCACHE_EVENT_PEER_FAILED = 3,  /* found dead */
  DISTCACHE_EVENT_PEER_UPDATED = 4, /* address, weight, role or keyspaces */
  DISTCACHE_EVENT_PEER_SUSPECT = 5, /* does not answer: others act for it, still a member */
  DISTCACHE_EVENT_PEER_ALIVE = 6,   /* no longer suspect */
  DISTCACHE_EVENT_READY = 10,       /* distcache_ready turned to 1 */
  DISTCACHE_EVENT_NOT_READY = 11,   /* and back to 0 */
  DISTCACHE_EVENT_QUORUM_LOST = 12, /* fewer than quorum.min live: calls answer NO_QUORUM */
  DISTCACHE_EVENT_QUORUM_REGAINED = 13,
  DISTCACHE_EVENT_RING_CHANGED = 14, /* other members than before own the keys of a keyspace: json
                                        has ring_id (16 hexadecimal digits), members, epoch */
  DISTCACHE_EVENT_BREAKER_OPENED = 20,
  DISTCACHE_EVENT_BREAKER_HALF_OPEN = 21,
  DISTCACHE_EVENT_BREAKER_CLOSED = 22,
  DISTCACHE_EVENT_SOURCE_ABANDONED = 23, /* a source hung past shutdown.timeout.ms */
  DISTCACHE_EVENT_KEYSPACE_ADDED = 30,
  DISTCACHE_EVENT_KEYSPACE_UPDATED = 31,
  DISTCACHE_EVENT_KEYSPACE_REMOVED = 32,
  DISTCACHE_EVENT_SECURITY = 40, /* a stranger was refused, keys were reloaded */
  DISTCACHE_EVENT_DROPPED = 90,  /* `lost` earlier events did not fit the queue */
  DISTCACHE_EVENT_CLOSED = 99    /* the last one */
};

/* One event. May grow: read only what struct_size covers. */
typedef struct distcache_event {
  uint32_t struct_size;
  int32_t kind;         /* DISTCACHE_EVENT_* */
  const char *peer;     /* name of the member concerned, or "" */
  const char *keyspace; /* name of the keyspace concerned, or "" */
  const char *json;     /* a JSON object with everything else, "{}" if there is nothing */
  uint64_t lost;        /* of DROPPED */
} distcache_event_t;

/* OBSERVER thread; may block. */
typedef void (*distcache_event_fn)(uintptr_t context, const distcache_event_t *event);

/* Tells `event` what happens in engines opened with this configuration. `finalize` (NULL allowed)
 * runs when the last of them has closed. Never waits. */
DISTCACHE_API distcache_status_t distcache_config_on_event(distcache_config_t *config,
                                                           distcache_event_fn event,
                                                           uintptr_t context,
                                                           distcache_finalize_fn finalize,
                                                           distcache_error_t **err);

/* ---- spans ------------------------------------------------------------------------------- */

/* Kinds of spans, numbered as OpenTelemetry numbers them. */
enum {
  DISTCACHE_SPAN_INTERNAL = 1, /* a load by the source */
  DISTCACHE_SPAN_SERVER = 2,   /* a request of another member, served here */
  DISTCACHE_SPAN_CLIENT = 3    /* an operation, a request to another member */
};

/* A span that has ended. May grow: read only what struct_size covers. */
typedef struct distcache_span {
  uint32_t struct_size;
  int32_t kind;          /* DISTCACHE_SPAN_* */
  int64_t start_unix_ns; /* wall clock, as exporters want it */
  int64_t duration_ns;   /* by the monotonic clock */
  uint8_t trace_id[16];
  uint8_t span_id[8];
  uint8_t parent_id[8];        /* zero: a root */
  const char *name;            /* "distcache.get" */
  const char *attributes_json; /* a JSON object, "{}" if there are none; never a key or value */
  distcache_status_t status;
  uint32_t reserved;
} distcache_span_t;

/* OBSERVER thread; may block. Called for sampled traces only. */
typedef void (*distcache_span_fn)(uintptr_t context, const distcache_span_t *span);

/* Hands the spans of engines opened with this configuration to `span`, for a tracing SDK of the
 * host. `finalize` (NULL allowed) runs when the last of them has closed. Never waits.
 * Answers UNSUPPORTED in this version. */
DISTCACHE_API distcache_status_t distcache_config_on_span(distcache_config_t *config,
                                                          distcache_span_fn span, uintptr_t context,
                                                          distcache_finalize_fn finalize,
                                                          distcache_error_t **err);

/* ---- counters ----------------------------------------------------------------------------
 *
 * They start at 0 when the keyspace is added or the engine opened, and only grow, except those
 * under "now". Each is exact; those read together may be a moment apart. */

/* Counters of one keyspace on this node. May grow; set struct_size before the call, which fills
 * what both sides know and lowers struct_size to that. */
typedef struct distcache_keyspace_stats {
  uint32_t struct_size; /* sizeof(distcache_keyspace_stats_t) */
  uint32_t reserved;

  /* keys asked for by this node's callers */
  uint64_t gets;          /* all of them */
  uint64_t hits;          /* answered from this node's memory, mirrors included */
  uint64_t mirror_hits;   /* of these, from a mirror */
  uint64_t negative_hits; /* of these, a remembered NOT_FOUND */
  uint64_t stale_hits;    /* of these, past their expiry */
  uint64_t joined;        /* waited for a load or request that was in progress already */

  /* keys asked of other members, and asked by them */
  uint64_t peer_gets;           /* sent to an owner */
  uint64_t peer_hits;           /* of these, answered with a value or NOT_FOUND */
  uint64_t peer_failures;       /* of these, failed or not answered */
  uint64_t peer_requests;       /* received from other members, of all kinds */
  uint64_t peer_refusals;       /* of these, refused because this node does not own the key */
  uint64_t peer_latency_max_us; /* longest answered request so far */

  /* calls of the source on this node */
  uint64_t loads;             /* begun */
  uint64_t loads_ok;          /* a value came */
  uint64_t loads_not_found;   /* the source does not know the key */
  uint64_t loads_failed;      /* it failed or threw */
  uint64_t loads_timed_out;   /* no answer within fetch.timeout.ms */
  uint64_t loads_not_stored;  /* fenced off by a put or delete, or not this node's to keep */
  uint64_t loads_last_resort; /* made for itself by a node that reached no candidate */
  uint64_t loads_refused;     /* by limiter, breaker or a full queue */
  uint64_t answers_ignored;   /* second answers of a source */

  /* writes by this node's callers */
  uint64_t puts;
  uint64_t deletes;
  uint64_t invalidations;  /* clear, tag, prefix */
  uint64_t writes_partial; /* ended PARTIAL */
  uint64_t writes_unknown; /* ended UNKNOWN */

  /* what left memory by itself */
  uint64_t evictions;
  uint64_t expirations;

  /* now */
  uint64_t entries;
  uint64_t bytes;          /* true size, overhead included: what bytes.max bounds */
  uint64_t bytes_pinned;   /* held by results and views after they left the cache */
  uint64_t mirror_entries; /* of the entries */
  uint64_t mirror_bytes;   /* of the bytes */
  uint64_t flights;        /* loads and requests in progress */

  /* the members that own the keys of this keyspace, as this node sees them */
  uint64_t ring_id;            /* now: equal on two members exactly if they agree who these are */
  uint64_t ring_members;       /* now */
  uint64_t ring_changes;       /* how often they changed */
  uint64_t ring_disagreements; /* requests and replies of members that saw others in that role */
} distcache_keyspace_stats_t;

/* Fills *out with the counters of the keyspace on this node. INVALID_ARGUMENT: struct_size is 0.
 * Any thread, never waits. */
DISTCACHE_API distcache_status_t distcache_keyspace_stats_get(distcache_keyspace_t *keyspace,
                                                              distcache_keyspace_stats_t *out,
                                                              distcache_error_t **err);

/* Counters of an engine beside its keyspaces. May grow like the above. */
typedef struct distcache_engine_stats {
  uint32_t struct_size; /* sizeof(distcache_engine_stats_t) */
  uint32_t reserved;

  /* network */
  uint64_t messages_sent;
  uint64_t messages_received;
  uint64_t bytes_sent;
  uint64_t bytes_received;
  uint64_t messages_rejected; /* malformed, of another cluster or version, over a limit */
  uint64_t sends_refused;     /* a bounded queue to a peer was full */

  /* membership */
  uint64_t view_changes;
  uint64_t links_lost;

  /* threads of the engine */
  uint64_t observer_dropped;  /* log records, events and spans that did not fit their queue */
  uint64_t sources_abandoned; /* threads still inside a source when the engine closed */

  /* now */
  uint64_t members;        /* live ones, this node included */
  uint64_t keyspaces;      /* on this node */
  uint64_t sources_busy;   /* source threads that run a source */
  uint64_t sources_queued; /* loads that wait for one */
  uint64_t uptime_ms;
} distcache_engine_stats_t;

/* Fills *out with the counters of the engine. INVALID_ARGUMENT: struct_size is 0. Any thread, never
 * waits. */
DISTCACHE_API distcache_status_t distcache_engine_stats_get(distcache_t *cache,
                                                            distcache_engine_stats_t *out,
                                                            distcache_error_t **err);

/* ---- peers ------------------------------------------------------------------------------- */

/* States of a member, as this node sees it. */
enum {
  DISTCACHE_PEER_ALIVE = 0,
  DISTCACHE_PEER_SUSPECT = 1, /* did not answer; still a member */
  DISTCACHE_PEER_DEAD = 2,    /* found dead; owns nothing */
  DISTCACHE_PEER_LEFT = 3     /* left in good order */
};

/* Bits of distcache_peer_t.flags. */
enum {
  DISTCACHE_PEER_SELF = 1,   /* this node */
  DISTCACHE_PEER_CLIENT = 2, /* node.role = client: owns nothing */
  DISTCACHE_PEER_LINKED = 4  /* messages flow to it now */
};

/* One member. Texts are borrowed from the snapshot, never NULL. Grows at its end: reach the next
 * one by the stride of distcache_peers_items. */
typedef struct distcache_peer {
  const char *name;       /* node.name */
  const char *host;       /* where others reach it */
  const char *public_key; /* "" without encryption */
  uint64_t id;            /* as in distcache_entry_version_t.owner */
  uint64_t incarnation;   /* of its process: a restarted node has a higher one */
  uint32_t data_port;
  uint32_t discovery_port;
  uint32_t weight;
  int32_t state;  /* DISTCACHE_PEER_ALIVE ... */
  uint32_t flags; /* DISTCACHE_PEER_SELF ... */
  uint32_t reserved;
} distcache_peer_t;

/* The members at one moment; immutable, ended by distcache_peers_release. */
typedef struct distcache_peers distcache_peers_t;

/* Takes a snapshot of all members that this node knows, this node first, the others by name. After
 * open the first one tells the ports that "0 = any" became. Never waits. */
DISTCACHE_API distcache_status_t distcache_peers_get(distcache_t *cache, distcache_peers_t **out,
                                                     distcache_error_t **err);

/* All members with one call, like distcache_result_items. Any thread, never waits; borrowed from
 * the snapshot. */
DISTCACHE_API const distcache_peer_t *distcache_peers_items(const distcache_peers_t *peers,
                                                            size_t *count, size_t *stride);

/* Ends the snapshot and what is borrowed from it. Any thread, never waits. */
DISTCACHE_API void distcache_peers_release(distcache_peers_t *peers);

/* ---- explanations ------------------------------------------------------------------------ */

/* Why a get of this key would go the way it goes, as a JSON object in the one item of *out: owner
 * and who acts for it, what this node holds, and more as versions learn to tell more. Asks this
 * node only; never waits. */
DISTCACHE_API distcache_status_t distcache_explain(distcache_keyspace_t *keyspace,
                                                   const uint8_t *key, size_t key_len,
                                                   distcache_result_t **out,
                                                   distcache_error_t **err);

/* The hottest keys that this node owns, hottest first, at most `count_max`: items whose `data` is
 * the rate per second as text, with their keys (distcache_result_key). Never waits.
 * Answers UNSUPPORTED in this version. */
DISTCACHE_API distcache_status_t distcache_hot_keys(distcache_keyspace_t *keyspace,
                                                    size_t count_max, distcache_result_t **out,
                                                    distcache_error_t **err);

#ifdef __cplusplus
}
#endif
#endif
