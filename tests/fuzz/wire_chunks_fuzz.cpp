#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string>
#include <vector>

#include "transport/wire/chunks.h"

// Any sequence of pieces as a peer might send them, four bytes each: which value and what is done
// with it, then the piece's place, length and total.
using namespace distcache;

namespace {

constexpr size_t kPiece = limits::kChunkBytesMax;
constexpr size_t kPiecesMax = 4;
constexpr size_t kValueMax = kPiecesMax * kPiece;

void demand(bool holds) {
  if (!holds) std::abort();
}

constexpr size_t kSizes[] = {kPiece, 1, 100, 0, kPiece - 1};

// Pieces are filled with the number of their place, so that a value can be checked when it is
// taken; made once, since a million bytes per step would leave no time for steps.
const Buffer& piece(size_t place, size_t size) {
  static const std::vector<Buffer> all = [] {
    std::vector<Buffer> made;
    for (size_t i = 0; i < kPiecesMax; ++i) {
      for (const size_t bytes : kSizes) {
        made.push_back(Buffer::copy_of(std::string(bytes, static_cast<char>(i))));
      }
    }
    return made;
  }();
  return all[place * std::size(kSizes) + size];
}

core::Chunk chunk_of(const uint8_t* op) {
  constexpr uint64_t kTotals[] = {2 * kPiece, kPiece + 1,    kValueMax, 3 * kPiece + 100,
                                  kPiece,     kValueMax + 1, 0,         UINT64_MAX};
  const size_t place = op[1] % kPiecesMax;
  core::Chunk chunk;
  chunk.id = op[0] & 7;
  chunk.of_reply = (op[0] & 8) != 0;
  chunk.offset = place * kPiece + op[1] / 64 * 7;
  chunk.total = kTotals[op[3] % 8];
  chunk.bytes = piece(place, op[2] % std::size(kSizes));
  return chunk;
}

void check_value(const Buffer& value) {
  demand(value.size() > kPiece && value.size() <= kValueMax);
  for (size_t at = 0; at < value.size(); at += kPiece) {
    const size_t last = std::min(at + kPiece, value.size()) - 1;
    demand(value.data()[at] == static_cast<char>(at / kPiece));
    demand(value.data()[last] == static_cast<char>(at / kPiece));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  wire::Reassembler reassembler(kValueMax);
  Instant now = Instant::from_ns(1);
  for (; size >= 4; data += 4, size -= 4) {
    switch (data[0] >> 4) {
      case 0: {
        const auto value = reassembler.take(data[0] & 7, (data[0] & 8) != 0);
        demand(value.ok());
        if (!value->is_null()) check_value(*value);
        break;
      }
      case 1:
        now = now + Duration::seconds(data[1]);
        break;
      case 2:
        reassembler.expire(now);
        demand(reassembler.next_deadline() > now);
        break;
      default:
        static_cast<void>(reassembler.add(chunk_of(data), now));
    }
    demand(reassembler.bytes_held() <= limits::kReassembliesMax * kValueMax);
    demand((reassembler.bytes_held() == 0) == reassembler.next_deadline().is_never());
  }
  return 0;
}
