/// MD5 as RFC 1321 tells it, step by step and slowly: what the hasher of the library is compared with.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::support {

/// The sixteen bytes of the digest as 32 hexadecimal digits.
inline std::string reference_md5(std::string_view text) {
  // 3.1 and 3.2: a one bit, zeros up to 8 bytes short of a block, the length in bits.
  std::vector<unsigned char> message(text.begin(), text.end());
  message.push_back(0x80);
  while (message.size() % 64 != 56) {
    message.push_back(0);
  }
  for (unsigned shift = 0; shift < 64; shift += 8) {
    message.push_back(static_cast<unsigned char>(std::uint64_t{text.size()} * 8 >> shift));
  }

  // 3.4: the table comes from the sine, the rotations are four a round.
  const auto sine = [](int i) { return static_cast<std::uint32_t>(std::floor(std::fabs(std::sin(i)) * 4294967296.0)); };
  constexpr int rotations[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

  std::array<std::uint32_t, 4> state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  for (std::size_t block = 0; block < message.size(); block += 64) {
    std::array<std::uint32_t, 16> word{};
    for (std::size_t i = 0; i < 64; ++i) {
      word[i / 4] |= std::uint32_t{message[block + i]} << i % 4 * 8;
    }
    auto [a, b, c, d] = state;
    for (int i = 0; i < 64; ++i) {
      std::uint32_t mixed = 0;
      int index = 0;
      if (i < 16) {
        mixed = (b & c) | (~b & d);
        index = i;
      } else if (i < 32) {
        mixed = (b & d) | (c & ~d);
        index = (5 * i + 1) % 16;
      } else if (i < 48) {
        mixed = b ^ c ^ d;
        index = (3 * i + 5) % 16;
      } else {
        mixed = c ^ (b | ~d);
        index = 7 * i % 16;
      }
      const auto sum = a + mixed + word[static_cast<std::size_t>(index)] + sine(i + 1);
      const auto rotation = rotations[i / 16][i % 4];
      a = d;
      d = c;
      c = b;
      b += sum << rotation | sum >> (32 - rotation);
    }
    state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d};
  }

  std::string digits;
  for (const auto register_value : state) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      const auto byte = register_value >> shift & 0xFF;
      digits += "0123456789abcdef"[byte >> 4];
      digits += "0123456789abcdef"[byte & 15];
    }
  }
  return digits;
}

}  // namespace weir::support
