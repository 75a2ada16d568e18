/* The layout and the numbers of the public header, pinned: a change of any line here breaks
 * programs and bindings that exist. Lines may only be added, for new numbers and for fields that
 * are appended to a struct that may grow (its SIZE is the one line that changes then).
 *
 * The compiler checks it, as C99, C11 and C++; running it checks the _INIT macros.
 */
#include <distcache.h>

#define JOINED(a, b) a##b
#define NAMED(line) JOINED(shape_, line)
/* A negative array size stops the compiler: C99 has no static assertion. */
#define HOLDS(condition) typedef char NAMED(__LINE__)[(condition) ? 1 : -1]
#define SIZE(type, bytes) HOLDS(sizeof(type) == (bytes))
#define AT(type, field, offset) HOLDS(offsetof(type, field) == (offset))

#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunused-local-typedefs"
#endif

HOLDS(DISTCACHE_ABI == 1);
HOLDS(DISTCACHE_VERSION ==
      (DISTCACHE_VERSION_MAJOR << 16 | DISTCACHE_VERSION_MINOR << 8 | DISTCACHE_VERSION_PATCH));
HOLDS(DISTCACHE_TTL_NONE == -1);
HOLDS(DISTCACHE_KEY_BYTES_MAX == 4096);
HOLDS(sizeof(distcache_status_t) == 4);

/* ---- statuses ---- */
HOLDS(DISTCACHE_OK == 0);
HOLDS(DISTCACHE_NOT_FOUND == 1);
HOLDS(DISTCACHE_NOT_CACHED == 2);
HOLDS(DISTCACHE_INVALID_ARGUMENT == 10);
HOLDS(DISTCACHE_INVALID_CONFIG == 11);
HOLDS(DISTCACHE_NO_KEYSPACE == 12);
HOLDS(DISTCACHE_TOO_LARGE == 13);
HOLDS(DISTCACHE_ABI_MISMATCH == 14);
HOLDS(DISTCACHE_UNSUPPORTED == 15);
HOLDS(DISTCACHE_WOULD_DEADLOCK == 16);
HOLDS(DISTCACHE_CLOSED == 20);
HOLDS(DISTCACHE_FORKED == 21);
HOLDS(DISTCACHE_CANCELLED == 22);
HOLDS(DISTCACHE_TIMED_OUT == 23);
HOLDS(DISTCACHE_SOURCE_FAILED == 30);
HOLDS(DISTCACHE_RATE_LIMITED == 31);
HOLDS(DISTCACHE_CIRCUIT_OPEN == 32);
HOLDS(DISTCACHE_OVERLOADED == 33);
HOLDS(DISTCACHE_VERSION_MISMATCH == 40);
HOLDS(DISTCACHE_PEER_UNREACHABLE == 41);
HOLDS(DISTCACHE_PARTIAL == 42);
HOLDS(DISTCACHE_UNKNOWN == 43);
HOLDS(DISTCACHE_NO_QUORUM == 44);
HOLDS(DISTCACHE_INSECURE == 50);
HOLDS(DISTCACHE_BAD_KEY == 51);
HOLDS(DISTCACHE_DUPLICATE_IDENTITY == 52);
HOLDS(DISTCACHE_ADDRESS_IN_USE == 53);
HOLDS(DISTCACHE_NO_MEMORY == 60);
HOLDS(DISTCACHE_NO_DESCRIPTORS == 61);
HOLDS(DISTCACHE_SYSTEM == 62);
HOLDS(DISTCACHE_INTERNAL == 99);

