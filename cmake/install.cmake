# Headers, package config, version file and pkg-config file. Nothing in them depends on the
# architecture, so they go under share; a compiled library, if asked for, goes where libraries go.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(cokino_package_dir ${CMAKE_INSTALL_DATADIR}/cmake/cokino)
install(TARGETS cokino EXPORT cokino-targets FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY include/cokino DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN "*.ipp" PATTERN "src.hpp")
install(EXPORT cokino-targets NAMESPACE cokino:: DESTINATION ${cokino_package_dir})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/cokino)

set(cokino_arch_independent ARCH_INDEPENDENT)
if(COKINO_SEPARATE_COMPILATION)
    install(TARGETS cokino_compiled EXPORT cokino-targets)
    set(cokino_arch_independent)
endif()

configure_package_config_file(cmake/cokino-config.cmake.in cokino-config.cmake
    INSTALL_DESTINATION ${cokino_package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(cokino-config-version.cmake
    COMPATIBILITY SameMinorVersion ${cokino_arch_independent})
install(FILES ${PROJECT_BINARY_DIR}/cokino-config.cmake ${PROJECT_BINARY_DIR}/cokino-config-version.cmake
    DESTINATION ${cokino_package_dir})

# The prefix is found from where the .pc file lies, so that an install to any prefix is right.
configure_file(cmake/cokino.pc.in cokino.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/cokino.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)
