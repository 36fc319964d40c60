// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Every function body of the library, for the one source file of a program that is built with
// COKINO_SEPARATE_COMPILATION.
#pragma once

#if !defined(COKINO_SEPARATE_COMPILATION)
#error "cokino/src.hpp is for programs that define COKINO_SEPARATE_COMPILATION everywhere"
#endif

#include <cokino/async/src.hpp>
#include <cokino/client/src.hpp>
#include <cokino/core/src.hpp>
#include <cokino/model/src.hpp>
#include <cokino/net/src.hpp>
#include <cokino/policy/src.hpp>
#include <cokino/provider/src.hpp>
#include <cokino/transfer/src.hpp>
#include <cokino/webhook/src.hpp>
#include <cokino/wire/src.hpp>

#include <cokino/impl/client.ipp>
#include <cokino/impl/webhooks.ipp>
