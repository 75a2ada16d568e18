#include <algorithm>
#include <charconv>
#include <memory>
#include <string>
#include <vector>

#include "api/handles.h"
#include "api/text.h"
#include "base/hash.h"
#include "distcache/observe.h"

using distcache::Status;
using distcache::api::Call;
using distcache::api::enter;
namespace api = distcache::api;
namespace engine = distcache::engine;

namespace distcache::api {
namespace {

// An item with what it borrows from.
struct PeerRow {
  distcache_peer_t item{};
  std::string name;
  std::string host;
};

uint32_t port_of(const std::string& address) {
  uint32_t port = 0;
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return 0;
  std::from_chars(address.data() + colon + 1, address.data() + address.size(), port);
  return port;
}

std::string host_of(const std::string& address) {
  std::string host = address.substr(0, address.rfind(':'));
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  return bracketed ? host.substr(1, host.size() - 2) : host;
}

int32_t state_of(engine::PeerState state) {
  switch (state) {
    case engine::PeerState::self:
    case engine::PeerState::up:
    case engine::PeerState::pending:
      return DISTCACHE_PEER_ALIVE;
    case engine::PeerState::down:
      return DISTCACHE_PEER_SUSPECT;
    case engine::PeerState::lost:
      return DISTCACHE_PEER_DEAD;
    case engine::PeerState::left:
      return DISTCACHE_PEER_LEFT;
  }
  return DISTCACHE_PEER_DEAD;
}

// In its final place: the item points into the row.
void fill(PeerRow& row, const engine::PeerInfo& peer) {
  row.name = clean_text(peer.name);
  row.host = clean_text(host_of(peer.data_address));
  distcache_peer_t& item = row.item;
  item.name = row.name.c_str();
  item.host = row.host.c_str();
  item.public_key = "";
  item.id = hash64(peer.name);
  item.incarnation = peer.incarnation;
  item.data_port = port_of(peer.data_address);
  item.discovery_port = port_of(peer.membership_address);
  item.weight = peer.weight;
  item.state = state_of(peer.state);
  if (peer.state == engine::PeerState::self) item.flags |= DISTCACHE_PEER_SELF;
  if (peer.state == engine::PeerState::up) item.flags |= DISTCACHE_PEER_LINKED;
  if (peer.client) item.flags |= DISTCACHE_PEER_CLIENT;
}

}  // namespace
}  // namespace distcache::api

struct distcache_peers {
  std::vector<distcache::api::PeerRow> rows;
};

distcache_status_t distcache_peers_get(distcache_t* cache, distcache_peers_t** out,
                                       distcache_error_t** err) {
  return enter(err, [&](Call& call) {
    if (out == nullptr) return call.invalid("out is NULL");
    *out = nullptr;
    const auto open = api::engines.pin(cache);
    if (!open) return call.refuse(open.state(), "cache");
    if ((*open)->engine->closed()) return call.fail(Status::closed, "the engine is closed");
    std::vector<engine::PeerInfo> peers = (*open)->engine->peers();
    std::sort(peers.begin(), peers.end(), [](const auto& a, const auto& b) {
      const bool a_self = a.state == engine::PeerState::self;
      const bool b_self = b.state == engine::PeerState::self;
      return a_self != b_self ? a_self : a.name < b.name;
    });
    auto snapshot = std::make_unique<distcache_peers_t>();
    snapshot->rows.resize(peers.size());
    for (size_t i = 0; i < peers.size(); ++i) api::fill(snapshot->rows[i], peers[i]);
    *out = snapshot.release();
    return Status::ok;
  });
}

const distcache_peer_t* distcache_peers_items(const distcache_peers_t* peers, size_t* count,
                                              size_t* stride) {
  const size_t rows = peers ? peers->rows.size() : 0;
  if (count != nullptr) *count = rows;
  if (stride != nullptr) *stride = sizeof(api::PeerRow);
  return rows == 0 ? nullptr : &peers->rows.front().item;
}

void distcache_peers_release(distcache_peers_t* peers) { delete peers; }
