// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/bucket.hpp.
#pragma once

#include <cokino/async/as_result.hpp>
#include <cokino/transfer/bucket.hpp>
#include <cokino/transfer/detail/bucket_upload.hpp>

#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <fstream>
#include <utility>

namespace cokino {
namespace detail {

using core_pointer = std::shared_ptr<bucket_core>;

/// Bytes looked at or read in one go: short enough not to be felt by others on the loop.
inline constexpr std::size_t bucket_slice_bytes = 256 * 1024;

inline awaitable<result<object_info>> put_bytes(core_pointer core, std::string key,
                                                std::string bytes, object_options options)
{
    if (auto fit = core->check(key); !fit)
        co_return fit.error();
    if (auto fit = validate(options); !fit)
        co_return fit.error();
    bucket_upload::pointer upload =
        std::make_shared<bucket_upload>(core, std::move(key), std::move(options), "put");
    co_return co_await bucket_upload::put_whole(upload, std::move(bytes));
}

inline failure put_file_failure(const std::string& path, const char* what)
{
    return failure(errc::file_failed).explain(path + " " + what, "path");
}

/// Reads the file from where it stands and hands it on in slices; to nowhere without an upload.
/// Gives the digest.
inline awaitable<result<std::string>> read_through(core_pointer core, std::string path,
                                                   std::uint64_t size, bucket_upload::pointer into)
{
    std::ifstream in(path, std::ios::binary);
    wire::sha256 digest;
    std::string slice(bucket_slice_bytes, '\0');
    for (std::uint64_t at = 0; at < size;) {
        const auto count =
            static_cast<std::size_t>(std::min<std::uint64_t>(slice.size(), size - at));
        if (!in.read(slice.data(), static_cast<std::streamsize>(count)))
            co_return put_file_failure(path, "cannot be read, or became shorter");
        digest.update(std::string_view(slice).substr(0, count));
        at += count;
        if (into) {
            auto written =
                co_await bucket_upload::write(into, asio::const_buffer(slice.data(), count));
            if (!written)
                co_return written.error();
        }
        co_await asio::post(core->ex, asio::deferred); // others may have their turn
    }
    co_return wire::hex_encode(digest.finish());
}

inline result<std::uint64_t> size_of_file(const std::string& path)
{
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    const auto end = in ? in.tellg() : std::ifstream::pos_type(-1);
    if (end < std::ifstream::pos_type(0))
        return put_file_failure(path, "cannot be opened");
    return static_cast<std::uint64_t>(end);
}

inline awaitable<result<object_info>> put_file_parts(core_pointer core, std::string path,
                                                     std::uint64_t size, std::string sha256,
                                                     bucket_upload::pointer upload)
{
    if (auto fits = upload->expect(size); !fits)
        co_return fits.error();
    auto again = co_await read_through(core, path, size, upload);
    if (!again)
        co_return again.error();
    if (*again != sha256)
        co_return put_file_failure(path, "changed while it was sent");
    co_return co_await bucket_upload::finish(upload);
}

/// Gives an upload up when the coroutine that feeds it goes, however that comes.
struct upload_guard {
    explicit upload_guard(bucket_upload::pointer u) noexcept : upload(std::move(u)) {}
    upload_guard(const upload_guard&) = delete;
    upload_guard& operator=(const upload_guard&) = delete;
    ~upload_guard() { bucket_upload::give_up(upload); }

