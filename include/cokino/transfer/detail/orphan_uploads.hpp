// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Uploads in parts that a CreateMultipartUpload made whose answer never came. Nobody knows their
// names, and a list does not show by what mark they were begun, so that one of them looks like what
// another writer began for the same key. To abort that one would end a living upload, while an
// orphan, which never gets a part, costs a line in a list and no storage. All that a list shows of
// an upload's origin is its initiator, the identity that signed the request [Amazon S3 API
// Reference, ListMultipartUploads]. Two processes may well share one, and try the same job anew at
// the same time. So an upload is aborted only if all of this holds, and is left to
// abort_stale_uploads otherwise, with a warning to the observer:
//
//   * the user says that nobody else begins uploads as this identity (options.sole_writer);
//   * the identity is known, by our next upload of the key or by an earlier one of this bucket
//     object, and is this upload's;
//   * it was begun for this very key while the lost request was under way, by the service's clock;
//   * it is not an upload of this object whose name is known, and none is being begun for the key;
//   * there are no more such uploads than requests were lost;
//   * limits::orphan_upload_pause later it has no part: should the user be wrong, a living upload
//     has put one there by then, on all but the slowest lines.
//
// It is aborted rather than taken up: a wrong guess would otherwise mix two writers' parts.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/core/config.hpp>
#include <cokino/transfer/detail/s3_answer.hpp>
#include <cokino/transfer/detail/s3_call_fsm.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace cokino::detail {

class bucket_core;

/// Whose orphans are looked for.
struct orphan_search {
    orphan_search() = default;

    std::string operation; ///< That began the upload: "put", "download".
    std::string key;
    std::string own;       ///< The upload that came about in the end; empty: none did.
    std::string initiator; ///< Of earlier uploads of this bucket object; empty: not known.
    std::vector<doubtful_try> lost;
    std::chrono::seconds clock_ahead{0}; ///< Of the service.
    std::vector<std::string> known;      ///< Uploads that this process has the names of.
};

/// What a list shows of them.
struct orphans_found {
    orphans_found() = default;

    std::vector<std::string> ours;
    /// There may be one, and it cannot be told from another writer's; or the list shows too little.
    bool doubtful = false;
    std::string initiator; ///< Of our own upload, where the list shows it.
};
COKINO_DECL orphans_found find_orphans(const s3_upload_list& list, const orphan_search& search);

/// Looks for them, waits, and aborts those that are ours and have no part by then, all within
/// limits::upload_tidy_max. Never fails: what cannot be told is left, and the observer warned.
[[nodiscard]] COKINO_DECL awaitable<void> clear_orphans(std::shared_ptr<bucket_core> core,
                                                        orphan_search search);

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/orphan_uploads.ipp>
#endif
