// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of the testing layer, for the one file of a program that compiles them separately.
#pragma once

#include <cokino/testing/impl/certificates.ipp>
#include <cokino/testing/impl/clips.ipp>
#include <cokino/testing/impl/fake_connection.ipp>
#include <cokino/testing/impl/fake_engine.ipp>
#include <cokino/testing/impl/fake_fal.ipp>
#include <cokino/testing/impl/fake_fal_live.ipp>
#include <cokino/testing/impl/fake_hooks.ipp>
#include <cokino/testing/impl/fake_hosts.ipp>
#include <cokino/testing/impl/fake_kie.ipp>
#include <cokino/testing/impl/fake_kling.ipp>
#include <cokino/testing/impl/fake_media.ipp>
#include <cokino/testing/impl/fake_piapi.ipp>
#include <cokino/testing/impl/fake_pollo.ipp>
#include <cokino/testing/impl/fake_replicate.ipp>
#include <cokino/testing/impl/fake_rest.ipp>
#include <cokino/testing/impl/fake_server.ipp>
#include <cokino/testing/impl/fake_transport.ipp>
#include <cokino/testing/impl/fake_wireflow.ipp>
#include <cokino/testing/impl/hook_postman.ipp>
#include <cokino/testing/impl/hook_signer.ipp>
#include <cokino/testing/impl/scripted_transport.ipp>
