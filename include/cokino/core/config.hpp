// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What the library needs of its surroundings, checked once, and the macro that turns a header's
// function bodies into inline ones. Nothing else belongs here.
#pragma once

#include <boost/version.hpp>

#if BOOST_VERSION < 108100
#error "cokino needs Boost 1.81 or newer"
#endif

#if defined(__clang__)
#if __clang_major__ < 14
#error "cokino needs clang 14 or newer"
#endif
#elif defined(__GNUC__)
#if __GNUC__ < 12
#error "cokino needs GCC 12 or newer"
#endif
#endif

#if __cplusplus < 202002L
#error "cokino needs C++20"
#endif

// Header-only by default. With COKINO_SEPARATE_COMPILATION the bodies in impl/*.ipp are left out
// of the headers, and one source file of the program includes <cokino/src.hpp>.
#if defined(COKINO_SEPARATE_COMPILATION)
#define COKINO_DECL
#else
#define COKINO_DECL inline
#endif

// GCC before 13 destroys some temporaries of an await expression twice. Front functions use this
// to refuse, at compile time, an argument that would be destroyed twice.
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
#define COKINO_GCC_DESTROYS_TWICE 1
#else
#define COKINO_GCC_DESTROYS_TWICE 0
#endif
