// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The fake host for tests without sockets: the engine and its in-memory transport. The loopback
// server is in testing/fake_server.hpp, since it brings TLS along and takes long to compile.
#pragma once

#include <cokino/testing/clips.hpp>
#include <cokino/testing/fake_engine.hpp>
#include <cokino/testing/fake_transport.hpp>
#include <cokino/testing/faults.hpp>
