# Tests, checks, examples and benchmarks: for people who work on cokino, never for its users.
option(COKINO_WARNINGS_AS_ERRORS "Turn warnings into errors" OFF)
option(COKINO_UNITY "Join the test files of a layer into few compilations" OFF)
option(COKINO_COVERAGE "Instrument for llvm-cov (clang only)" OFF)

find_program(COKINO_CCACHE ccache)
if(COKINO_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${COKINO_CCACHE})
endif()
set(CMAKE_CXX_EXTENSIONS OFF)

add_library(cokino_developer INTERFACE)
target_compile_options(cokino_developer INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
    -Wnon-virtual-dtor -Woverloaded-virtual)
if(COKINO_WARNINGS_AS_ERRORS)
    target_compile_options(cokino_developer INTERFACE -Werror)
endif()
if(COKINO_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # A coroutine frame that holds a test's lambda is taken for a header's, since the test is included.
    target_compile_options(cokino_developer INTERFACE -Wno-subobject-linkage)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # Optimised, GCC 12 takes the two halves of an Asio coroutine frame's allocation for strangers
    # when it inlined only one of them.
    target_compile_options(cokino_developer INTERFACE -Wno-mismatched-new-delete)
endif()
if(COKINO_COVERAGE)
    # No absolute path in the mapping: an object from the compiler's cache may stem from another clone.
    target_compile_options(cokino_developer INTERFACE -fprofile-instr-generate -fcoverage-mapping
        -fcoverage-compilation-dir=.)
    target_link_options(cokino_developer INTERFACE -fprofile-instr-generate)
endif()
# g++ 12 finds lld by this name only.
find_program(COKINO_LLD ld.lld)
if(COKINO_LLD)
    target_link_options(cokino_developer INTERFACE -fuse-ld=lld)
endif()

# One library of all function bodies, from one source for each layer, so that a change in one layer
# does not rebuild TLS. Boost's own bodies are compiled here once too. Tests, examples and nobody
# else link it; the consumers under tests/install prove the header-only mode.
set(parts ${PROJECT_SOURCE_DIR}/tests/lib/boost.cpp)
file(GLOB sources CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/include
    include/cokino/*/src.hpp include/cokino/impl/*.ipp)
foreach(source IN LISTS sources)
    string(MAKE_C_IDENTIFIER ${source} name)
    file(CONFIGURE OUTPUT bodies/${name}.cpp CONTENT "#include <${source}>\n")
    list(APPEND parts ${PROJECT_BINARY_DIR}/bodies/${name}.cpp)
endforeach()
add_library(cokino_bodies STATIC EXCLUDE_FROM_ALL ${parts})
target_link_libraries(cokino_bodies PUBLIC cokino PRIVATE cokino_developer)
target_compile_definitions(cokino_bodies PUBLIC
    COKINO_SEPARATE_COMPILATION
    BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
    BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_NO_TS_EXECUTORS)

enable_testing()
if(COKINO_BUILD_TESTS)
    add_subdirectory(tests)
endif()
if(COKINO_BUILD_EXAMPLES)
    add_subdirectory(examples)
endif()
if(COKINO_BUILD_BENCHMARKS)
    add_subdirectory(benchmarks)
endif()
if(COKINO_BUILD_FUZZERS)
    add_subdirectory(tests/fuzz)
endif()
