/// The tags of one stream.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "weir/client/names.hpp"
#include "weir/client/requests.hpp"

namespace weir::inline WEIR_ABI::detail {

/// Up to 50 keys with a value each.
///
/// **threads** one at a time.
class Tags {
 public:
  using Map = std::map<std::string, std::string>;

  /// Whether these may be given to any stream.
  ///
  /// **errors** `validation` for a key or a value of another length than it may have; `invalid_argument` for other
  /// characters, and for more tags than a stream may have.
  static Result<void> check(const Map& tags) {
    for (const auto& [key, value] : tags) {
      if (const auto checked = check_tag_key(key); !checked) {
        return checked;
      }
      if (const auto checked = check_tag_value(value); !checked) {
        return checked;
      }
    }
    return fits(tags.size());
  }

  /// Adds all, or none; a key that is there gets the new value. Precondition: `check` said yes.
  ///
  /// **errors** `invalid_argument` when there would be more than a stream may have.
  Result<void> add(const Map& tags) {
    std::map<std::string, std::string, std::less<>> all{tags.begin(), tags.end()};
    all.insert(tags_.begin(), tags_.end());  // which leaves the new values as they are
    if (const auto checked = fits(all.size()); !checked) {
      return checked;
    }
    tags_ = std::move(all);
    return {};
  }

  /// What is not there is removed already.
  void remove(std::string_view key) {
    if (const auto found = tags_.find(key); found != tags_.end()) {
      tags_.erase(found);
    }
  }

  /// Up to `count`, sorted by key.
  [[nodiscard]] client::ListTagsForStreamResponse page(std::optional<std::string_view> after, std::size_t count) const {
    client::ListTagsForStreamResponse page;
    auto next = after ? tags_.upper_bound(*after) : tags_.begin();
    for (; next != tags_.end() && page.tags.size() < count; ++next) {
      page.tags.push_back({next->first, next->second});
    }
    page.has_more_tags = next != tags_.end();
    return page;
  }

 private:
  static Result<void> fits(std::size_t count) {
    if (count > max_tags) {
      return Failure{Errc::invalid_argument, Cause::tag_count, count, max_tags};
    }
    return {};
  }

  std::map<std::string, std::string, std::less<>> tags_;
};

}  // namespace weir::inline WEIR_ABI::detail
