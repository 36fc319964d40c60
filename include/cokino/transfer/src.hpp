// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Every function body of the transfer layer, for the one file that compiles them when
// COKINO_SEPARATE_COMPILATION is defined. Users include <cokino/src.hpp>.
#pragma once

#include <cokino/transfer/impl/bucket.ipp>
#include <cokino/transfer/impl/bucket_core.ipp>
#include <cokino/transfer/impl/bucket_keys.ipp>
#include <cokino/transfer/impl/bucket_options.ipp>
#include <cokino/transfer/impl/bucket_placing.ipp>
#include <cokino/transfer/impl/bucket_sink.ipp>
#include <cokino/transfer/impl/bucket_upload.ipp>
#include <cokino/transfer/impl/content_check.ipp>
#include <cokino/transfer/impl/dead_answer.ipp>
#include <cokino/transfer/impl/disk_gauge.ipp>
#include <cokino/transfer/impl/disk_ledger.ipp>
#include <cokino/transfer/impl/download_manager.ipp>
#include <cokino/transfer/impl/download_manager_options.ipp>
#include <cokino/transfer/impl/download_options.ipp>
#include <cokino/transfer/impl/download_request.ipp>
#include <cokino/transfer/impl/download_run.ipp>
#include <cokino/transfer/impl/download_schedule.ipp>
#include <cokino/transfer/impl/downloader.ipp>
#include <cokino/transfer/impl/file_digests.ipp>
#include <cokino/transfer/impl/file_sink.ipp>
#include <cokino/transfer/impl/link_deadline.ipp>
#include <cokino/transfer/impl/link_life.ipp>
#include <cokino/transfer/impl/link_policy.ipp>
#include <cokino/transfer/impl/managed_downloads.ipp>
#include <cokino/transfer/impl/managed_turns.ipp>
#include <cokino/transfer/impl/memory_sink.ipp>
#include <cokino/transfer/impl/orphan_uploads.ipp>
#include <cokino/transfer/impl/part_file.ipp>
#include <cokino/transfer/impl/part_file_end.ipp>
#include <cokino/transfer/impl/part_state_text.ipp>
#include <cokino/transfer/impl/placing_fsm.ipp>
#include <cokino/transfer/impl/profile_file.ipp>
#include <cokino/transfer/impl/range_answers.ipp>
#include <cokino/transfer/impl/range_fsm.ipp>
#include <cokino/transfer/impl/range_head.ipp>
#include <cokino/transfer/impl/rate_window.ipp>
#include <cokino/transfer/impl/s3_answer.ipp>
#include <cokino/transfer/impl/s3_call_fsm.ipp>
#include <cokino/transfer/impl/s3_xml.ipp>
#include <cokino/transfer/impl/slice_fsm.ipp>
#include <cokino/transfer/impl/sliced_body.ipp>
