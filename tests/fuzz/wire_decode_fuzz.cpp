#include <cstdlib>
#include <string>

#include "transport/wire/codec.h"

// Any bytes as a message of a peer. The first byte chooses the plane (bit 0) and how many parts
// follow the header (bits 1 to 3); a byte for each of these gives its size in steps of 40; the rest
// is the header.
using namespace distcache;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

bool equal(const wire::Parts& a, const wire::Parts& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].view() != b[i].view()) return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const bool membership = (data[0] & 1) != 0;
  const size_t extra = data[0] >> 1 & 7;
  if (size < 1 + extra) return 0;
  wire::Parts parts;
  parts.push_back(
      Buffer::copy_of({reinterpret_cast<const char*>(data) + 1 + extra, size - 1 - extra}));
  for (size_t i = 0; i < extra; ++i) {
    parts.push_back(Buffer::copy_of(std::string(size_t{40} * data[1 + i], 'p')));
  }

  const wire::DecodeLimits limits =
      membership ? wire::DecodeLimits::membership_plane() : wire::DecodeLimits::data_plane();
  wire::Reject why = wire::Reject::none;
  auto message = wire::decode(parts, limits, &why);
  demand(message.ok() == (why == wire::Reject::none));
  if (!message.ok()) {
    demand(!message.error().message.empty());
    return 0;
  }

  // What was accepted can be said again, and then means the same.
  message->envelope.version = core::kProtocolVersion;
  const auto again = wire::encode(*message);
  if (!again.ok()) {  // values that came inside the header may be too many parts
    demand(again.error().status == Status::too_large);
    return 0;
  }
  const auto second = wire::decode(*again, limits);
  demand(second.ok());
  const auto third = wire::encode(*second);
  demand(third.ok() && equal(*again, *third));
  return 0;
}
