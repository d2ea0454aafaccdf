/// Which ring a payload lives in.
#pragma once

#include "weir/ring/column/log.hpp"
#include "weir/ring/segment/log.hpp"

namespace weir::inline WEIR_ABI {

namespace detail {

template <class T, Options options, class Env>
struct LogChoice {
  static_assert(fixed_payload<T> || encoded_payload<T>,
                "weir: this payload can be neither copied bytewise nor encoded: make it trivially copyable, or "
                "specialise weir::Codec for it");
};

template <fixed_payload T, Options options, class Env>
struct LogChoice<T, options, Env> {
  using type = ColumnLog<T, options, Env>;
};

template <encoded_payload T, Options options, class Env>
struct LogChoice<T, options, Env> {
  using type = SegmentLog<T, options, Env>;
};

}  // namespace detail

/// A column ring for payloads of one size, a segment ring for those with a `Codec`.
template <class T, Options options, class Env>
using LogFor = typename detail::LogChoice<T, options, Env>::type;

}  // namespace weir::inline WEIR_ABI
