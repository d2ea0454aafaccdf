#include "unit.hpp"

#include <typeinfo>

#include "use_weir.hpp"

namespace {

std::string refusal() {
  return refused().error().message();
}

#if defined(__cpp_exceptions)
constexpr bool exceptions = true;
std::string take_refused() {
  try {
    static_cast<void>(refused().value());
  } catch (const weir::Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}
#else
constexpr bool exceptions = false;
std::string take_refused() {
  static_cast<void>(refused().value());
  return "it returned";
}
#endif

}  // namespace

Unit WEIR_UNIT() {
  return {exceptions, typeid(weir::HashKey).name(), answer, refusal, take_refused};
}
