# What `make install` puts under a prefix, and how other projects find it.
include(CMakePackageConfigHelpers)

set(LW_DATADIR ${CMAKE_INSTALL_DATADIR}/linewright)
if(TARGET linewright)
  install(TARGETS linewright RUNTIME)
endif()
install(TARGETS liblinewright EXPORT linewright-targets LIBRARY)
install(FILES host/linewright.h TYPE INCLUDE)
# For backends in shared objects: <linewright/backend.h>.
install(FILES host/infer/backend.h DESTINATION
  ${CMAKE_INSTALL_INCLUDEDIR}/linewright)
# Where `make onnxruntime` found no Debian package.
install(DIRECTORY ${CMAKE_SOURCE_DIR}/build/onnxruntime/ DESTINATION
  lib/linewright OPTIONAL FILES_MATCHING PATTERN
  "libonnxruntime.so.1" PATTERN "fetch.*" EXCLUDE)
install(DIRECTORY lua stdlib examples recipes DESTINATION ${LW_DATADIR}
  PATTERN "*.c" EXCLUDE)
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# Relative, so that the prefix may be chosen when installing.
file(RELATIVE_PATH LW_PC_UP /p/${CMAKE_INSTALL_LIBDIR}/pkgconfig /p)
configure_file(cmake/linewright.pc.in linewright.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/linewright.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

target_include_directories(liblinewright INTERFACE
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
set_target_properties(liblinewright PROPERTIES EXPORT_NAME linewright)
install(EXPORT linewright-targets NAMESPACE linewright::
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/linewright)
configure_package_config_file(cmake/linewright-config.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/linewright-config.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/linewright)
write_basic_package_version_file(
  ${CMAKE_CURRENT_BINARY_DIR}/linewright-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/linewright-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/linewright-config-version.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/linewright)
