// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The other unit; see everything.cpp.
#include "everything.hpp"

int again();

int again() { return COKINO_VERSION_MAJOR; }
