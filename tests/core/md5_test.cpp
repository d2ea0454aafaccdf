#include "weir/core/md5.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/random.hpp"
#include "support/reference_md5.hpp"

namespace {

using weir::HashKey;
using weir::support::reference_md5;

/// A digest reads, digit by digit, like the big-endian number that it is.
std::string hash(std::string_view text) {
  const auto key = weir::Md5Hasher{}(text);
  std::string digits;
  for (const auto half : {key.high(), key.low()}) {
    for (int shift = 60; shift >= 0; shift -= 4) {
      digits += "0123456789abcdef"[half >> shift & 15];
    }
  }
  return digits;
}

/// Bytes that differ from their neighbours, all 256 of them in turn.
std::string pattern(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    text += static_cast<char>(static_cast<unsigned char>(i * 7 + 3));
  }
  return text;
}

struct Digest {
  std::string text;
  std::string_view digits;
};

/// RFC 1321, appendix A.5.
const std::vector<Digest> rfc_vectors = {
    {"", "d41d8cd98f00b204e9800998ecf8427e"},
    {"a", "0cc175b9c0f1b6a831c399e269772661"},
    {"abc", "900150983cd24fb0d6963f7d28e17f72"},
    {"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
    {"abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"},
    {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "d174ab98d277d9f5a5611c2c9f419d9f"},
    {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
     "57edf4a22be3c955ac49da2e2107b67a"},
};

/// `pattern(size)` through Python's hashlib, around every length at which the padding changes its shape.
const std::vector<Digest> hashlib_vectors = {
    {pattern(0), "d41d8cd98f00b204e9800998ecf8427e"},    {pattern(1), "8666683506aacd900bbd5a74ac4edf68"},
    {pattern(54), "eb5acae65a800805a13648f23dea0327"},   {pattern(55), "52c0e574e1198de5fe3f8f11440dcb1b"},
    {pattern(56), "46c9907fc908ee68b1e7b8e71286a518"},   {pattern(57), "1c805dd236c35cab25fcb1bc73802c51"},
    {pattern(63), "a62f6d59e837867693f042f5b8f5a236"},   {pattern(64), "7160b8fb5e9e4023d549c3971fbaeead"},
    {pattern(65), "70bd662e7aefbda85a0f7244167b7897"},   {pattern(111), "13f00cb15f0c3fe588d1c17cde14b38f"},
    {pattern(112), "5fe6a9f76b541ec645559589da9a088a"},  {pattern(119), "e84905d4214f4d1ca56c2cdcc152b143"},
    {pattern(120), "e3eb5a6c8669ea01a8c185b8abc8a5dc"},  {pattern(121), "82f02aff7c685d5ef5f6abdfc38fd04f"},
    {pattern(127), "acce2474d6cc8302120d09c818d17ef7"},  {pattern(128), "10b2da1a82f16d99a81a7203fe9f02cb"},
    {pattern(129), "03fefbbcebe2959cf2270241aafe0250"},  {pattern(192), "4cf6bd4bc52d3ca824bfbc469b75fa97"},
    {pattern(256), "d436d767fed83db89eacc70ed6cbd839"},  {pattern(1000), "10046f077f2082ac19676b8079f1cb1a"},
    {pattern(4096), "d105289f5617c241f52a191c6b2fc809"},
};

TEST_CASE("digests of known texts, by the hasher and by the reference that it is compared with below") {
  for (const auto* vectors : {&rfc_vectors, &hashlib_vectors}) {
    for (const auto& vector : *vectors) {
      CAPTURE(vector.text.size());
      CHECK(hash(vector.text) == vector.digits);
      CHECK(reference_md5(vector.text) == vector.digits);
    }
  }
}

TEST_CASE("every length up to five blocks agrees with the reference") {
  for (std::size_t size = 0; size <= 320; ++size) {
    CAPTURE(size);
    CHECK(hash(pattern(size)) == reference_md5(pattern(size)));
  }
}

TEST_CASE("random bytes of random lengths agree with the reference") {
  weir::support::Random random;
  for (int i = 0; i < 500; ++i) {
    std::string text(random.below(600), '\0');
    for (auto& c : text) {
      c = static_cast<char>(static_cast<unsigned char>(random.next()));
    }
    REQUIRE(hash(text) == reference_md5(text));
  }
}

TEST_CASE("keys hash to the numbers that Kinesis computes") {
  struct Case {
    std::string_view key;
    std::string_view hash;
    std::uint32_t shard_of_three;
  };
  for (const auto& [key, expected, shard] : {
           Case{"a", "16955237001963240173058271559858726497", 0},
           Case{"b", "195289424170611159128911017612795795343", 1},
           Case{"e", "299611584147932843547128611849858313266", 2},
           Case{"f", "190917122200326810055233066464581373159", 1},
       }) {
    const auto hashed = weir::Md5Hasher{}(key);
    CHECK(hashed.to_string() == expected);
    CHECK(weir::HashKeyRange::initial_index(hashed, 3) == shard);
  }
}

TEST_CASE("text beyond ASCII is hashed by its UTF-8 bytes, zeros and all") {
  using namespace std::string_view_literals;
  CHECK(hash("\u65e5\u672c\u8a9e\U0001F389\u00e9") == "30cf96916e10101c79de9bfc42a50116");
  CHECK(hash("a\0b"sv) == reference_md5("a\0b"sv));
  CHECK(hash("a\0b"sv) != hash("a"sv));
}

TEST_CASE("the place of a key in memory does not matter") {
  const auto text = pattern(200);
  for (std::size_t offset = 0; offset < 16; ++offset) {
    std::string shifted(offset, '#');
    shifted += text;
    CHECK(hash(std::string_view{shifted}.substr(offset)) == hash(text));
  }
  CHECK(hash(std::string_view{}) == hash(""));
}

}  // namespace
