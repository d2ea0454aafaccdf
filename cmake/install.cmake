# Headers, licence, printers for GDB, and the packages that `find_package(weir)` and `pkg-config weir` find: what
# meson.build installs too.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(weir_package_dir "${CMAKE_INSTALL_DATADIR}/cmake/weir")
target_include_directories(weir INTERFACE "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/weir" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
        FILES_MATCHING PATTERN "*.hpp")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(FILES "${PROJECT_SOURCE_DIR}/scripts/gdb/weir_gdb.py" DESTINATION "${CMAKE_INSTALL_DATADIR}/weir/gdb")
install(TARGETS weir EXPORT weir)
install(EXPORT weir NAMESPACE weir:: FILE weirTargets.cmake DESTINATION "${weir_package_dir}")

# Before 1.0 a minor version may break its users, so a request for 0.1 is not met by 0.2.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/weirConfigVersion.cmake" COMPATIBILITY SameMinorVersion
                                 ARCH_INDEPENDENT)
install(FILES "${CMAKE_CURRENT_LIST_DIR}/weirConfig.cmake" "${PROJECT_BINARY_DIR}/weirConfigVersion.cmake"
        DESTINATION "${weir_package_dir}")

# weir.pc finds its prefix from where it lies, so that an installed weir may be moved. As a function, for its variables.
function(weir_install_pc)
  set(version "${PROJECT_VERSION}")
  set(directory "${CMAKE_INSTALL_DATADIR}/pkgconfig")
  if(IS_ABSOLUTE "${directory}")
    set(prefix "${CMAKE_INSTALL_PREFIX}")
  else()
    string(REGEX REPLACE "[^/]+" ".." up "${directory}")
    set(prefix "\${pcfiledir}/${up}")
  endif()
  set(includedir "\${prefix}")
  cmake_path(APPEND includedir "${CMAKE_INSTALL_INCLUDEDIR}")
  configure_file("${PROJECT_SOURCE_DIR}/cmake/weir.pc.in" "${PROJECT_BINARY_DIR}/weir.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/weir.pc" DESTINATION "${directory}")
endfunction()
weir_install_pc()
