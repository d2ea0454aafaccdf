/// Where the project's own files are, for tests that hold them against what the code does.
#pragma once

#include <cstdlib>
#include <filesystem>

namespace weir::support {

/// WEIR_ROOT, else the folder above the current one that holds tests/support; empty when there is none.
inline std::filesystem::path project_root() {
  if (const char* given = std::getenv("WEIR_ROOT")) {
    return given;
  }
  auto root = std::filesystem::current_path();
  while (!exists(root / "tests/support")) {
    if (root == root.root_path()) {
      return {};
    }
    root = root.parent_path();
  }
  return root;
}

}  // namespace weir::support
