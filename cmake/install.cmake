# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

# Everything installed is independent of the architecture: headers, CMake files, one .pc file.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(destination ${CMAKE_INSTALL_DATADIR}/cmake/work)
install(TARGETS work EXPORT workTargets FILE_SET HEADERS FILE_SET rooms FILE_SET bodies)
install(EXPORT workTargets NAMESPACE work:: DESTINATION ${destination})
configure_package_config_file(
    cmake/workConfig.cmake.in workConfig.cmake INSTALL_DESTINATION ${destination})
write_basic_package_version_file(
    workConfigVersion.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(
    FILES
        ${CMAKE_CURRENT_BINARY_DIR}/workConfig.cmake
        ${CMAKE_CURRENT_BINARY_DIR}/workConfigVersion.cmake
        cmake/compiled.cmake
        cmake/compiled.cpp
        cmake/tls.cmake
    DESTINATION ${destination})

file(RELATIVE_PATH work_pc_prefix
    ${CMAKE_INSTALL_FULL_DATADIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" work_pc_prefix "${work_pc_prefix}")
configure_file(cmake/work.pc.in work.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/work.pc
    DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)
