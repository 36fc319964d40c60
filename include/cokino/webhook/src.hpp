// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Every function body of the webhook layer, for the one file that compiles them when
// COKINO_SEPARATE_COMPILATION is defined. Users include <cokino/src.hpp>.
#pragma once

#include <cokino/webhook/impl/inbox.ipp>
#include <cokino/webhook/impl/inbox_state.ipp>
#include <cokino/webhook/impl/jwks_cache.ipp>
#include <cokino/webhook/impl/receiver.ipp>
#include <cokino/webhook/impl/receiver_state.ipp>
#include <cokino/webhook/impl/verifier.ipp>
