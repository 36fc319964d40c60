// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/bucket_sink.hpp.
#pragma once

#include <cokino/transfer/bucket_sink.hpp>
#include <cokino/transfer/detail/bucket_upload.hpp>

#include <utility>

namespace cokino {

namespace detail {

inline awaitable<result<void>> not_open()
{
    co_return failure(errc::internal_error).explain("the sink is not open");
}

} // namespace detail

COKINO_DECL bucket_sink::bucket_sink(bucket& into, std::string key, object_options options)
    : core_(into.core_), key_(std::move(key)), options_(std::move(options))
{}

COKINO_DECL bucket_sink::~bucket_sink() { abandon(nullptr); }

COKINO_DECL std::string bucket_sink::name() const { return core_->name_of_object(key_); }

COKINO_DECL awaitable<result<part_state>> bucket_sink::open(std::string identity)
{
    abandon(nullptr);
    stored_ = object_info();
    if (auto fit = core_->check(key_); !fit)
        co_return fit.error();
    if (auto fit = validate(options_); !fit)
        co_return fit.error();
    upload_ = std::make_shared<detail::bucket_upload>(core_, key_, options_, "download");
    part_state nothing;
    nothing.identity = std::move(identity);
    co_return nothing;
}

COKINO_DECL result<void> bucket_sink::expect(std::uint64_t total)
{
    return upload_ ? upload_->expect(total) : result<void>();
}

COKINO_DECL awaitable<result<void>> bucket_sink::write(asio::const_buffer bytes)
{
    if (!upload_)
        return detail::not_open();
    return detail::bucket_upload::write(upload_, bytes);
}

COKINO_DECL awaitable<result<void>> bucket_sink::restart()
{
    abandon(nullptr);
    upload_ = std::make_shared<detail::bucket_upload>(core_, key_, options_, "download");
    co_return result<void>();
}

// A part that is here does not outlive the process, so there is nothing to come back to.
COKINO_DECL awaitable<result<void>> bucket_sink::remember(part_state) { co_return result<void>(); }

COKINO_DECL awaitable<result<void>> bucket_sink::commit()
{
    if (!upload_)
        co_return failure(errc::internal_error).explain("the sink is not open");
    auto stored = co_await detail::bucket_upload::finish(upload_);
    if (!stored)
        co_return stored.error();
    stored_ = std::move(*stored);
    abandon(nullptr); // parts that were not needed, since the object was there already
    co_return result<void>();
}

COKINO_DECL void bucket_sink::abandon(const part_state*) noexcept
{
    detail::bucket_upload::give_up(std::exchange(upload_, nullptr));
}

} // namespace cokino
