/// One unit as `mixed_units.cpp` sees it: the same source compiled four times with different switches.
#pragma once

#include <string>

struct Unit {
  bool exceptions;
  std::string abi;                ///< how the linker names a type of weir as this unit sees it
  int (*answer)();                ///< 42
  std::string (*refusal)();       ///< how the failure of `take_refused` reads
  std::string (*take_refused)();  ///< what was caught; with exceptions off it never returns
};

Unit exceptions_asserts();
Unit exceptions_release();
Unit bare_asserts();
Unit bare_release();
