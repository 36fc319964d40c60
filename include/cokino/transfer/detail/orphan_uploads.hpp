// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Uploads in parts that a CreateMultipartUpload made whose answer never came. Nobody knows their
// names, and a list does not show by what mark they were begun, so that one of them looks like what
// another process began for the same key. To abort that one would end a living upload, while an
// orphan, which never gets a part, costs a line in a list and no storage. So an upload is taken for
// an orphan of ours only if all of this holds, and is left to abort_stale_uploads otherwise:
//
//   * it was begun for this very key while the lost request was under way, by the service's clock;
//   * it is not an upload of this process whose name is known;
//   * where our next upload of the key came about: by the same initiator as that one;
//   * there are no more such uploads than requests were lost;
//   * limits::orphan_upload_pause later, which a living upload has put parts into, it has none.
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

    std::string key;
    std::string own; ///< The upload that came about in the end; empty: none did.
    std::vector<doubtful_try> lost;
    std::chrono::seconds clock_ahead{0}; ///< Of the service.
    std::vector<std::string> known;      ///< Uploads that this process has the names of.
};

/// The names of those in a list that may be orphans by all that a list shows; none if it shows too
/// little.
COKINO_DECL std::vector<std::string> find_orphans(const s3_upload_list& list,
                                                  const orphan_search& search);

/// Looks for them, waits, and aborts those that have no part by then, all within
/// limits::upload_tidy_max. Never fails: what cannot be told is left.
[[nodiscard]] COKINO_DECL awaitable<void> clear_orphans(std::shared_ptr<bucket_core> core,
                                                        orphan_search search);

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/orphan_uploads.ipp>
#endif
