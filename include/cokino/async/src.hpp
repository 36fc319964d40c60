// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of the async layer, for the one file of a program that compiles them separately.
#pragma once

#include <cokino/async/impl/as_result.ipp>
#include <cokino/async/impl/offload.ipp>
#include <cokino/async/impl/task_group.ipp>
#include <cokino/async/impl/task_scope.ipp>
#include <cokino/async/impl/time_source.ipp>
#include <cokino/async/impl/waiter_list.ipp>
