package distcache

/*
#cgo pkg-config: distcache
#cgo CFLAGS: -std=c11 -Wall -Wextra
#include "shim.h"
*/
import "C"

import "fmt"

// abi of the header that this package is compiled with.
const abi = C.DISTCACHE_ABI

// A library with another binary interface would be misread silently: better not to start at all.
func init() {
	if loaded := uint32(C.distcache_abi()); loaded != abi {
		panic(fmt.Sprintf("distcache: the binding is compiled for binary interface %d of "+
			"libdistcache, the library that was loaded (%s) has %d", abi, LibraryVersion(), loaded))
	}
}

// LibraryVersion is that of the loaded library, such as "0.1.0".
func LibraryVersion() string { return C.GoString(C.distcache_version_string()) }

// PropertiesJSON is the table of all properties of engines and keyspaces, as CONFIGURATION.md shows
// it: {"properties": [{"name", "scope", "type", "unit", "default", ...}, ...]}.
func PropertiesJSON() string { return C.GoString(C.distcache_properties_json()) }
