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
#include <cokino/transfer/detail/file_digests.hpp>
#include <cokino/transfer/detail/link_life.hpp>
#include <cokino/transfer/detail/link_policy.hpp>
#include <cokino/transfer/detail/piece_store.hpp>
#include <cokino/transfer/detail/range_fsm.hpp>
#include <cokino/transfer/detail/rate_meter.hpp>
#include <cokino/transfer/detail/rate_window.hpp>
#include <cokino/transfer/detail/sliced_body.hpp>
#include <cokino/transfer/download_options.hpp>
#include <cokino/transfer/link_source.hpp>
#include <cokino/transfer/sink.hpp>
#include <cokino/wire/mp4_skeleton.hpp>

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
    /// `fresh` has the link, renewed, that the file comes from now on.
    virtual void on_link(const asset& fresh) = 0;

protected:
    ~run_watch() = default;
};

/// What is to be fetched, and how.
struct download_order {
    download_order() = default;

    asset file;
    bool is_video = false;
    int duration_s = 0;
    int lines = 0;
    std::string aspect_ratio;
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

class download_run final : private slice_carrier
{
public:
    /// `order` and `into` outlive the run.
    download_run(download_tools tools, download_order& order, sink& into);
    ~download_run(); // abandons what was not committed
    download_run(const download_run&) = delete;
    download_run& operator=(const download_run&) = delete;

    /// `lanes` is for options.parallel above 1; null: one stream. It outlives the awaitable.
    awaitable<result<download_report>> run(task_scope* lanes = nullptr);

    /// Behind a run that did not end well: the sink keeps or removes its part. Not cancellable.
    awaitable<void> leave();

    /// Adds what is known of this download to a failure, whatever it came from.
    failure described(failure why) const;

private:
    /// What a request asks for. All of the file: from 0 to nothing.
    struct byte_range {
        std::uint64_t first = 0;
        std::optional<std::uint64_t> last; // inclusive
    };

    awaitable<result<range_action>> go_on();
    result<void> prepare();
    awaitable<result<range_action>> begin();
    using digest_step = void (file_digests::*)(std::string_view bytes);
    awaitable<result<void>> read_back(std::uint64_t size, digest_step to);
    awaitable<result<void>> take_up_digests();
    awaitable<result<void>> follow_digest();
    awaitable<result<range_action>> step(range_action next);
    awaitable<result<void>> start_over();
    awaitable<result<range_action>> ask(byte_range range, std::string if_range);
    awaitable<result<std::unique_ptr<net::body_stream>>> open_following(byte_range range,
                                                                        std::string if_range);
    result<wire::url> next_hop(const wire::response& head, const wire::url& from, unsigned hops);
    result<wire::request> make_request(const wire::url& to, byte_range range,
                                       const std::string& if_range) const;
    awaitable<void> read_sample();
    COKINO_DECL failure too_slow() const override;
    void slice(std::uint64_t last);
    awaitable<result<range_action>> read();
    awaitable<std::optional<failure>> fill();
    awaitable<result<range_action>> store();
    awaitable<result<void>> keep(asio::const_buffer bytes);
    awaitable<result<void>> keep_and_digest(asio::const_buffer bytes);
    awaitable<result<range_action>> wait(range_action why);
    awaitable<result<range_action>> renew();
    awaitable<result<void>> take_fresh_link();
    result<void> take_link(asset fresh);
    duration spread_over(duration delay, std::chrono::milliseconds wait_min, const failure& why);
    awaitable<result<range_action>> check();
    awaitable<result<download_report>> finish();

    COKINO_DECL awaitable<result<std::unique_ptr<net::body_stream>>> open_slice(
        std::uint64_t first, std::uint64_t last) override;
    COKINO_DECL range_head read_head(const wire::response& head) const override;
    COKINO_DECL awaitable<result<void>> renew_for_slices(range_head dead) override;
    COKINO_DECL duration slice_delay(const slice_action& why) override;
    COKINO_DECL rate_window slice_rate() const override;

    part_state held() const;
    std::string identity() const;
    std::string_view expected_type() const;
    void tell_progress(std::uint64_t fresh);

    /// What a crash may cost is 8 MiB: bytes between two syncs, and the piece after which it is
    /// found that so many have come.
    static constexpr std::uint64_t checkpoint_bytes =
        8 * 1024 * 1024 - limits::download_piece_bytes_max;

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
    file_digests digests_;
    rate_window flow_;            // what is too slow; rate_ is for whoever looks on
    wire::mp4_skeleton skeleton_; // for the structure check where the sink cannot be read back
    rate_meter rate_;
    wire::mp4_info info_;
    std::string said_; // the host's own words beside a refusal
    steady_time started_;
    task_scope* lanes_ = nullptr;
    unsigned redirects_ = 0;
    bool sliced_ = false; // stream_ is a sliced_body
    bool open_ = false;   // the sink is
    offload_guard guard_;
};

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/download_request.ipp>
#include <cokino/transfer/impl/download_run.ipp>
#endif
