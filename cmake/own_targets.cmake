# What tests, examples and benchmarks share, and users never see: strict warnings, ccache, the shared data.
if(PROJECT_IS_TOP_LEVEL AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(WEIR_CCACHE ccache)
  if(WEIR_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${WEIR_CCACHE}")
  endif()
endif()

set(CMAKE_CXX_EXTENSIONS OFF)
add_library(weir_strict INTERFACE)
target_link_libraries(weir_strict INTERFACE weir::weir)
target_compile_options(weir_strict INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)

# Large inputs live beside the checkout and may be absent; whoever reads them says so and goes without.
cmake_path(SET WEIR_SHARED_DATA NORMALIZE "${CMAKE_SOURCE_DIR}/../shared/data")

# A program of ours: weir_add_program(name source...).
function(weir_add_program name)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE weir_strict)
endfunction()

# A test with the watchdog that every test has: weir_add_test(name command...).
function(weir_add_test name)
  add_test(NAME "${name}" COMMAND ${ARGN})
  set_tests_properties("${name}" PROPERTIES TIMEOUT 300)
endfunction()
