// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Every body of the layer `client`, for separate compilation.
#pragma once

#include <cokino/client/impl/options.ipp>

#include <cokino/client/impl/client_core.ipp>
#include <cokino/client/impl/clip_source.ipp>
#include <cokino/client/impl/exchange_facts.ipp>
#include <cokino/client/impl/file_life.ipp>
#include <cokino/client/impl/job_client.ipp>
#include <cokino/client/impl/media_plan.ipp>
#include <cokino/client/impl/poller.ipp>
#include <cokino/client/impl/preparation.ipp>
#include <cokino/client/impl/read_loop.ipp>
#include <cokino/client/impl/source_bytes.ipp>
#include <cokino/client/impl/source_link.ipp>
#include <cokino/client/impl/status_stream.ipp>
#include <cokino/client/impl/submit_run.ipp>
