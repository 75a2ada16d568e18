#pragma once

#include <cstddef>
#include <cstdint>

// The bounds that are not configurable. Each queue and decoder names the one it keeps.
namespace distcache::limits {

inline constexpr size_t kKeyBytesMax = 4096;
inline constexpr size_t kKeyspaceNameBytesMax = 255;
inline constexpr size_t kNodeNameBytesMax = 255;
inline constexpr size_t kAddressBytesMax = 300;  // host of 255 + port + room
inline constexpr size_t kLabelBytesMax = 255;
inline constexpr size_t kErrorTextBytesMax = 1024;  // of a source; longer text is cut
inline constexpr size_t kTagsMax = 16;              // per entry
inline constexpr size_t kTagBytesMax = 256;
inline constexpr size_t kAncestorsMax = 8;  // flights that a request descends from

inline constexpr size_t kManyKeysMax = 65'536;            // keys in one *_many call
inline constexpr size_t kBatchItemsMax = 1'024;           // calls or replies in one frame
inline constexpr size_t kBatchBytesMax = 768 * 1024;      // packed bytes of one frame, about
inline constexpr size_t kInlineValueBytesMax = 8 * 1024;  // larger ones travel as their own part
inline constexpr size_t kMessagePartsMax = 64;            // envelope + values
inline constexpr size_t kFrameBytesMax = 1024 * 1024 + 64 * 1024;  // ZMQ_MAXMSGSIZE, data plane
inline constexpr size_t kChunkBytesMax = 1024 * 1024;
inline constexpr size_t kMembershipFrameBytesMax = 256 * 1024;
inline constexpr size_t kMembersMax = 4096;          // in one membership message
inline constexpr size_t kMemberKeyspacesMax = 1024;  // announced by one member
inline constexpr size_t kReassembliesMax = 4;        // unfinished values per peer

inline constexpr int64_t kTtlMsMax = 315'576'000'000;  // ten years: larger ttls are clamped

}  // namespace distcache::limits
