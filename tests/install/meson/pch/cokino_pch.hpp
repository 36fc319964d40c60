// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cokino/cokino.hpp>
