#include "api/process.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/handle_table.h"

namespace distcache::api {
namespace {

// What the child found, as its exit status.
template <typename Body>
int in_child(Body&& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(ProcessStamp, StaysAndIsAnotherOneInAChild) {
  const uint64_t mine = process_stamp();
  EXPECT_NE(mine, 0U);
  EXPECT_EQ(process_stamp(), mine);
  EXPECT_EQ(in_child([mine] {
              const uint64_t its = process_stamp();
              return its != 0 && its != mine && process_stamp() == its ? 1 : 0;
            }),
            1);
  EXPECT_EQ(process_stamp(), mine);
}

TEST(ProcessStamp, AGrandchildHasItsOwnToo) {
  const uint64_t mine = process_stamp();
  EXPECT_EQ(in_child([mine] {
              const uint64_t its = process_stamp();
              return in_child([mine, its] {
                const uint64_t last = process_stamp();
                return last != mine && last != its ? 1 : 0;
              });
            }),
            1);
}

TEST(ProcessStamp, HandlesOfTheParentAreForkedInTheChildAndNewOnesWork) {
  static HandleTable table(0xE2, [](void* object) { delete static_cast<int*>(object); });
  const uintptr_t handle = table.add(new int(1));
  const int child = in_child([handle] {
    HandleTable::Slot* slot = nullptr;
    if (table.pin(handle, slot) != HandleState::forked) return 1;
    if (table.close(handle, slot) != HandleState::forked) return 2;
    const uintptr_t own = table.add(new int(2));
    if (table.pin(own, slot) != HandleState::valid) return 3;
    table.unpin(slot);
    if (table.close(own, slot) != HandleState::valid) return 4;
    table.unpin(slot);
    return 0;
  });
  EXPECT_EQ(child, 0);
  HandleTable::Slot* slot = nullptr;
  ASSERT_EQ(table.close(handle, slot), HandleState::valid);
  table.unpin(slot);
}

}  // namespace
}  // namespace distcache::api
