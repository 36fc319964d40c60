// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Every function body of the core layer, for the one file that compiles them when
// COKINO_SEPARATE_COMPILATION is defined. Users include <cokino/src.hpp>.
#pragma once

#include <cokino/core/impl/diagnostics.ipp>
#include <cokino/core/impl/error.ipp>
#include <cokino/core/impl/http_date.ipp>
#include <cokino/core/impl/iso_date.ipp>
#include <cokino/core/impl/random_source.ipp>
#include <cokino/core/impl/result.ipp>
#include <cokino/core/impl/secret.ipp>
#include <cokino/core/impl/text.ipp>