/* ---- other numbers that cross the boundary ---- */
HOLDS(DISTCACHE_OP_NO_LOAD == 1);
HOLDS(DISTCACHE_OP_OWNER_ONLY == 2);
HOLDS(DISTCACHE_OP_NO_STALE == 4);
HOLDS(DISTCACHE_OP_TRACED == 8);
HOLDS(DISTCACHE_OP_NO_WAIT == 16);
HOLDS(DISTCACHE_ORIGIN_NONE == 0);
HOLDS(DISTCACHE_ORIGIN_LOCAL == 1);
HOLDS(DISTCACHE_ORIGIN_OWNER == 2);
HOLDS(DISTCACHE_ORIGIN_MIRROR == 3);
HOLDS(DISTCACHE_ORIGIN_RESERVE == 4);
HOLDS(DISTCACHE_ORIGIN_TIER == 5);
HOLDS(DISTCACHE_ORIGIN_SOURCE == 6);
HOLDS(DISTCACHE_ITEM_STALE == 1);
HOLDS(DISTCACHE_ITEM_RETRIABLE == 2);
HOLDS(DISTCACHE_ANSWER_NO_STORE == 1);
HOLDS(DISTCACHE_QUEUE_DONE == 1);
HOLDS(DISTCACHE_QUEUE_FETCH == 2);
HOLDS(DISTCACHE_LOG_DEBUG == 0);
HOLDS(DISTCACHE_LOG_INFO == 1);
HOLDS(DISTCACHE_LOG_WARN == 2);
HOLDS(DISTCACHE_LOG_ERROR == 3);
HOLDS(DISTCACHE_EVENT_PEER_JOINED == 1);
HOLDS(DISTCACHE_EVENT_PEER_LEFT == 2);
HOLDS(DISTCACHE_EVENT_PEER_FAILED == 3);
HOLDS(DISTCACHE_EVENT_PEER_UPDATED == 4);
HOLDS(DISTCACHE_EVENT_PEER_SUSPECT == 5);
HOLDS(DISTCACHE_EVENT_PEER_ALIVE == 6);
HOLDS(DISTCACHE_EVENT_READY == 10);
HOLDS(DISTCACHE_EVENT_NOT_READY == 11);
HOLDS(DISTCACHE_EVENT_QUORUM_LOST == 12);
HOLDS(DISTCACHE_EVENT_QUORUM_REGAINED == 13);
HOLDS(DISTCACHE_EVENT_RING_CHANGED == 14);
HOLDS(DISTCACHE_EVENT_BREAKER_OPENED == 20);
HOLDS(DISTCACHE_EVENT_BREAKER_HALF_OPEN == 21);
HOLDS(DISTCACHE_EVENT_BREAKER_CLOSED == 22);
HOLDS(DISTCACHE_EVENT_SOURCE_ABANDONED == 23);
HOLDS(DISTCACHE_EVENT_KEYSPACE_ADDED == 30);
HOLDS(DISTCACHE_EVENT_KEYSPACE_UPDATED == 31);
HOLDS(DISTCACHE_EVENT_KEYSPACE_REMOVED == 32);
HOLDS(DISTCACHE_EVENT_SECURITY == 40);
HOLDS(DISTCACHE_EVENT_DROPPED == 90);
HOLDS(DISTCACHE_EVENT_CLOSED == 99);
HOLDS(DISTCACHE_SPAN_INTERNAL == 1);
HOLDS(DISTCACHE_SPAN_SERVER == 2);
HOLDS(DISTCACHE_SPAN_CLIENT == 3);
HOLDS(DISTCACHE_PEER_ALIVE == 0);
HOLDS(DISTCACHE_PEER_SUSPECT == 1);
HOLDS(DISTCACHE_PEER_DEAD == 2);
HOLDS(DISTCACHE_PEER_LEFT == 3);
HOLDS(DISTCACHE_PEER_SELF == 1);
HOLDS(DISTCACHE_PEER_CLIENT == 2);
HOLDS(DISTCACHE_PEER_LINKED == 4);

/* ---- structs, where pointers have 64 bits ---- */
#if UINTPTR_MAX == UINT64_MAX
SIZE(distcache_entry_version_t, 24);
AT(distcache_entry_version_t, epoch, 0);
AT(distcache_entry_version_t, owner, 8);
AT(distcache_entry_version_t, counter, 16);

SIZE(distcache_options_t, 32);
AT(distcache_options_t, struct_size, 0);
AT(distcache_options_t, flags, 4);
AT(distcache_options_t, timeout_ms, 8);
AT(distcache_options_t, ttl_ms, 16);
AT(distcache_options_t, parent_fetch, 24);

SIZE(distcache_trace_t, 576);
AT(distcache_trace_t, traceparent, 0);
AT(distcache_trace_t, tracestate, 56);

SIZE(distcache_traced_options_t, 608);
AT(distcache_traced_options_t, options, 0);
AT(distcache_traced_options_t, trace, 32);

SIZE(distcache_item_t, 72);
AT(distcache_item_t, data, 0);
AT(distcache_item_t, len, 8);
AT(distcache_item_t, version, 16);
AT(distcache_item_t, age_ms, 40);
AT(distcache_item_t, ttl_remaining_ms, 48);
AT(distcache_item_t, status, 56);
AT(distcache_item_t, flags, 60);
AT(distcache_item_t, origin, 64);
AT(distcache_item_t, reserved, 68);

