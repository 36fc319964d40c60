// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The one place where the version number lives; CMake and meson read it from here.
#pragma once

#define COKINO_VERSION_MAJOR 0
#define COKINO_VERSION_MINOR 1
#define COKINO_VERSION_PATCH 0
#define COKINO_VERSION "0.1.0"
