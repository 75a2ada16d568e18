/* distcache/abi.h - version of the header, of the binary interface, and how symbols are exported.
 *
 * Included by every other header of this folder; programs include <distcache.h> instead.
 * The functions here may be called before anything else, by any thread, and cannot fail.
 */
#ifndef DISTCACHE_ABI_H
#define DISTCACHE_ABI_H

#include <stddef.h>
#include <stdint.h>

/* Marks what the shared library exports; everything else in it is hidden. A program that links the
 * library statically may define it as empty. DISTCACHE_BUILD is set by the library's own build. */
#if !defined(DISTCACHE_API) && defined(_WIN32) && defined(DISTCACHE_BUILD)
#define DISTCACHE_API __declspec(dllexport)
#elif !defined(DISTCACHE_API) && defined(_WIN32)
#define DISTCACHE_API __declspec(dllimport)
#elif !defined(DISTCACHE_API)
#define DISTCACHE_API __attribute__((visibility("default")))
#endif

/* Version of this header: major, minor, patch; the number is 0xMMmmpp, for comparing in #if. */
#define DISTCACHE_VERSION_MAJOR 0
#define DISTCACHE_VERSION_MINOR 1
#define DISTCACHE_VERSION_PATCH 0
#define DISTCACHE_VERSION 0x000100
#define DISTCACHE_VERSION_STRING "0.1.0"

/* Number of the binary interface and of the soname. It grows only when a compiled program would
 * break: functions and fields are added, but never changed, within one number. Hand it to
 * distcache_config_new, which refuses a library of another number with ABI_MISMATCH. */
#define DISTCACHE_ABI 1

#ifdef __cplusplus
extern "C" {
#endif

/* Version of the loaded library as 0xMMmmpp; it may be newer than this header.
 * Any thread, never waits, cannot fail. */
DISTCACHE_API uint32_t distcache_version(void);

/* Version of the loaded library as text, "0.1.0". Any thread; static, never freed. */
DISTCACHE_API const char *distcache_version_string(void);

/* DISTCACHE_ABI of the loaded library. A binding compares it once, when it is loaded, before it
 * trusts any layout of its own. Any thread, never waits, cannot fail. */
DISTCACHE_API uint32_t distcache_abi(void);

/* 1 if this build contains an optional part, 0 if not or if the name means nothing to it. Names:
 * "curve", "admin", "prometheus", "otlp", "dns", "nats", "kubernetes", "redis".
 * Any thread, never waits. */
DISTCACHE_API int32_t distcache_has_feature(const char *name);

#ifdef __cplusplus
}
#endif
#endif
