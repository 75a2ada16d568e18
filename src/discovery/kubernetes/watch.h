#pragma once

#include <string>
#include <vector>

#include "base/log.h"
#include "base/rng.h"
#include "discovery/kubernetes/access.h"
#include "discovery/kubernetes/http.h"
#include "discovery/kubernetes/members.h"
#include "discovery/kubernetes/watch_rest.h"

namespace distcache::discovery {

// Lists, then watches, for ever: what the thread dc-kubernetes does. The list is read in pages; the
// watch goes on from its version, moved along by bookmarks; a version that is too old (410 Gone) is
// answered with another list. What fails is tried again, ever more slowly, up to half a minute.
class KubernetesWatch {
 public:
  // `log` may be null.
  KubernetesWatch(const core::KubernetesConfig& config, KubernetesAccess access,
                  KubernetesMembers& members, Log* log)
      : config_(config), access_(std::move(access)), members_(members), log_(log) {}

  void run();   // until stop()
  void stop();  // any thread

 private:
  enum class Next { list, watch };

  Result<Next> step(Next next);
  Result<Next> list();
  Result<Next> watch();
  Result<Next> take(const KubernetesEvent& event);

  const core::KubernetesConfig& config_;
  const KubernetesAccess access_;
  KubernetesMembers& members_;
  Log* const log_;
  Http http_;
  SystemRng rng_;
  WatchRest rest_;
  std::string version_;  // what is known, and what to watch from
  Duration retry_after_;
};

}  // namespace distcache::discovery
