// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Every function body of the policy layer, for the one file that compiles them when
// COKINO_SEPARATE_COMPILATION is defined. Users include <cokino/src.hpp>.
#pragma once

#include <cokino/policy/impl/attempt_outcome.ipp>
#include <cokino/policy/impl/backoff.ipp>
#include <cokino/policy/impl/clock_skew.ipp>
#include <cokino/policy/impl/polling.ipp>
#include <cokino/policy/impl/retry.ipp>
#include <cokino/policy/impl/retry_after.ipp>
