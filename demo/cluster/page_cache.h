#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "distcache.h"

namespace demo {

// Calls the function that a handle of the library ends with.
template <auto Release>
struct Releaser {
  template <typename Handle>
  void operator()(Handle* handle) const {
    Release(handle);
  }
};

// How an application uses distcache: an engine in this process, a member of the cluster of its
// peers, with one keyspace in front of a database.
//
// Any thread, once it is made. Throws Failure from its constructor.
class PageCache {
 public:
  struct Settings {
    std::string name;         // of this node, unique in the cluster
    uint16_t discovery_port;  // where the others find it
    std::string peers;        // discovery ports of all, "127.0.0.1:4001,127.0.0.1:4002"
    uint64_t bytes_max;       // of memory for pages, on this node
    uint64_t value_bytes_max;
    std::string log_level;  // of what goes to stderr
  };
  // The data source. SOURCE threads, several at once. False: there is no such page. May throw.
  using Load = std::function<bool(std::string_view url, std::string& body)>;
  // The cache found that this peer is gone. OBSERVER thread.
  using PeerGone = std::function<void(std::string_view peer)>;

  PageCache(const Settings& settings, Load load, PeerGone peer_gone);
  ~PageCache();
  PageCache(const PageCache&) = delete;
  PageCache& operator=(const PageCache&) = delete;

  // A page, borrowed from the cache for as long as it exists.
  class Page {
   public:
    Page() = default;
    ~Page() { distcache_view_release(&view_); }
    Page(const Page&) = delete;
    Page& operator=(const Page&) = delete;

    std::string_view body() const {
      return {reinterpret_cast<const char*>(view_.item.data), view_.item.len};
    }
    int32_t origin() const { return view_.item.origin; }

   private:
    friend class PageCache;
    distcache_view_t view_ = DISTCACHE_VIEW_INIT;
  };
  // From memory, from the owner, or through the source. *fault (NULL allowed) gets the reason of a
  // failure.
  distcache_status_t get(std::string_view url, Page& page, std::string* fault);

  // Members that are alive and that messages flow to, this one included.
  size_t members() const;

  // Leaves the cluster and stops. The destructor does it as well, without telling how it went.
  void close();

 private:
  static void on_fetch(uintptr_t context, distcache_fetch_t* fetch);
  static void on_event(uintptr_t context, const distcache_event_t* event);
  void open(const Settings& settings);
  void add_pages(const Settings& settings, distcache_config_t* config);

  const Load load_;
  const PeerGone peer_gone_;
  std::unique_ptr<distcache_t, Releaser<distcache_release>> engine_;
  std::unique_ptr<distcache_keyspace_t, Releaser<distcache_keyspace_release>> pages_;
};

}  // namespace demo
