# Headers, licence and a package that `find_package(weir)` finds.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(weir_package_dir "${CMAKE_INSTALL_DATADIR}/cmake/weir")
target_include_directories(weir INTERFACE "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/weir" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
        FILES_MATCHING PATTERN "*.hpp")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(TARGETS weir EXPORT weir)
install(EXPORT weir NAMESPACE weir:: FILE weirTargets.cmake DESTINATION "${weir_package_dir}")

configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/weirConfig.cmake.in"
                              "${PROJECT_BINARY_DIR}/weirConfig.cmake" INSTALL_DESTINATION "${weir_package_dir}"
                              NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
# Before 1.0 a minor version may break its users, so a request for 0.1 is not met by 0.2.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/weirConfigVersion.cmake" COMPATIBILITY SameMinorVersion
                                 ARCH_INDEPENDENT)
install(FILES "${PROJECT_BINARY_DIR}/weirConfig.cmake" "${PROJECT_BINARY_DIR}/weirConfigVersion.cmake"
        DESTINATION "${weir_package_dir}")