SIZE(distcache_view_t, 112);
AT(distcache_view_t, struct_size, 0);
AT(distcache_view_t, reserved, 4);
AT(distcache_view_t, internal, 8);
AT(distcache_view_t, item, 40);

SIZE(distcache_answer_t, 24);
AT(distcache_answer_t, struct_size, 0);
AT(distcache_answer_t, flags, 4);
AT(distcache_answer_t, ttl_ms, 8);
AT(distcache_answer_t, source_version, 16);

SIZE(distcache_queue_item_t, 40);
AT(distcache_queue_item_t, kind, 0);
AT(distcache_queue_item_t, status, 4);
AT(distcache_queue_item_t, context, 8);
AT(distcache_queue_item_t, result, 16);
AT(distcache_queue_item_t, error, 24);
AT(distcache_queue_item_t, fetch, 32);

SIZE(distcache_discovery_vtable_t, 56);
AT(distcache_discovery_vtable_t, struct_size, 0);
AT(distcache_discovery_vtable_t, reserved, 4);
AT(distcache_discovery_vtable_t, id, 8);
AT(distcache_discovery_vtable_t, initialize, 16);
AT(distcache_discovery_vtable_t, register_self, 24);
AT(distcache_discovery_vtable_t, discover, 32);
AT(distcache_discovery_vtable_t, deregister, 40);
AT(distcache_discovery_vtable_t, close, 48);

SIZE(distcache_allocator_vtable_t, 32);
AT(distcache_allocator_vtable_t, struct_size, 0);
AT(distcache_allocator_vtable_t, reserved, 4);
AT(distcache_allocator_vtable_t, allocate, 8);
AT(distcache_allocator_vtable_t, deallocate, 16);
AT(distcache_allocator_vtable_t, true_size, 24);

SIZE(distcache_eviction_vtable_t, 56);
AT(distcache_eviction_vtable_t, struct_size, 0);
AT(distcache_eviction_vtable_t, reserved, 4);
AT(distcache_eviction_vtable_t, open, 8);
AT(distcache_eviction_vtable_t, added, 16);
AT(distcache_eviction_vtable_t, touched, 24);
AT(distcache_eviction_vtable_t, removed, 32);
AT(distcache_eviction_vtable_t, victim, 40);
AT(distcache_eviction_vtable_t, close, 48);

SIZE(distcache_tier_vtable_t, 56);
AT(distcache_tier_vtable_t, struct_size, 0);
AT(distcache_tier_vtable_t, reserved, 4);
AT(distcache_tier_vtable_t, get, 8);
AT(distcache_tier_vtable_t, put, 16);
AT(distcache_tier_vtable_t, remove, 24);
AT(distcache_tier_vtable_t, clear, 32);
AT(distcache_tier_vtable_t, lock, 40);
AT(distcache_tier_vtable_t, unlock, 48);

SIZE(distcache_log_record_t, 40);
AT(distcache_log_record_t, struct_size, 0);
AT(distcache_log_record_t, level, 4);
AT(distcache_log_record_t, unix_ms, 8);
AT(distcache_log_record_t, component, 16);
AT(distcache_log_record_t, message, 24);
AT(distcache_log_record_t, fields_json, 32);

SIZE(distcache_event_t, 40);
AT(distcache_event_t, struct_size, 0);
AT(distcache_event_t, kind, 4);
AT(distcache_event_t, peer, 8);
AT(distcache_event_t, keyspace, 16);
AT(distcache_event_t, json, 24);
AT(distcache_event_t, lost, 32);

SIZE(distcache_span_t, 80);
AT(distcache_span_t, struct_size, 0);
AT(distcache_span_t, kind, 4);
AT(distcache_span_t, start_unix_ns, 8);
AT(distcache_span_t, duration_ns, 16);
AT(distcache_span_t, trace_id, 24);
AT(distcache_span_t, span_id, 40);
AT(distcache_span_t, parent_id, 48);
AT(distcache_span_t, name, 56);
AT(distcache_span_t, attributes_json, 64);
AT(distcache_span_t, status, 72);
AT(distcache_span_t, reserved, 76);

SIZE(distcache_peer_t, 64);
AT(distcache_peer_t, name, 0);
AT(distcache_peer_t, host, 8);
AT(distcache_peer_t, public_key, 16);
AT(distcache_peer_t, id, 24);
AT(distcache_peer_t, incarnation, 32);
AT(distcache_peer_t, data_port, 40);
AT(distcache_peer_t, discovery_port, 44);
AT(distcache_peer_t, weight, 48);
AT(distcache_peer_t, state, 52);
AT(distcache_peer_t, flags, 56);
AT(distcache_peer_t, reserved, 60);

