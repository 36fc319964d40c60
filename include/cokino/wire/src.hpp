// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Every function body of the wire layer, for the one file that compiles them when
// COKINO_SEPARATE_COMPILATION is defined. Users include <cokino/src.hpp>.
#pragma once

#include <cokino/wire/impl/digest_header.ipp>
#include <cokino/wire/impl/ed25519.ipp>
#include <cokino/wire/impl/event_stream.ipp>
#include <cokino/wire/impl/header.ipp>
#include <cokino/wire/impl/hmac.ipp>
#include <cokino/wire/impl/image_probe.ipp>
#include <cokino/wire/impl/json_reader.ipp>
#include <cokino/wire/impl/json_view.ipp>
#include <cokino/wire/impl/json_writer.ipp>
#include <cokino/wire/impl/jwt.ipp>
#include <cokino/wire/impl/link_expiry.ipp>
#include <cokino/wire/impl/message.ipp>
#include <cokino/wire/impl/mp4_probe.ipp>
#include <cokino/wire/impl/mp4_skeleton.ipp>
#include <cokino/wire/impl/redact.ipp>
#include <cokino/wire/impl/signature.ipp>
#include <cokino/wire/impl/sigv4.ipp>
#include <cokino/wire/impl/sniff.ipp>
#include <cokino/wire/impl/url.ipp>
