// Units with and without exceptions and assertions live in one program: each keeps the behaviour it was built for.
#include <cstdio>
#include <set>
#include <string>

#include "support/aborts.hpp"
#include "unit.hpp"

int main() {
  int failures = 0;
  const auto require = [&](bool held, const std::string& what) {
    if (!held) {
      std::fprintf(stderr, "does not hold: %s\n", what.c_str());
      ++failures;
    }
  };
  std::set<std::string> names;
  const Unit units[] = {exceptions_asserts(), exceptions_release(), bare_asserts(), bare_release()};
  for (const Unit& unit : units) {
    names.insert(unit.abi);
    require(unit.answer() == 42, unit.abi + " computes its answer");
    if (unit.exceptions) {
      require(unit.take_refused() == unit.refusal(), unit.abi + " throws weir::Error and catches it");
    } else {
      const auto text = weir::support::text_of_abort(unit.take_refused);
      require(text == "weir: " + unit.refusal() + "\n", unit.abi + " aborts with the text of the failure");
    }
  }
  require(units[0].exceptions && units[1].exceptions && !units[2].exceptions && !units[3].exceptions,
          "two units were built with exceptions and two without");
  require(names.size() == 4, "each combination of switches has symbols of its own");
  return failures == 0 ? 0 : 1;
}
