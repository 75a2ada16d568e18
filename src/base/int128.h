#pragma once

namespace distcache {

// For products of two 64-bit numbers; an extension that gcc and clang share.
__extension__ typedef unsigned __int128 uint128;

}  // namespace distcache
