/// Places, accesses and orders in words, for failures and schedules.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "model/history.hpp"

namespace weir::model {

inline std::string name(const Place& place, std::size_t index) {
  return "w" + std::to_string(index) + " (+" + std::to_string(place.offset) + ", " + std::to_string(place.size) +
         " bytes)";
}

inline const char* text(Access access) noexcept {
  constexpr std::array<const char*, 4> texts{"plain load", "plain store", "atomic load", "atomic store"};
  return texts[static_cast<std::size_t>(access)];
}

inline std::string text(const Sides& sides) {
  std::string result;
  const auto side = [&](bool present, const char* word, std::uint64_t letters) {
    if (!present) {
      return;
    }
    result += (result.empty() ? "" : ", ") + std::string{word} + '<';
    for (char letter = '0'; letter <= 'z'; ++letter) {
      if ((letters & letter_bit(letter)) != 0) {
        result += letter;
      }
    }
    result += '>';
  };
  side(sides.acquires, "acquire", sides.acquire_letters);
  side(sides.releases, "release", sides.release_letters);
  return result.empty() ? "relaxed" : result;
}

}  // namespace weir::model
