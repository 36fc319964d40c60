// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Every function body of the provider layer, for the one file that compiles them when
// COKINO_SEPARATE_COMPILATION is defined. Users include <cokino/src.hpp>.
#pragma once

#include <cokino/provider/impl/access.ipp>
#include <cokino/provider/impl/body.ipp>
#include <cokino/provider/impl/fal.ipp>
#include <cokino/provider/impl/kie.ipp>
#include <cokino/provider/impl/kling.ipp>
#include <cokino/provider/impl/piapi.ipp>
#include <cokino/provider/impl/pollo.ipp>
#include <cokino/provider/impl/provider.ipp>
#include <cokino/provider/impl/replicate.ipp>
#include <cokino/provider/impl/rest.ipp>
#include <cokino/provider/impl/wireflow.ipp>
