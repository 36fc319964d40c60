// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// One download under way: does what range_fsm decides, with the network, the sink and the clock.
// Decides nothing itself.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/async/offload.hpp>
#include <cokino/async/time_source.hpp>
#include <cokino/core/config.hpp>
#include <cokino/core/observer.hpp>
#include <cokino/core/random_source.hpp>
#include <cokino/model/asset.hpp>
#include <cokino/net/transport.hpp>
#include <cokino/policy/backoff.hpp>
#include <cokino/policy/clock_skew.hpp>
#include <cokino/transfer/detail/content_check.hpp>
#include <cokino/transfer/detail/link_life.hpp>
#include <cokino/transfer/detail/link_policy.hpp>
#include <cokino/transfer/detail/piece_store.hpp>
#include <cokino/transfer/detail/range_fsm.hpp>
#include <cokino/transfer/detail/rate_meter.hpp>
#include <cokino/transfer/download_options.hpp>
#include <cokino/transfer/link_source.hpp>
#include <cokino/transfer/sink.hpp>
#include <cokino/wire/mp4_skeleton.hpp>
#include <cokino/wire/signature.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cokino::detail {

/// Who else is told of a download under way, and may end it: its manager.
class run_watch
{
public:
    /// The file's length has become known, of which `held` bytes are there. Before any are read.
    virtual result<void> on_total(std::uint64_t total, std::uint64_t held) = 0;
    /// `fresh` bytes have been written.
    virtual void on_status(const download_status& status, std::uint64_t fresh) = 0;

protected:
    ~run_watch() = default;
};

/// What is to be fetched, and how.
struct download_order {
    download_order() = default;

    asset file;
    bool is_video = false;
    int duration_s = 0;
    download_options options;
    run_watch* watch = nullptr; ///< Outlives the run; may be null.
};

COKINO_DECL download_order make_order(asset file, const download_options& options);
COKINO_DECL download_order make_order(video clip, const download_options& options);

/// What an order's link may be, with what holds for all downloads of its downloader.
COKINO_DECL link_policy policy_for(const download_options& options, const download_defaults& all);

/// Checks the options and the link, and gives the link.
COKINO_DECL result<wire::url> check_order(const asset& file, const download_options& options,
                                          const link_policy& policy);

/// What a run is given by its downloader.
struct download_tools {
    executor ex;
    net::transport& network;
    link_source* links;
    const download_defaults& defaults;
    observer watch;
    random_source& random;
    policy::clock_skew& clock; ///< Of the hosts: what all downloads learnt.
    piece_store& pieces;
};

class download_run
{
public:
    /// `order` and `into` outlive the run.
    download_run(download_tools tools, download_order& order, sink& into);
    ~download_run(); // abandons what was not committed
    download_run(const download_run&) = delete;
    download_run& operator=(const download_run&) = delete;

    awaitable<result<download_report>> run();

    /// Behind a run that did not end well: the sink keeps or removes its part. Not cancellable.
    awaitable<void> leave();

    /// Adds what is known of this download to a failure, whatever it came from.
    failure described(failure why) const;

private:
    result<void> prepare();
    awaitable<result<range_action>> begin();
    awaitable<result<void>> take_digest(std::uint64_t size);
    awaitable<result<range_action>> step(range_action next);
    awaitable<result<void>> start_over();
    awaitable<result<range_action>> ask(std::uint64_t offset, std::string if_range);
    awaitable<result<void>> open_following(std::uint64_t offset, std::string if_range);
    result<wire::url> next_hop(const wire::url& from, unsigned hops);
    result<wire::request> make_request(const wire::url& to, std::uint64_t offset,
                                       const std::string& if_range) const;
    awaitable<void> read_sample();
    awaitable<result<range_action>> read();
    awaitable<std::optional<failure>> fill();
    awaitable<result<range_action>> store();
    awaitable<result<range_action>> wait(range_action why);
    awaitable<result<range_action>> renew();
    awaitable<result<range_action>> check();
    awaitable<result<download_report>> finish();

    part_state held() const;
    std::string identity() const;
    std::string_view expected_type() const;
    void tell_progress(std::uint64_t fresh);

    /// What a crash may cost: bytes between two syncs.
    static constexpr std::uint64_t checkpoint_bytes = 8 * 1024 * 1024;

    download_tools tools_;
    download_order& order_;
    sink& sink_;
    time_source& time_;
    link_policy policy_;
    range_fsm fsm_;
    policy::backoff backoff_;
    link_life life_;
    wire::url link_;
    std::unique_ptr<net::body_stream> stream_;
    piece piece_;
    std::size_t filled_ = 0;       // of the piece
    std::size_t wanted_ = 0;       // size of the next
    bool ended_ = false;           // the body has come to its end
    std::uint64_t remembered_ = 0; // how far the sink has been told
    wire::sha256 digest_;
    wire::mp4_skeleton skeleton_; // for the structure check where the sink cannot be read back
    rate_meter rate_;
    wire::mp4_info info_;
    std::string said_; // the host's own words beside a refusal
    steady_time started_;
    unsigned redirects_ = 0;
    bool open_ = false; // the sink is
    offload_guard guard_;
};

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/download_request.ipp>
#include <cokino/transfer/impl/download_run.ipp>
#endif
