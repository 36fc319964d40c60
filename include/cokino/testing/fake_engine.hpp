// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The fake host's engine: see detail/fake_engine_class.hpp, where it is declared apart from its
// bodies, because the dialects that they need are made of it.
#pragma once

#include <cokino/testing/detail/fake_engine_class.hpp>

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/testing/impl/fake_engine.ipp>
#include <cokino/testing/impl/fake_fal.ipp>
#include <cokino/testing/impl/fake_fal_live.ipp>
#include <cokino/testing/impl/fake_hosts.ipp>
#include <cokino/testing/impl/fake_media.ipp>
#include <cokino/testing/impl/fake_rest.ipp>
#endif
