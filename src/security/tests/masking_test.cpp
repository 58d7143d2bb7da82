#include "security/masking.h"

#include <gtest/gtest.h>

#include "security/digest.h"

namespace mainstem::security {
namespace {

std::optional<std::string> masked(MaskMethod method, std::string_view text, std::string key = "") {
  auto masker = Masker::make(method, Secret(std::move(key)));
  EXPECT_TRUE(masker);
  return masker->apply(text);
}

TEST(Masking, HashIsHmacSha256) {
  EXPECT_EQ(masked(MaskMethod::hash, "a", "k1"), hmac_sha256(Secret("k1"), "a"));
  EXPECT_NE(masked(MaskMethod::hash, "a", "k1"), masked(MaskMethod::hash, "a", "k2"));
}

TEST(Masking, HashWithoutKeyIsRefused) {
  auto masker = Masker::make(MaskMethod::hash, Secret());
  ASSERT_FALSE(masker);
  EXPECT_EQ(masker.error().code(), ErrorCode::invalid_config);
  EXPECT_FALSE(Masker::make(MaskMethod::redact, Secret("k")));
}

TEST(Masking, PartialShowsFourCharactersOfLongTextsOnly) {
  EXPECT_EQ(masked(MaskMethod::partial, "DE89370400440532013000"), "***3000");
  EXPECT_EQ(masked(MaskMethod::partial, "12345678"), "***5678");
  EXPECT_EQ(masked(MaskMethod::partial, "1234567"), "***");
  EXPECT_EQ(masked(MaskMethod::partial, ""), "***");
  EXPECT_EQ(masked(MaskMethod::partial, "Grüße aus Köln"), "***Köln");
  EXPECT_EQ(masked(MaskMethod::partial, "äöüßäöü"), "***");
}

TEST(Masking, RedactAndNullTellNothing) {
  EXPECT_EQ(masked(MaskMethod::redact, "anything"), "***");
  EXPECT_EQ(masked(MaskMethod::null, "anything"), std::nullopt);
}

}  // namespace
}  // namespace mainstem::security
