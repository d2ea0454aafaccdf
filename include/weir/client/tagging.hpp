/// The verbs of tags.
#pragma once

#include <mutex>

#include "weir/client/account.hpp"
#include "weir/client/names.hpp"

namespace weir::inline WEIR_ABI::detail {

template <class Env>
Result<void> add_tags(Account<Env>& account, const client::AddTagsToStreamRequest& request) {
  for (const auto& checked : {check_stream_name(request.stream_name), Tags::check(request.tags)}) {
    if (!checked) {
      return checked;
    }
  }
  const auto found = account.streams.find(request.stream_name);
  if (!found) {
    return found.error();
  }
  const std::lock_guard lock{(*found)->mutex};
  return (*found)->tags.add(request.tags);
}

template <class Env>
Result<void> remove_tags(Account<Env>& account, const client::RemoveTagsFromStreamRequest& request) {
  if (const auto checked = check_stream_name(request.stream_name); !checked) {
    return checked;
  }
  for (const auto key : request.tag_keys) {
    if (const auto checked = check_tag_key(key); !checked) {
      return checked;
    }
  }
  const auto found = account.streams.find(request.stream_name);
  if (!found) {
    return found.error();
  }
  const std::lock_guard lock{(*found)->mutex};
  for (const auto key : request.tag_keys) {
    (*found)->tags.remove(key);
  }
  return {};
}

template <class Env>
Result<client::ListTagsForStreamResponse> list_tags(Account<Env>& account,
                                                    const client::ListTagsForStreamRequest& request) {
  if (const auto checked = check_stream_name(request.stream_name); !checked) {
    return checked.error();
  }
  const auto limit = page_size(request.limit, max_tags, max_tags);
  if (!limit) {
    return limit.error();
  }
  if (request.exclusive_start_tag_key) {
    if (const auto checked = check_tag_key(*request.exclusive_start_tag_key); !checked) {
      return checked.error();
    }
  }
  const auto found = account.streams.find(request.stream_name);
  if (!found) {
    return found.error();
  }
  const std::lock_guard lock{(*found)->mutex};
  return (*found)->tags.page(request.exclusive_start_tag_key, *limit);
}

}  // namespace weir::inline WEIR_ABI::detail