SIZE(distcache_keyspace_stats_t, 312);
AT(distcache_keyspace_stats_t, struct_size, 0);
AT(distcache_keyspace_stats_t, reserved, 4);
AT(distcache_keyspace_stats_t, gets, 8);
AT(distcache_keyspace_stats_t, hits, 16);
AT(distcache_keyspace_stats_t, mirror_hits, 24);
AT(distcache_keyspace_stats_t, negative_hits, 32);
AT(distcache_keyspace_stats_t, stale_hits, 40);
AT(distcache_keyspace_stats_t, joined, 48);
AT(distcache_keyspace_stats_t, peer_gets, 56);
AT(distcache_keyspace_stats_t, peer_hits, 64);
AT(distcache_keyspace_stats_t, peer_failures, 72);
AT(distcache_keyspace_stats_t, peer_requests, 80);
AT(distcache_keyspace_stats_t, peer_refusals, 88);
AT(distcache_keyspace_stats_t, peer_latency_max_us, 96);
AT(distcache_keyspace_stats_t, loads, 104);
AT(distcache_keyspace_stats_t, loads_ok, 112);
AT(distcache_keyspace_stats_t, loads_not_found, 120);
AT(distcache_keyspace_stats_t, loads_failed, 128);
AT(distcache_keyspace_stats_t, loads_timed_out, 136);
AT(distcache_keyspace_stats_t, loads_not_stored, 144);
AT(distcache_keyspace_stats_t, loads_last_resort, 152);
AT(distcache_keyspace_stats_t, loads_refused, 160);
AT(distcache_keyspace_stats_t, answers_ignored, 168);
AT(distcache_keyspace_stats_t, puts, 176);
AT(distcache_keyspace_stats_t, deletes, 184);
AT(distcache_keyspace_stats_t, invalidations, 192);
AT(distcache_keyspace_stats_t, writes_partial, 200);
AT(distcache_keyspace_stats_t, writes_unknown, 208);
AT(distcache_keyspace_stats_t, evictions, 216);
AT(distcache_keyspace_stats_t, expirations, 224);
AT(distcache_keyspace_stats_t, entries, 232);
AT(distcache_keyspace_stats_t, bytes, 240);
AT(distcache_keyspace_stats_t, bytes_pinned, 248);
AT(distcache_keyspace_stats_t, mirror_entries, 256);
AT(distcache_keyspace_stats_t, mirror_bytes, 264);
AT(distcache_keyspace_stats_t, flights, 272);
AT(distcache_keyspace_stats_t, ring_id, 280);
AT(distcache_keyspace_stats_t, ring_members, 288);
AT(distcache_keyspace_stats_t, ring_changes, 296);
AT(distcache_keyspace_stats_t, ring_disagreements, 304);

SIZE(distcache_engine_stats_t, 128);
AT(distcache_engine_stats_t, struct_size, 0);
AT(distcache_engine_stats_t, reserved, 4);
AT(distcache_engine_stats_t, messages_sent, 8);
AT(distcache_engine_stats_t, messages_received, 16);
AT(distcache_engine_stats_t, bytes_sent, 24);
AT(distcache_engine_stats_t, bytes_received, 32);
AT(distcache_engine_stats_t, messages_rejected, 40);
AT(distcache_engine_stats_t, sends_refused, 48);
AT(distcache_engine_stats_t, view_changes, 56);
AT(distcache_engine_stats_t, links_lost, 64);
AT(distcache_engine_stats_t, observer_dropped, 72);
AT(distcache_engine_stats_t, sources_abandoned, 80);
AT(distcache_engine_stats_t, members, 88);
AT(distcache_engine_stats_t, keyspaces, 96);
AT(distcache_engine_stats_t, sources_busy, 104);
AT(distcache_engine_stats_t, sources_queued, 112);
AT(distcache_engine_stats_t, uptime_ms, 120);
#endif

int main(void) {
  distcache_options_t options = DISTCACHE_OPTIONS_INIT;
  distcache_view_t view = DISTCACHE_VIEW_INIT;
  distcache_answer_t answer = DISTCACHE_ANSWER_INIT;
  return options.struct_size == sizeof(options) && view.struct_size == sizeof(view) &&
                 answer.struct_size == sizeof(answer) && view.item.data == NULL
             ? 0
             : 1;
}
