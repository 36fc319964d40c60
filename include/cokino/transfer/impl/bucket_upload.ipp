// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The first half of transfer/detail/bucket_upload.hpp: bytes in, parts out. How the object comes
// under its key is in bucket_placing.ipp.
#pragma once

#include <cokino/async/as_result.hpp>
#include <cokino/async/with_timeout.hpp>
#include <cokino/core/limits.hpp>
#include <cokino/core/text.hpp>
#include <cokino/transfer/detail/bucket_upload.hpp>

#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace cokino::detail {

COKINO_DECL bucket_upload::bucket_upload(std::shared_ptr<bucket_core> core, std::string key,
                                         object_options options, std::string operation,
                                         std::string sha256)
    : core_(std::move(core)), key_(std::move(key)), options_(std::move(options)),
      operation_(std::move(operation)), sha256_(std::move(sha256)), mark_(core_->fresh_mark()),
      part_bytes_(core_->options.part_bytes), slots_(core_->options.parts_in_flight),
      sending_(core_->ex)
{}

COKINO_DECL result<void> bucket_upload::expect(std::uint64_t total)
{
    constexpr std::uint64_t mib = 1024 * 1024;
    constexpr std::uint64_t part_bytes_max = 512 * mib;
    const auto needed = total / limits::upload_parts_max + 1;
    if (needed > part_bytes_max)
        return failure(errc::sink_full).explain("no bucket takes an object of this size");
    if (expected_ || bytes_ != 0)
        return {};
    expected_ = total;
    if (needed > part_bytes_)
        part_bytes_ = static_cast<std::size_t>((needed + mib - 1) / mib * mib);
    return {};
}

// The first failure is the one that counts: what follows is often its echo.
COKINO_DECL void bucket_upload::note(failure why)
{
    if (!failed_)
        failed_ = std::move(why);
}

COKINO_DECL s3_request bucket_upload::request(wire::method verb) const
{
    s3_request r;
    r.operation = operation_;
    r.verb = verb;
    r.key = key_;
    return r;
}

inline std::string_view type_by_extension(std::string_view key) noexcept
{
    static constexpr std::pair<std::string_view, std::string_view> known[] = {
        {".mp4", "video/mp4"},   {".webm", "video/webm"}, {".mov", "video/quicktime"},
        {".png", "image/png"},   {".jpg", "image/jpeg"},  {".jpeg", "image/jpeg"},
        {".webp", "image/webp"}, {".gif", "image/gif"},   {".avif", "image/avif"}};
    for (const auto& [extension, type] : known)
        if (key.size() > extension.size() &&
            iequals(key.substr(key.size() - extension.size()), extension))
            return type;
    return "application/octet-stream";
}

/// What the object will be known by.
COKINO_DECL void bucket_upload::describe(s3_request& r) const
{
    const auto& type = options_.content_type;
    r.fields.emplace_back("content-type",
                          type.empty() ? type_by_extension(key_) : std::string_view(type));
    for (const auto& [name, value] : options_.metadata) {
        std::string field = "x-amz-meta-";
        for (const char c : name)
            field += to_lower(c);
        r.fields.emplace_back(field, value);
    }
    if (!sha256_.empty())
        r.fields.emplace_back("x-amz-meta-sha256", sha256_);
    r.fields.emplace_back("x-amz-meta-cokino-upload", mark_);
}

COKINO_DECL awaitable<result<void>> bucket_upload::write(pointer self, asio::const_buffer bytes)
{
    std::string_view rest(static_cast<const char*>(bytes.data()), bytes.size());
    while (!rest.empty()) {
        if (self->failed_)
            co_return *self->failed_;
        if (self->filling_.size() == self->part_bytes_) {
            auto launched = co_await launch(self);
            if (!launched)
                co_return launched;
        }
        auto& filling = self->filling_;
        if (filling.empty()) {
            const std::uint64_t left = self->expected_.value_or(UINT64_MAX) -
                                       std::min(self->bytes_, self->expected_.value_or(0));
            filling.reserve(static_cast<std::size_t>(
                std::min<std::uint64_t>(self->part_bytes_, std::max<std::uint64_t>(left, 1))));
        }
        const auto count = std::min(rest.size(), self->part_bytes_ - filling.size());
        filling.append(rest.substr(0, count));
        self->digest_.update(rest.substr(0, count));
        self->bytes_ += count;
        rest.remove_prefix(count);
    }
    co_return result<void>();
}

