#include "io/listing.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

#include "connector/testkit/test_context.h"

namespace mainstem::io {
namespace {

using connector::testkit::TemporaryFolder;
using connector::testkit::TestContext;
using Names = std::vector<std::string>;

class ListingTest : public testing::Test {
 protected:
  void add(const std::string& name) {
    std::filesystem::create_directories(std::filesystem::path(folder_ / name).parent_path());
    std::ofstream(folder_ / name) << "12345";
  }
  Names list(const std::string& pattern) {
    auto files = list_files(context_, folder_ / pattern);
    if (!files) return {std::string(to_string(files.error().code()))};
    Names names;
    for (const auto& file : *files) names.push_back(file.path.substr(folder_.path().size() + 1));
    return names;
  }

  TestContext context_;
  TemporaryFolder folder_;
};

TEST_F(ListingTest, a_file_stands_for_itself) {
  add("a.csv");
  const auto files = list_files(context_, folder_ / "a.csv").value();
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].size, 5);
  EXPECT_GT(files[0].modified_ns, 0);
  EXPECT_EQ(files[0].root, "");
  EXPECT_EQ(list("b.csv"), Names{"not_found"});
  EXPECT_EQ(list("a.csv/b"), Names{"not_found"});
}

TEST_F(ListingTest, a_folder_stands_for_what_is_below_but_hidden_names) {
  for (const char* name :
       {"d/b.csv", "d/a.csv", "d/x/c.csv", "d/.hidden", "d/_SUCCESS", "d/_mainstem/m.json", "d/.git/x"})
    add(name);
  EXPECT_EQ(list("d"), (Names{"d/a.csv", "d/b.csv", "d/x/c.csv"}));
  EXPECT_EQ(list_files(context_, folder_ / "d").value()[0].root, folder_ / "d");
  std::filesystem::create_directory(folder_ / "empty");
  EXPECT_EQ(list("empty"), Names{"not_found"});
}

TEST_F(ListingTest, patterns) {
  for (const char* name : {"2026/a1.csv", "2026/a2.csv", "2026/b1.csv", "2026/.a3.csv", "2025/a1.csv", "2025/x/a9.csv"})
    add(name);
  EXPECT_EQ(list("2026/*.csv"), (Names{"2026/a1.csv", "2026/a2.csv", "2026/b1.csv"}));
  EXPECT_EQ(list("*/a?.csv"), (Names{"2025/a1.csv", "2026/a1.csv", "2026/a2.csv"}));
  EXPECT_EQ(list("202[6-9]/a[!1].csv"), Names{"2026/a2.csv"});
  EXPECT_EQ(list("**/a*.csv"), (Names{"2025/a1.csv", "2025/x/a9.csv", "2026/a1.csv", "2026/a2.csv"}));
  EXPECT_EQ(list("**/x/**"), Names{"2025/x/a9.csv"});
  EXPECT_EQ(list("**/**/a9.csv"), Names{"2025/x/a9.csv"});
  EXPECT_EQ(list("2026/.*"), Names{"2026/.a3.csv"});
  EXPECT_EQ(list("*.parquet"), Names{"not_found"});
  EXPECT_NE(list_files(context_, folder_ / "*").error().hint().find("/**"), std::string::npos);
}

TEST_F(ListingTest, an_existing_file_is_no_pattern) {
  add("report[1].csv");
  add("report1.csv");
  EXPECT_EQ(list("report[1].csv"), Names{"report[1].csv"});
}

TEST_F(ListingTest, loops_of_links_end) {
  add("d/a.csv");
  std::filesystem::create_directory_symlink(folder_ / "d", folder_ / "d/again");
  EXPECT_EQ(list("d"), Names{"d/a.csv"});
  EXPECT_EQ(list("**/*.csv"), Names{"d/a.csv"});
}

TEST_F(ListingTest, a_broken_link_is_not_passed_over) {
  add("d/a.csv");
  std::filesystem::create_symlink("nowhere", folder_ / "d/b.csv");
  EXPECT_EQ(list("d"), Names{"not_found"});
}

TEST_F(ListingTest, a_folder_without_rights_is_not_passed_over) {
  add("d/x/a.csv");
  std::filesystem::permissions(folder_ / "d/x", std::filesystem::perms::none);
  // Root may read everything: the test looks as somebody else.
  const bool root = ::geteuid() == 0;
  if (root) {
    std::filesystem::permissions(folder_ / "", std::filesystem::perms::all);
    ASSERT_EQ(::seteuid(65534), 0);
  }
  const auto found = list("d");
  if (root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  EXPECT_EQ(found, Names{"permission_denied"});
  std::filesystem::permissions(folder_ / "d/x", std::filesystem::perms::owner_all);
}

TEST_F(ListingTest, cancelled) {
  add("d/a.csv");
  context_.cancellation.request();
  EXPECT_EQ(list("d"), Names{"cancelled"});
}

TEST(MatchesNameTest, characters_and_sets) {
  EXPECT_TRUE(matches_name("", ""));
  EXPECT_TRUE(matches_name("*", ""));
  EXPECT_TRUE(matches_name("a*b*c", "aXbYbZc"));
  EXPECT_FALSE(matches_name("a*b*c", "aXbYbZ"));
  EXPECT_TRUE(matches_name("?", "\xC3\xBC"));
  EXPECT_FALSE(matches_name("??", "\xC3\xBC"));
  EXPECT_TRUE(matches_name("[a-\xC3\xBC]", "\xC3\xA4"));
  EXPECT_FALSE(matches_name("[!a-c]", "b"));
  EXPECT_TRUE(matches_name("[^a-c]", "d"));
  EXPECT_TRUE(matches_name("[]a]", "]"));
  EXPECT_TRUE(matches_name("[a-]", "-"));
  EXPECT_TRUE(matches_name("a[", "a["));
  EXPECT_FALSE(matches_name("[", ""));
}

TEST(MatchesNameTest, many_stars_end_in_time) {
  std::string pattern;
  for (int i = 0; i < 60; ++i) pattern += "*a";
  EXPECT_FALSE(matches_name(pattern + "b", std::string(2000, 'a')));
}

}  // namespace
}  // namespace mainstem::io
