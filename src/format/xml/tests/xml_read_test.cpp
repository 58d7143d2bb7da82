#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/tests/format_fixture.h"

namespace mainstem::format::xml {
FormatSpec declare();
namespace {

using testing::HasSubstr;

struct XmlRead : FormatFixture {
  XmlRead() : FormatFixture(declare()) {}
};

TEST_F(XmlRead, FindsRowsAndTypes) {
  const auto got = read(
      "<?xml version=\"1.0\"?>\n<airlines>\n <airline code=\"9E\"><name>Endeavor &amp; Co</name><n> 1 </n><zip>01</zip>"
      "</airline>\n <airline code=\"AA\"><name/><n/><zip>12</zip><x>1.50</x></airline>\n</airlines>\n");
  EXPECT_EQ(got.schema(), "code string, name string, n int64, zip string, x decimal128(3, 2)");
  EXPECT_EQ(got.column("code"), "9E AA");
  EXPECT_EQ(got.column("name"), "Endeavor & Co ");
  EXPECT_EQ(got.column("n"), "1 null");
  EXPECT_EQ(got.column("zip"), "01 12");
  EXPECT_EQ(got.column("x"), "null 1.50");
  EXPECT_EQ(got.description, "row=airline (the only repeated element below the root)");
  EXPECT_EQ(got.estimated_rows, 2);
}
}  // namespace
}  // namespace mainstem::format::xml