/// While it stands, an upload for the key is being begun.
class beginning_mark
{
public:
    beginning_mark(std::shared_ptr<bucket_core> core, std::string key)
        : core_(std::move(core)), key_(std::move(key))
    {
        core_->beginning.push_back(key_);
    }
    beginning_mark(const beginning_mark&) = delete;
    beginning_mark& operator=(const beginning_mark&) = delete;
    ~beginning_mark()
    {
        auto& all = core_->beginning;
        all.erase(std::find(all.begin(), all.end(), key_));
    }

private:
    std::shared_ptr<bucket_core> core_;
    std::string key_;
};

COKINO_DECL awaitable<result<void>> bucket_upload::begin(pointer self)
{
    const beginning_mark mark(self->core_, self->key_);
    const auto from = self->core_->time.system_now();
    s3_request r = self->request(wire::method::post);
    r.query.emplace_back("uploads", "");
    self->describe(r);
    if (self->core_->options.checksums)
        r.fields.emplace_back("x-amz-checksum-algorithm", "SHA256");
    r.doubts = &self->lost_;
    auto answer = co_await bucket_core::call_ok(self->core_, std::move(r));
    if (!answer)
        co_return answer.error();
    auto id = s3_field(*answer, "InitiateMultipartUploadResult", "UploadId");
    if (!id) { // it was begun, and its name is lost
        self->lost_.emplace_back(from, self->core_->time.system_now(), id.error());
        co_return id.error();
    }
    self->take_id(std::move(*id));
    self->look_for_orphans();
    co_return result<void>();
}

COKINO_DECL void bucket_upload::take_id(std::string id)
{
    id_ = std::move(id);
    core_->open_uploads.push_back(id_);
}

COKINO_DECL std::string bucket_upload::give_id()
{
    auto& open = core_->open_uploads;
    if (const auto at = std::find(open.begin(), open.end(), id_); at != open.end())
        open.erase(at);
    return std::exchange(id_, std::string());
}

// In the background, since the upload need not wait for it.
COKINO_DECL void bucket_upload::look_for_orphans() noexcept
{
    if (lost_.empty())
        return;
    try {
        orphan_search search;
        search.operation = operation_;
        search.key = key_;
        search.own = id_;
        search.lost = std::exchange(lost_, {});
        core_->tidying.spawn(clear_orphans(core_, std::move(search)));
    } catch (...) {
        lost_.clear(); // no memory, or a million of them: left to abort_stale_uploads
    }
}

// Sends what has been filled, as soon as it may.
COKINO_DECL awaitable<result<void>> bucket_upload::launch(pointer self)
{
    if (self->id_.empty()) {
        auto begun = co_await begin(self);
        if (!begun)
            co_return begun;
    }
    if (self->parts_.size() == limits::upload_parts_max)
        co_return failure(errc::sink_full)
            .explain("the file does not fit into the 10,000 parts of an upload", "part_bytes");
    permit slot = co_await self->slots_.acquire();
    if (self->failed_)
        co_return *self->failed_;
    std::string next;
    if (!self->spare_.empty()) {
        next = std::move(self->spare_.back());
        self->spare_.pop_back();
    }
    std::string bytes = std::exchange(self->filling_, std::move(next));
    auto& part = self->parts_.emplace_back();
    part.bytes = bytes.size();
    const auto number = static_cast<unsigned>(self->parts_.size());
    part.sha256 = digest_bytes(self->digest_.finish());
    auto digest = wire::hex_encode(part.sha256);
    self->sending_.spawn(
        send_part(self, number, std::move(bytes), std::move(digest), std::move(slot)));
    co_return result<void>();
}

