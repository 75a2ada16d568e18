/* distcache/config.h - the settings of an engine, as name=value.
 *
 * One table describes every property: name, type, unit, default, bounds and meaning. It drives
 * parsing, error texts, CONFIGURATION.md and the typed options of the bindings. Names end in their
 * unit. Values are text:
 *   duration   "250ms", "30s", "5m", "2h", "1d", or a plain number in the property's unit
 *   size       "64MiB", "1GiB", "512KiB", or a plain number of bytes
 *   list       comma separated, "10.0.0.1:3322,10.0.0.2:3322"
 *   "none", "off", "inherit"   where the table has the word; it is the default there
 *
 * A config object belongs to one thread at a time. Settings of keyspaces are in keyspace.h;
 * callbacks that are registered here are in observe.h, discovery.h and extend.h.
 */
#ifndef DISTCACHE_CONFIG_H
#define DISTCACHE_CONFIG_H

#include "error.h"
#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Settings and callbacks of an engine to be opened; ended by distcache_config_release. */
typedef struct distcache_config distcache_config_t;

/* Makes a configuration in which everything has its default. `abi` is DISTCACHE_ABI as the program
 * was compiled with. ABI_MISMATCH: the library has another one. Never waits. */
DISTCACHE_API distcache_status_t distcache_config_new(uint32_t abi, distcache_config_t **out,
                                                      distcache_error_t **err);

/* Sets one property; the last value wins. The value is parsed and checked by itself at once;
 * whether the values fit together is checked by open, or by validate. INVALID_CONFIG: unknown
 * name (the error tells the nearest known one), unreadable value, out of bounds, or a property
 * whose subject has not arrived in this version. A refused value is remembered: validate and open
 * report it again until the same property is set successfully, so no refusal can get lost. */
DISTCACHE_API distcache_status_t distcache_config_set(distcache_config_t *config, const char *name,
                                                      const char *value, distcache_error_t **err);

/* Sets every property for which the environment has a variable: "bind.port" is DISTCACHE_BIND_PORT.
 * Nothing else reads the environment, but for what a pod is told of its API server, where discovery
 * asks that one. Other DISTCACHE_* variables are nobody's business. INVALID_CONFIG: the error names
 * all refused values; the others have been set. */
DISTCACHE_API distcache_status_t distcache_config_from_environment(distcache_config_t *config,
                                                                   distcache_error_t **err);

/* The value of a property as text: as it was set, else its default. NULL for an unknown name.
 * Borrowed until the property is set again or the config is released. Never waits. */
DISTCACHE_API const char *distcache_config_get(const distcache_config_t *config, const char *name);

/* Checks everything as open would, without touching network or files. INVALID_CONFIG: the error
 * names every fault, one a line, with property, value and limit. INSECURE: the only fault is plain
 * traffic that the configuration does not ask for in so many words. Never waits. */
DISTCACHE_API distcache_status_t distcache_config_validate(const distcache_config_t *config,
                                                           distcache_error_t **err);

/* Ends the object; an engine that was opened with it has its own copy. Finalisers of callbacks that
 * no engine uses run now. Never waits. */
DISTCACHE_API void distcache_config_release(distcache_config_t *config);

/* The table as JSON, {"properties": [{...}]}, of each property: "name", "scope" (engine, keyspace),
 * "type" (integer, duration, size, percent, choice, string, address, list of "items"), "unit",
 * "required", "default" as text and "default_value" as number, "min", "max", "choices" (objects
 * with "name" and "available"), "word" that stands for "word_value", "available", "environment",
 * "text". Feeds CONFIGURATION.md, bindings and command lines. Any thread, never waits; static,
 * never freed. */
DISTCACHE_API const char *distcache_properties_json(void);

#ifdef __cplusplus
}
#endif
#endif
