// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// One of two units that include every public header (everything.hpp is generated from the installed
// tree). A function that lacks its `inline` is defined in both, and the link fails.
#include "everything.hpp"

int again();

int main() { return again() - COKINO_VERSION_MAJOR; }
