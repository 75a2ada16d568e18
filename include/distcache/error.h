/* distcache/error.h - why a call failed, for people and for logs.
 *
 * Programs branch on the status; the message names the property, key range, peer or system call
 * and the limit that was broken, and may change between versions. An error object is immutable and
 * independent of the engine: it may be kept, passed to another thread, and read after close.
 */
#ifndef DISTCACHE_ERROR_H
#define DISTCACHE_ERROR_H

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Immutable; ended by distcache_error_release. */
typedef struct distcache_error distcache_error_t;

/* The number that the failed call returned; OK for NULL. Any thread, never waits. */
DISTCACHE_API distcache_status_t distcache_error_status(const distcache_error_t *error);

/* One sentence or, of a refused configuration, one line per fault. Any thread, never waits;
 * borrowed from the error, never NULL, "" for NULL. Valid UTF-8 whatever the key was. */
DISTCACHE_API const char *distcache_error_message(const distcache_error_t *error);

/* 1 if the same call may succeed later. It knows more than distcache_status_retriable: of
 * SOURCE_FAILED it tells what the source said. 0 for NULL. Any thread, never waits. */
DISTCACHE_API int32_t distcache_error_retriable(const distcache_error_t *error);

/* PARTIAL: the name of the nth peer, counted from 0, that has not confirmed the write and may serve
 * what it has until its lease or ttl ends. NULL past the last one and for every other status.
 * Any thread, never waits; borrowed from the error. */
DISTCACHE_API const char *distcache_error_peer(const distcache_error_t *error, size_t nth);

/* Ends the object and everything borrowed from it. Any thread, never waits. */
DISTCACHE_API void distcache_error_release(distcache_error_t *error);

#ifdef __cplusplus
}
#endif
#endif
