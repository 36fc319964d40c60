// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/downloader.hpp.
#pragma once

#include <cokino/async/as_result.hpp>
#include <cokino/async/offload.hpp>
#include <cokino/async/task_scope.hpp>
#include <cokino/async/with_timeout.hpp>
#include <cokino/transfer/detail/download_run.hpp>
#include <cokino/transfer/detail/part_file.hpp>
#include <cokino/transfer/downloader.hpp>
#include <cokino/transfer/file_sink.hpp>
#include <cokino/transfer/memory_sink.hpp>

#include <algorithm>
#include <functional>
#include <utility>

namespace cokino {

namespace detail {

/// A run whose lanes end before it does.
class run_in_lanes
{
public:
    explicit run_in_lanes(download_run& one) noexcept : one_(one) {}
    awaitable<result<download_report>> operator()(task_scope& lanes) { return one_.run(&lanes); }

private:
    download_run& one_;
};

/// The look beside the loop; the guard goes before what the look uses.
inline awaitable<void> look_at_target(std::string path, bool overwrite)
{
    part_file file(std::move(path), overwrite);
    result<void> looked = failure(errc::internal_error);
    const std::function<void()> work = [&] { looked = file.look(); };
    offload_guard guard;
    co_await offload(work, guard);
    if (looked)
        co_return;
    failure why = looked.error();
    why.edit().operation = "check_target";
    throw error(std::move(why));
}

inline awaitable<void> refuse_target(failure why)
{
    why.edit().operation = "check_target";
    throw error(std::move(why));
    co_return;
}

} // namespace detail

COKINO_DECL downloader::downloader(executor ex, net::transport& network, link_source* links,
                                   download_defaults defaults, observer watch)
    : executor_(std::move(ex)), network_(network), links_(links), defaults_(std::move(defaults)),
      watch_(watch)
{
    if (defaults_.seed != 0)
        random_ = random_source(defaults_.seed);
}

COKINO_DECL result<wire::origin> downloader::check(const asset& file,
                                                   const download_options& options) const
{
    auto link = detail::check_order(file, options, detail::policy_for(options, defaults_));
    if (!link)
        return link.error();
    return link->where();
}

COKINO_DECL awaitable<void> downloader::check_target(std::string path, download_options options)
{
    if (auto good = validate(options); !good)
        return detail::refuse_target(good.error());
    return detail::look_at_target(std::move(path), options.overwrite);
}

COKINO_DECL awaitable<download_report> downloader::download(video clip, std::string path,
                                                            download_options options)
{
    return into_file(detail::make_order(std::move(clip), options), std::move(path));
}

COKINO_DECL awaitable<download_report> downloader::download(asset file, std::string path,
                                                            download_options options)
{
    return into_file(detail::make_order(std::move(file), options), std::move(path));
}

COKINO_DECL awaitable<download_report> downloader::download(video clip, sink& into,
                                                            download_options options)
{
    return into_sink(detail::make_order(std::move(clip), options), into);
}

COKINO_DECL awaitable<download_report> downloader::download(asset file, sink& into,
                                                            download_options options)
{
    return into_sink(detail::make_order(std::move(file), options), into);
}

COKINO_DECL awaitable<std::string> downloader::download_to_memory(asset file,
                                                                  download_options options)
{
    return into_memory(detail::make_order(std::move(file), options));
}

COKINO_DECL awaitable<std::string> downloader::download_to_memory(video clip,
                                                                  download_options options)
{
    return into_memory(detail::make_order(std::move(clip), options));
}

COKINO_DECL awaitable<download_report> downloader::into_file(detail::download_order order,
                                                             std::string path)
{
    file_sink_options how;
    how.overwrite = order.options.overwrite;
    how.direct = order.options.direct;
    file_sink file(std::move(path), how);
    auto report = co_await run(std::move(order), file);
    co_return value_or_throw(std::move(report));
}

COKINO_DECL awaitable<download_report> downloader::into_sink(detail::download_order order,
                                                             sink& into)
{
    auto report = co_await run(std::move(order), into);
    co_return value_or_throw(std::move(report));
}

COKINO_DECL awaitable<std::string> downloader::into_memory(detail::download_order order)
{
    const std::uint64_t cap =
        std::min<std::uint64_t>(order.options.bytes_max, limits::memory_sink_bytes_max);
    memory_sink memory(static_cast<std::size_t>(cap));
    order.options.keep_part = false; // nobody could come back for it
    auto report = co_await run(std::move(order), memory);
    value_or_throw(std::move(report));
    co_return memory.take();
}

// Whatever ends a download, the caller's cancellation too, leaves here as a failure with the facts.
COKINO_DECL awaitable<result<download_report>> downloader::run(detail::download_order order,
                                                               sink& into)
{
    const auto total = order.options.total;
    const bool sliced = order.options.parallel > 1;
    detail::download_run one(
        {executor_, network_, links_, defaults_, watch_, random_, clock_, pieces_}, order, into);
    result<download_report> report = failure(errc::internal_error);
    detail::run_in_lanes in_lanes(one);
    auto op = sliced ? with_task_scope(in_lanes) : one.run();
    if (total.count() > 0)
        report = co_await as_result(with_timeout(std::move(op), total));
    else
        report = co_await as_result(std::move(op));
    if (report)
        co_return report;
    const failure why = one.described(report.error());
    // The part is looked after even by a cancelled download.
    const bool throwing = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await one.leave();
    co_await asio::this_coro::throw_if_cancelled(throwing);
    co_return why;
}

} // namespace cokino