    bucket_upload::pointer upload;
};

inline awaitable<result<object_info>> put_file(core_pointer core, std::string key, std::string path,
                                               object_options options)
{
    if (auto fit = core->check(key); !fit)
        co_return fit.error();
    if (auto fit = validate(options); !fit)
        co_return fit.error();
    const auto size = size_of_file(path);
    if (!size)
        co_return size.error();
    auto sha256 = co_await read_through(core, path, *size, nullptr);
    if (!sha256)
        co_return sha256.error();
    const upload_guard guard(
        std::make_shared<bucket_upload>(core, std::move(key), std::move(options), "put", *sha256));
    co_return co_await put_file_parts(core, std::move(path), *size, *sha256, guard.upload);
}

inline awaitable<result<object_info>> head_object(core_pointer core, std::string key)
{
    if (auto fit = core->check(key); !fit)
        co_return fit.error();
    s3_request r;
    r.operation = "head";
    r.verb = wire::method::head;
    r.key = key;
    auto answer = co_await bucket_core::call_ok(core, std::move(r));
    if (!answer)
        co_return answer.error();
    object_info out;
    out.key = std::move(key);
    out.bytes = answer->length.value_or(0);
    out.etag = answer->etag;
    out.sha256 = answer->sha256;
    out.content_type = answer->content_type;
    out.upload = answer->upload;
    out.existed = true;
    co_return out;
}

inline awaitable<result<void>> remove_object(core_pointer core, std::string key)
{
    if (auto fit = core->check(key); !fit)
        co_return fit.error();
    s3_request r;
    r.operation = "remove";
    r.verb = wire::method::delete_;
    r.key = std::move(key);
    const auto started = core->time.now();
    auto answer = co_await bucket_core::call(core, std::move(r));
    if (!answer)
        co_return answer.error();
    const bool absent = answer->status == 404 && answer->code != "NoSuchBucket";
    if (!answer->ok() && !absent)
        co_return core->described(s3_failure(*answer), "remove", started);
    co_return result<void>();
}

/// One page of the uploads that are open.
inline awaitable<result<s3_upload_list>> list_uploads(core_pointer core, std::string prefix,
                                                      std::string next_key, std::string next_id)
{
    s3_request r;
    r.operation = "abort_stale_uploads";
    r.query.emplace_back("uploads", "");
    if (!next_key.empty())
        r.query.emplace_back("key-marker", next_key);
    if (!next_id.empty())
        r.query.emplace_back("upload-id-marker", next_id);
    if (!prefix.empty())
        r.query.emplace_back("prefix", prefix);
    auto answer = co_await bucket_core::call_ok(core, std::move(r));
    if (!answer)
        co_return answer.error();
    co_return read_upload_list(*answer);
}

inline awaitable<result<void>> abort_upload(core_pointer core, s3_open_upload upload)
{
    s3_request r;
    r.operation = "abort_stale_uploads";
    r.verb = wire::method::delete_;
    r.key = std::move(upload.key);
    r.query.emplace_back("uploadId", std::move(upload.id));
    const auto started = core->time.now();
    auto answer = co_await bucket_core::call(core, std::move(r));
    if (!answer)
        co_return answer.error();
    if (!answer->ok() && answer->status != 404)
        co_return core->described(s3_failure(*answer), "abort_stale_uploads", started);
    co_return result<void>();
}

inline awaitable<result<std::size_t>> abort_stale(core_pointer core, std::chrono::seconds age_min,
                                                  std::string prefix)
{
    if (!core->good)
        co_return core->good.error();
    if (age_min.count() < 0)
        co_return invalid("age_min", "must not be negative");
    const auto before = core->time.system_now() - age_min;
    std::size_t removed = 0;
    s3_upload_list page;
    // A page has a thousand at most; those that were removed do not come again.
    for (unsigned pages = 0; pages < 10; ++pages) {
        auto listed = co_await list_uploads(core, prefix, page.next_key, page.next_id);
        if (!listed)
            co_return listed.error();
        page = std::move(*listed);
        for (auto& upload : page.uploads) {
            if (!upload.begun || *upload.begun > before || upload.key.empty() ||
                upload.id.empty() || !upload.key.starts_with(prefix))
                continue;
            auto gone = co_await abort_upload(core, upload);
            if (!gone)
                co_return gone.error();
            ++removed;
        }
        if (!page.more || page.next_key.empty())
            break;
    }
    co_return removed;
}

/// The verb's outermost line, which throws.
template <class T> awaitable<T> thrown(awaitable<result<T>> op)
{
    auto r = co_await as_result(std::move(op));
    co_return value_or_throw(std::move(r));
}

inline awaitable<void> thrown(awaitable<result<void>> op)
{
    auto r = co_await as_result(std::move(op));
    value_or_throw(std::move(r));
}

} // namespace detail

COKINO_DECL bucket::bucket(executor ex, net::transport& network, bucket_options options,
                           bucket_keys keys, observer watch)
    : core_(std::make_shared<detail::bucket_core>(std::move(ex), network, std::move(options),
                                                  std::move(keys), watch))
{}

COKINO_DECL bucket::~bucket() { core_->close(); }

COKINO_DECL const bucket_options& bucket::options() const noexcept { return core_->options; }

COKINO_DECL awaitable<object_info> bucket::put(std::string key, std::string bytes,
                                               object_options options)
{
    return detail::thrown(
        detail::put_bytes(core_, std::move(key), std::move(bytes), std::move(options)));
}

COKINO_DECL awaitable<object_info> bucket::put_file(std::string key, std::string path,
                                                    object_options options)
{
    return detail::thrown(
        detail::put_file(core_, std::move(key), std::move(path), std::move(options)));
}

COKINO_DECL awaitable<object_info> bucket::head(std::string key)
{
    return detail::thrown(detail::head_object(core_, std::move(key)));
}

COKINO_DECL awaitable<void> bucket::remove(std::string key)
{
    return detail::thrown(detail::remove_object(core_, std::move(key)));
}

COKINO_DECL awaitable<std::string> bucket::presign_get(std::string key,
                                                       std::chrono::seconds lifetime)
{
    return detail::thrown(
        detail::bucket_core::presign(core_, wire::method::get, std::move(key), lifetime));
}

COKINO_DECL awaitable<std::string> bucket::presign_put(std::string key,
                                                       std::chrono::seconds lifetime)
{
    return detail::thrown(
        detail::bucket_core::presign(core_, wire::method::put, std::move(key), lifetime));
}

COKINO_DECL awaitable<std::size_t> bucket::abort_stale_uploads(std::chrono::seconds age_min,
                                                               std::string prefix)
{
    return detail::thrown(detail::abort_stale(core_, age_min, std::move(prefix)));
}

COKINO_DECL awaitable<void> bucket::settle() { return core_->tidying.join(); }

} // namespace cokino