COKINO_DECL awaitable<void> bucket_upload::send_part(pointer self, unsigned number,
                                                     std::string bytes, std::string digest,
                                                     permit slot)
{
    s3_request r = self->request(wire::method::put);
    r.query.emplace_back("partNumber", to_text(number));
    r.query.emplace_back("uploadId", self->id_);
    if (self->core_->options.checksums)
        r.fields.emplace_back("x-amz-checksum-sha256",
                              wire::base64_encode(self->parts_[number - 1].sha256));
    r.body = bytes;
    r.digest = std::move(digest);
    auto sending = bucket_core::call_ok(self->core_, std::move(r));
    auto answer = co_await as_result(std::move(sending));
    if (!answer)
        self->note(answer.error());
    else if (answer->etag.empty())
        self->note(failure(errc::answer_malformed, fate::answered)
                       .explain("the service confirmed a part without an ETag"));
    else
        self->parts_[number - 1].etag = answer->etag;
    bytes.clear();
    self->spare_.push_back(std::move(bytes));
    slot.release();
}

COKINO_DECL awaitable<result<void>> bucket_upload::all_sent(pointer self)
{
    if (!self->filling_.empty()) {
        auto launched = co_await launch(self);
        if (!launched)
            co_return launched;
    }
    self->filling_ = std::string();
    // All slots in one hand: nothing is on its way any more.
    std::vector<permit> all;
    for (unsigned i = 0; i < self->core_->options.parts_in_flight; ++i) {
        permit slot = co_await self->slots_.acquire();
        all.push_back(std::move(slot));
    }
    if (self->failed_)
        co_return *self->failed_;
    co_return result<void>();
}

COKINO_DECL awaitable<result<object_info>> bucket_upload::finish(pointer self)
{
    if (self->failed_)
        co_return *self->failed_;
    if (!self->id_.empty()) {
        auto sent = co_await all_sent(self);
        if (!sent)
            co_return sent.error();
        self->body_ = self->completion();
        self->body_digest_ = payload_digest(self->body_);
    } else {
        self->body_ = std::exchange(self->filling_, std::string());
        self->body_digest_ = wire::hex_encode(self->digest_.finish());
        self->sha256_ = self->body_digest_;
    }
    co_return co_await place(self);
}

COKINO_DECL awaitable<result<object_info>> bucket_upload::put_whole(pointer self, std::string bytes)
{
    constexpr std::size_t slice = 256 * 1024; // a digest that is not felt by others on the loop
    for (std::size_t at = 0; at < bytes.size(); at += slice) {
        self->digest_.update(std::string_view(bytes).substr(at, slice));
        co_await asio::post(self->core_->ex, asio::deferred);
    }
    self->bytes_ = bytes.size();
    self->body_ = std::move(bytes);
    self->body_digest_ = wire::hex_encode(self->digest_.finish());
    self->sha256_ = self->body_digest_;
    co_return co_await place(self);
}

COKINO_DECL void bucket_upload::give_up(pointer self) noexcept
{
    if (!self)
        return;
    self->sending_.cancel();
    try {
        self->core_->tidying.spawn(tidy(self));
    } catch (...) {
        // No memory, or a million uploads to tidy: the parts are left to abort_stale_uploads.
        self->note(failure(errc::limit_reached));
    }
}

COKINO_DECL awaitable<void> bucket_upload::tidy(pointer self)
{
    auto ended = self->sending_.join();
    const auto joined = co_await as_result(std::move(ended));
    static_cast<void>(joined); // what the parts came to no longer matters
    self->filling_ = std::string();
    self->spare_.clear();
    self->body_ = std::string();
    self->look_for_orphans(); // of tries that were all that there was
    if (self->id_.empty())
        co_return;
    s3_request r = self->request(wire::method::delete_);
    r.operation = "abort";
    r.query.emplace_back("uploadId", self->give_id());
    auto removing = with_timeout(bucket_core::call_ok(self->core_, std::move(r)),
                                 duration(limits::upload_tidy_max));
    const auto removed = co_await as_result(std::move(removing));
    static_cast<void>(removed); // abort_stale_uploads finds what is left
}

} // namespace cokino::detail
