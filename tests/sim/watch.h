#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "core/cluster/view.h"
#include "history.h"
#include "report.h"

namespace distcache::sim {

// What every process thinks of the cluster and since when: whether all agree about the owner of a
// key, or at least a writer, a reader and the owner between them. What the promises demand depends
// on it. Checks I8 by the way: views are a function of the member set.
class Watch {
 public:
  Watch(const Clock& clock, Report& report) : clock_(clock), report_(report) {}

  void add_key(KeyId key, uint64_t hash);

  // A process has started, takes calls from now on, is stopped, goes on, is gone.
  void started(uint32_t process, core::MemberId member);
  void opened(uint32_t process);
  void paused(uint32_t process, bool is_paused);
  void leaving(uint32_t process);  // it refuses calls until it has drained
  void ended(uint32_t process);

  // It has a new view of a keyspace; it has lost its way to a member, if only for a moment.
  void viewed(uint32_t process, uint32_t keyspace, const core::View& view);
  void lost_way(uint32_t process, core::MemberId member);
  // Whether somebody has lost its way to that process since then.
  bool way_was_lost(uint32_t process, Instant from) const;
  // A frame with calls that it sent to a member has not been acknowledged for so long that it may
  // give it up, which it does after 2.5 s by its own clock: its calls look elsewhere.
  static constexpr Duration kUnheardMin = Duration::ms(2'400);
  void unheard(uint32_t process, core::MemberId member);

  bool is_paused(uint32_t process) const;
  bool is_alive(uint32_t process) const { return processes_.at(process).alive; }
  bool is_leaving(uint32_t process) const { return processes_.at(process).leaving; }
  // Whether there was, since then, a frame of anybody to that member, of this process to anybody,
  // or of any to any, that may have been given up.
  bool member_was_unheard(core::MemberId member, Instant from) const;
  bool was_unheard(uint32_t process, Instant from) const;
  bool was_unheard(Instant from) const { return unheard_until_ >= from; }
  // Whether somebody knows of a write that missed the owner: who made it, or, if that process has
  // left in good order since then, another one that it reached and that is still there.
  bool is_known(const Write& write) const;
  // Whether word of a write can have come to a reader: since it returned all who ran have agreed
  // about the owner, the reader and the one that the writer took for it among them, or others who
  // had agreed with that one before. Else whoever knew was gone, or stopped, or cut off until then.
  // `takes`: how long they have to agree before the word has come through.
  bool heard_of(const Write& write, uint32_t reader, Duration takes) const;
  // All who run named one owner, which agrees and can be reached, from then until now.
  bool agreed_since(KeyId key, Instant from) const;
  // The writer, the reader and the owner between them did not waver: nothing but the owner can
  // have answered either of them.
  bool one_way(const Write& write, uint32_t reader, Instant read_from) const;
  // Whether the reader is the next candidate that the owner told of the write, and has answered
  // for the owner, from what it had itself.
  bool told_reader(const Write& write, uint32_t reader, Instant read_from) const;
  // Whether all members that this process counts on hold the keyspace without a source.
  bool without_source(uint32_t process, uint32_t keyspace,
                      const std::vector<core::MemberId>& with_source) const;
  // Every process sees exactly these owners of a keyspace, by id, and reaches them.
  bool complete(uint32_t keyspace, const std::vector<core::MemberId>& expected) const;
  // A set of views in words.
  std::string describe(KeyId key) const;

 private:
  struct Opinion {
    Instant since;
    core::MemberId acting = 0;  // 0: nobody, or it cannot tell
    bool stand_in = false;      // for an owner that it does not reach
  };
  struct Process {
    core::MemberId member = 0;
    bool open = false, alive = true, paused = false, leaving = false;
    Instant started, ended = Instant::never();                          // ended, or began to leave
    std::map<uint32_t, std::vector<std::pair<Instant, bool>>> company;  // by keyspace: since when
    std::map<uint32_t, core::View> views;
    std::map<KeyId, std::vector<Opinion>> opinions;
    std::map<KeyId, std::vector<std::pair<Instant, core::MemberId>>> heirs;  // whom it tells, since
  };
  struct Turn {
    Instant since;
    std::vector<uint32_t> agreed;  // all who ran, if they did
  };
  struct Key {
    uint64_t hash = 0;
    bool agreed = false;
    Instant disagreed_until;
    std::vector<Turn> turns;
  };

  void think(Process& process, KeyId key, const core::View& view);
  void push(Process& process, KeyId key, Opinion opinion);
  // Whom a process told of a write that returned OK; 0: it cannot be told.
  static core::MemberId told(const Process& owner, const Write& write);
  void judge_all();
  void judge(KeyId id, Key& key);
  void compare(const Process& one, const Process& other, uint32_t keyspace);
  const Process* process_of(core::MemberId member) const;
  static const Opinion* steady(const Process& process, KeyId key, Instant from, Instant to);

  const Clock& clock_;
  Report& report_;
  std::map<KeyId, Key> keys_;
  std::map<uint32_t, Process> processes_;
  std::map<std::pair<uint32_t, core::MemberId>, Instant> unheard_;  // when it last was so
  Instant unheard_until_;
  std::map<core::MemberId, Instant> ways_lost_;  // when the last one was
};

}  // namespace distcache::sim
