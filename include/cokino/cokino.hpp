// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Everything, in the order in which data flows: a request goes down, an answer comes up. Programs
// that care for compile time include less; nobody inside the library includes this file.
#pragma once

#include <cokino/version.hpp>

// Words: errors, results, limits, secrets, events.
#include <cokino/core/error.hpp>
#include <cokino/core/observer.hpp>
#include <cokino/core/result.hpp>
#include <cokino/core/secret.hpp>

// Coroutine primitives.
#include <cokino/async/as_result.hpp>
#include <cokino/async/awaitable.hpp>
#include <cokino/async/event.hpp>
#include <cokino/async/for_each_limit.hpp>
#include <cokino/async/gather.hpp>
#include <cokino/async/race.hpp>
#include <cokino/async/rethrow.hpp>
#include <cokino/async/semaphore.hpp>
#include <cokino/async/sleep.hpp>
#include <cokino/async/task_scope.hpp>
#include <cokino/async/with_timeout.hpp>

// What is asked for and what comes back.
#include <cokino/model/asset.hpp>
#include <cokino/model/job.hpp>
#include <cokino/model/job_status.hpp>
#include <cokino/model/request.hpp>

// Dialects.
#include <cokino/provider/fal.hpp>
#include <cokino/provider/kie.hpp>
#include <cokino/provider/kling.hpp>
#include <cokino/provider/piapi.hpp>
#include <cokino/provider/pollo.hpp>
#include <cokino/provider/replicate.hpp>
#include <cokino/provider/rest.hpp>
#include <cokino/provider/wireflow.hpp>

// The verbs.
#include <cokino/client.hpp>
