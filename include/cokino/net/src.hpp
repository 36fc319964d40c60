// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Every function body of the net layer, for the one file that compiles them when
// COKINO_SEPARATE_COMPILATION is defined. Users include <cokino/src.hpp>.
#pragma once

#include <cokino/net/impl/address_policy.ipp>
#include <cokino/net/impl/connection.ipp>
#include <cokino/net/impl/establish.ipp>
#include <cokino/net/impl/exchange.ipp>
#include <cokino/net/impl/flight.ipp>
#include <cokino/net/impl/http_transport.ipp>
#include <cokino/net/impl/proxy.ipp>
#include <cokino/net/impl/streamed_body.ipp>
#include <cokino/net/impl/tls_context.ipp>
#include <cokino/net/impl/tls_engine.ipp>
#include <cokino/net/impl/transport_core.ipp>
