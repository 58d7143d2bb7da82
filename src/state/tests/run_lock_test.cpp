#include "state/run_lock.h"

#include <array>
#include <csignal>
#include <filesystem>
#include <sys/wait.h>
#include <unistd.h>

#include "state/tests/fixture.h"

namespace mainstem::state {
namespace {

TEST(RunLock, NamesWhoHoldsItAndIsReleased) {
  const TemporaryFolder folder;
  {
    const auto held = must(RunLock::acquire(folder.path(), "sales/daily", "01RUN"));
    const auto second = RunLock::acquire(folder.path(), "sales/daily", "02RUN");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code(), ErrorCode::conflict);
    EXPECT_EQ(second.error().message(),
              "pipeline 'sales/daily' is being run by process " + std::to_string(getpid()) + ", run 01RUN");
    EXPECT_TRUE(RunLock::acquire(folder.path(), "sales.daily", "02RUN")) << "another pipeline";
  }
  EXPECT_TRUE(RunLock::acquire(folder.path(), "sales/daily", "03RUN"));
}

TEST(RunLock, NamesCannotLeaveTheFolder) {
  const TemporaryFolder folder;
  const auto held = must(RunLock::acquire(folder.path(), "../../x", "01RUN"));
  EXPECT_TRUE(std::filesystem::exists(folder / ".mainstem/locks/%2E%2E%2F%2E%2E%2Fx.lock"));
}

TEST(RunLock, DeathOfTheProcessReleasesIt) {
  const TemporaryFolder folder;
  std::array<int, 2> ready{};
  ASSERT_EQ(pipe(ready.data()), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto held = RunLock::acquire(folder.path(), "p", "01CHILD");
    const char sign = held ? 'y' : 'n';
    if (write(ready[1], &sign, 1) != 1) _exit(1);
    pause();
    _exit(0);
  }
  char sign = 0;
  ASSERT_EQ(read(ready[0], &sign, 1), 1);
  ASSERT_EQ(sign, 'y');
  const auto refused = RunLock::acquire(folder.path(), "p", "02RUN");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("process " + std::to_string(child) + ", run 01CHILD"), std::string::npos);
  ASSERT_EQ(kill(child, SIGKILL), 0);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(RunLock::acquire(folder.path(), "p", "02RUN"));
  close(ready[0]);
  close(ready[1]);
}

TEST(RunLock, NoFolderIsNotFound) {
  const TemporaryFolder folder;
  EXPECT_EQ(RunLock::acquire(folder / "missing", "p", "01RUN").error().code(), ErrorCode::not_found);
}

}  // namespace
}  // namespace mainstem::state
