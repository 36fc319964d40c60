// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/download_manager.hpp.
#pragma once

#include <cokino/transfer/detail/managed_downloads.hpp>
#include <cokino/transfer/download_manager.hpp>

#include <utility>

namespace cokino {

COKINO_DECL download_manager::download_manager(executor ex, downloader& loads,
                                               download_manager_options options, observer watch)
{
    if (auto good = validate(options); !good)
        throw error(good.error());
    state_ = std::make_shared<detail::managed_downloads>(ex, loads, options, watch);
}

COKINO_DECL download_manager::~download_manager() { state_->close(); }

COKINO_DECL awaitable<download_report> download_manager::download(video clip, std::string path,
                                                                  download_options options)
{
    return state_->into_file(detail::make_order(std::move(clip), options), std::move(path));
}

COKINO_DECL awaitable<download_report> download_manager::download(asset file, std::string path,
                                                                  download_options options)
{
    return state_->into_file(detail::make_order(std::move(file), options), std::move(path));
}

COKINO_DECL awaitable<download_report> download_manager::download(video clip, sink& into,
                                                                  download_options options)
{
    return state_->into_sink(detail::make_order(std::move(clip), options), into);
}

COKINO_DECL awaitable<download_report> download_manager::download(asset file, sink& into,
                                                                  download_options options)
{
    return state_->into_sink(detail::make_order(std::move(file), options), into);
}

COKINO_DECL download_manager_status download_manager::status() const { return state_->status(); }

COKINO_DECL const download_manager_options& download_manager::options() const noexcept
{
    return state_->options();
}

} // namespace cokino
