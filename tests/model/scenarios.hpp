/// Scenarios for small rings: two threads with up to three operations each, three with one, and larger ones.
#pragma once

#include "model/proof.hpp"

namespace weir::model {

using enum Op;

inline constexpr Options one{.producers = Producers::single, .arrival = Arrival::dropped};
inline constexpr Options many{.arrival = Arrival::dropped};
inline constexpr Options one_gated{
    .producers = Producers::single, .arrival = Arrival::dropped, .delivery = Delivery::gated};
inline constexpr Options many_gated{.arrival = Arrival::dropped, .delivery = Delivery::gated};
inline constexpr Options timed{};

inline constexpr std::uint64_t far = std::uint64_t{1} << 32;

inline const Scenarios of_many = {
    {"three puts against three", {{{put, put, put}, {put, put, put}}}, 1, 0, 1, true},
    {"three puts against two", {{{put, put, put}, {put, put}}}},
    {"puts against reads", {{{put, put, put}, {read, read, read}}}},
    {"two producers and a reader", {{{put}, {put}, {read}}}, 1, 1},
    {"a producer and two readers", {{{put}, {read}, {read}}}, 1, 2},
    {"three producers", {{{put}, {put}, {put}}}, 1, 1},
    {"a full ring", {{{put, put}, {put, read}}}, 1, 2},
    {"put and give up", {{{put, give_up, put}, {read, read, read}}}},
    {"give up against put", {{{give_up, give_up}, {put, put}}}, 1, 1},
    {"give up, put, read", {{{give_up}, {put}, {read}}}, 1, 2},
    {"close against puts", {{{put, put}, {close}}}, 1, 1},
    {"close, put, read", {{{put}, {close}, {read}}}, 1, 1},
    {"two that close, and a put", {{{put}, {close}, {close}}}, 1, 2},
    {"close against give up", {{{give_up, put}, {close, read}}}},
    {"a reader that comes", {{{put, put}, {enter, read}}}, 1, 2},
    {"a reader that comes at the end", {{{put, put}, {latest, read}}}, 1, 1},
    {"a reader that comes behind an unfinished claim", {{{put}, {put}, {latest}}}, 1, 1},
    {"a reader that leaves", {{{put, put, put}, {read, leave}}}, 1, 2},
    {"readers that come and go", {{{put}, {enter}, {read}}}, 1, 2},
    {"a reader far behind", {{{put, put}, {read, read}}}, far + 1, 2},
    {"the horizon", {{{put, put}, {oldest, oldest}}}, 1, 2},
};

inline const Scenarios arrivals = {
    {"puts against puts", {{{put, put}, {put}}}, 1, 1},
    {"three producers", {{{put}, {put}, {put}}}},
    {"puts against reads", {{{put, put}, {read, read}}}, 1, 1},
    {"a put, a put, a read", {{{put}, {put}, {read}}}},
};

inline const Scenarios small = {
    {"a put against a read", {{{put}, {read}}}, 1, 1},
    {"a put against a put", {{{put}, {put}}}, 1, 1},
    {"close against a put", {{{put}, {close}}}, 1, 1},
};

inline const Scenarios larger = {
    {"everything", {{{put, give_up, put, put}, {put, put, close}, {read, read, enter, read, read}}}},
    {"two readers", {{{put, large, put, large}, {read, read, read, read}, {enter, read, leave, latest, read}}}, 1, 2},
    {"two that close", {{{put, put, close}, {large, close, put}, {read, oldest, read}}}, 1, 1},
};

}  // namespace weir::model
