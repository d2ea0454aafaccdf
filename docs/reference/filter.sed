# Headers as Doxygen understands them, line by line as long as they were.
# The first comment is the file's: a line for \file, made up for by #pragma once.
1s|^///|/// \\file\n///|
/^#pragma once$/d
# Users write weir::, whatever the switches.
s/weir::inline WEIR_ABI/weir/
# The clauses of a contract.
s/\*\*\(threads\|progress\|errors\|invalidates\|cost\)\*\*/@clause{\1}/g
# That a type has a hash is no entry of its own, and Doxygen knows no std.
/^template <.*>$/{
  N
  /\nstruct std::hash</{
    :whole
    /\n};$/!{
      N
      b whole
    }
    s/[^\n]//g
  }
}
