package distcache

/*
#cgo pkg-config: distcache
#cgo CFLAGS: -std=c11 -Wall -Wextra
#include "shim.h"
*/
import "C"

import (
	"fmt"
	"strings"
)

// abi of the header that this package is compiled with.
const abi = C.DISTCACHE_ABI

// A library with another binary interface would be misread silently: better not to start at all.
func init() {
	if loaded := uint32(C.distcache_abi()); loaded != abi {
		panic(fmt.Sprintf("distcache: the binding is compiled for binary interface %d of "+
			"libdistcache, the library that was loaded (%s) has %d", abi, LibraryVersion(), loaded))
	}
}

// cText is a text for C, to be freed. NUL would cut it short without a word, so another control
// character stands in: it is refused where that matters, and seen in messages.
func cText(text string) *C.char { return C.CString(strings.ReplaceAll(text, "\x00", "\x01")) }

// LibraryVersion is that of the loaded library, such as "0.1.0".
func LibraryVersion() string { return C.GoString(C.distcache_version_string()) }

// PropertiesJSON is the table of all properties of engines and keyspaces, as CONFIGURATION.md shows
// it: {"properties": [{"name", "scope", "type", "unit", "default", ...}, ...]}.
func PropertiesJSON() string { return C.GoString(C.distcache_properties_json()) }
