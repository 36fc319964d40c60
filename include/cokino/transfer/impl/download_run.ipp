// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/detail/download_run.hpp.
#pragma once

#include <cokino/async/sleep.hpp>
#include <cokino/core/text.hpp>
#include <cokino/transfer/detail/download_run.hpp>
#include <cokino/wire/redact.hpp>
#include <cokino/wire/sniff.hpp>

#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

namespace cokino::detail {

inline range_rules rules_for(const download_order& order, bool has_link_source)
{
    range_rules rules;
    rules.tries_max = order.options.tries_max;
    rules.bytes_max = order.options.bytes_max;
    if (order.file.size.value_or(0) != 0)
        rules.size = order.file.size;
    rules.can_renew = order.options.renew && has_link_source && !order.file.from.empty();
    return rules;
}

COKINO_DECL download_order make_order(asset file, const download_options& options)
{
    download_order order;
    order.file = std::move(file);
    order.options = options;
    return order;
}

COKINO_DECL download_order make_order(video clip, const download_options& options)
{
    download_order order = make_order(std::move(clip.file), options);
    order.is_video = true;
    order.duration_s = clip.duration_s;
    order.lines = clip.lines;
    order.aspect_ratio = std::move(clip.aspect_ratio);
    return order;
}

COKINO_DECL link_policy policy_for(const download_options& options, const download_defaults& all)
{
    link_policy policy;
    policy.allow_insecure = options.allow_insecure || all.allow_insecure;
    policy.allow_any_port = options.allow_any_port || all.allow_any_port;
    policy.allow_private_addresses = options.allow_private_addresses || all.allow_private_addresses;
    return policy;
}

COKINO_DECL result<wire::url> check_order(const asset& file, const download_options& options,
                                          const link_policy& policy)
{
    if (auto good = validate(options); !good)
        return good.error();
    if (file.url.empty())
        return invalid("url", "the asset has no link");
    return check_link(file.url, policy);
}

COKINO_DECL download_run::download_run(download_tools tools, download_order& order, sink& into)
    : tools_(std::move(tools)), order_(order), sink_(into), time_(time_of(tools_.ex)),
      fsm_(rules_for(order, tools_.links != nullptr)), backoff_(policy::backoff_options()),
      life_(tools_.clock), digests_(order.options.digest),
      flow_(order.options.rate_bytes_min, order.options.rate_window), started_(time_.now())
{
    policy_ = policy_for(order.options, tools_.defaults);
}

COKINO_DECL download_run::~download_run()
{
    guard_.settle();
    if (!open_)
        return;
    const bool keep = order_.options.keep_part && fsm_.resumable();
    const part_state state = held();
    sink_.abandon(keep ? &state : nullptr);
}

COKINO_DECL awaitable<void> download_run::leave()
{
    stream_.reset();
    if (!std::exchange(open_, false))
        co_return;
    std::optional<part_state> keep;
    if (order_.options.keep_part && fsm_.resumable())
        keep = held();
    co_await sink_.leave(std::move(keep));
}

// ---- what is known ----------------------------------------------------------------------------

COKINO_DECL failure download_run::described(failure why) const
{
    auto& facts = why.edit();
    if (facts.operation.empty() && why == errc::link_expired)
        facts.message += life_.obituary(time_.system_now());
    facts.operation = "download";
    facts.billed = billing::unknown; // whatever the job cost was settled before
    if (facts.host.empty())
        facts.host = link_.where().host;
    if (!order_.file.from.empty())
        facts.job = order_.file.from.text();
    if (facts.host_text.empty() && facts.http_status != 0)
        facts.host_text = said_;
    if (facts.attempts == 0)
        facts.attempts = fsm_.requests();
    facts.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(time_.now() - started_);
    return why;
}

COKINO_DECL part_state download_run::held() const
{
    part_state state;
    state.bytes = fsm_.offset();
    state.identity = identity();
    state.validator = fsm_.validator();
    state.total = fsm_.total();
    state.digest = fsm_.digest();
    return state;
}

// A signed link changes with each renewal while the file stays the same, so a file is known by its
// job; one without a job by its link, save the query, where signatures stand.
COKINO_DECL std::string download_run::identity() const
{
    const auto& file = order_.file;
    std::string text;
    if (!file.from.empty()) {
        const auto& job = file.from.record();
        for (const auto* part :
             {&job.route->provider, &job.route->base_url, &job.route->endpoint, &job.id})
            text.append(*part).append(1, '\n');
        text += to_text(file.index);
    } else {
        text = link_.where().text();
        text += link_.path();
    }
    return wire::hex_encode(wire::sha256_of(text));
}

COKINO_DECL std::string_view download_run::expected_type() const
{
    const auto said = wire::media_type(order_.file.content_type);
    return said.empty() ? std::string_view(fsm_.media_type()) : said;
}

COKINO_DECL void download_run::tell_progress(std::uint64_t fresh)
{
    const auto now = time_.now();
    rate_.add(fresh, now);
    download_status status;
    status.bytes = fsm_.offset();
    status.total = fsm_.total();
    status.resumed_from = fsm_.resumed_from();
    status.requests = fsm_.requests();
    status.rate = rate_.rate(now);
    if (status.total && *status.total >= status.bytes)
        status.remaining = rate_.time_for(*status.total - status.bytes, now);
    if (const auto& end = life_.deadline(); end && end->bound != wire::expiry_bound::lower)
        status.link_left =
            std::chrono::duration_cast<std::chrono::seconds>(end->dies_at - time_.system_now());
    if (tools_.watch) {
        download_progress_event event;
        event.bytes = status.bytes;
        event.total = status.total;
        event.rate = status.rate;
        event.remaining = status.remaining;
        event.link_left = status.link_left;
        tools_.watch.on_download_progress(event);
    }
    if (order_.watch)
        order_.watch->on_status(status, fresh);
    if (order_.options.progress)
        order_.options.progress->on_progress(status);
}

// ---- the loop ---------------------------------------------------------------------------------

COKINO_DECL result<void> download_run::prepare()
{
    auto link = check_order(order_.file, order_.options, policy_);
    if (!link)
        return link.error();
    link_ = std::move(*link);
    return {};
}

COKINO_DECL awaitable<result<download_report>> download_run::run(task_scope* lanes)
{
    lanes_ = lanes;
    if (lanes_ && order_.options.parallel > 1)
        fsm_.slice_by(order_.options.slice_bytes);
    if (auto ready = prepare(); !ready)
        co_return described(ready.error());
    auto next = co_await go_on();
    if (!next)
        co_return described(next.error());
    if (next->what == range_action::kind::fail)
        co_return described(std::move(next->why));
    auto report = co_await finish();
    if (!report)
        co_return described(report.error());
    co_return report;
}

class stream_closer
{
public:
    explicit stream_closer(std::unique_ptr<net::body_stream>& stream) noexcept : stream_(stream) {}
    stream_closer(const stream_closer&) = delete;
    stream_closer& operator=(const stream_closer&) = delete;
    ~stream_closer() { stream_.reset(); }

private:
    std::unique_ptr<net::body_stream>& stream_;
};

// Everything up to the name. However it ends, no connection is open then, and no lane goes on.
COKINO_DECL awaitable<result<range_action>> download_run::go_on()
{
    const stream_closer closer(stream_);
    auto next = co_await begin();
    while (next && next->what != range_action::kind::fail &&
           next->what != range_action::kind::finish) {
        if (next->start_over) {
            auto emptied = co_await start_over();
            if (!emptied) {
                next = emptied.error();
                break;
            }
        }
        range_action todo = std::move(*next);
        next = co_await step(std::move(todo));
    }
    co_return next;
}

COKINO_DECL awaitable<result<range_action>> download_run::step(range_action next)
{
    switch (next.what) {
    case range_action::kind::ask: {
        byte_range range;
        range.first = next.offset;
        range.last = next.last;
        return ask(range, std::move(next.if_range));
    }
    case range_action::kind::read:
        if (next.last)
            slice(*next.last);
        return read();
    case range_action::kind::wait: return wait(std::move(next));
    case range_action::kind::renew: return renew();
    default: return check();
    }
}

COKINO_DECL awaitable<result<range_action>> download_run::begin()
{
    auto opened = co_await sink_.open(identity());
    if (!opened)
        co_return opened.error();
    open_ = true;
    range_start start;
    start.bytes = opened->bytes;
    start.validator = order_.options.resume ? opened->validator : std::string();
    start.total = opened->total;
    start.digest = std::move(opened->digest);
    life_.begin(order_.file, opened->bytes, time_.system_now());
    start.link_is_dead = life_.is_due(time_.system_now());
    range_action next = fsm_.start(start);
    remembered_ = fsm_.offset();
    auto read = co_await take_up_digests();
    if (!read)
        co_return read.error();
    co_return next;
}

// Those of what an earlier download has left.
COKINO_DECL awaitable<result<void>> download_run::take_up_digests()
{
    if (fsm_.offset() == 0)
        co_return result<void>();
    const bool named = order_.options.check_digest && digests_.follow(fsm_.digest());
    static_cast<void>(named); // nothing has passed by yet
    if (digests_.needed())
        co_return co_await read_back(fsm_.offset(), &file_digests::update);
    digests_.miss();
    co_return result<void>();
}

// A digest is of the whole file, so what was written before it was known is read once more.
COKINO_DECL awaitable<result<void>> download_run::read_back(std::uint64_t size, digest_step to)
{
    auto* file = sink_.reader();
    if (!file)
        co_return failure(errc::internal_error)
            .explain("the sink " + sink_.name() + " resumes, but cannot be read back");
    piece_ = tools_.pieces.take(piece_store::first);
    for (std::uint64_t at = 0; at < size;) {
        const auto count =
            static_cast<std::size_t>(std::min<std::uint64_t>(piece_.size(), size - at));
        result<void> done;
        const std::function<void()> work = [&] {
            done = file->read_at(at, {reinterpret_cast<unsigned char*>(piece_.data()), count});
            if (done)
                (digests_.*to)(std::string_view(piece_.data(), count));
        };
        if (sink_.reader_blocks()) {
            co_await offload(work, guard_);
        } else {
            work();
            co_await asio::post(tools_.ex, asio::deferred); // others may have their turn
        }
        if (!done)
            co_return done.error();
        at += count;
    }
    co_return result<void>();
}

// The host has named a digest, perhaps only now that a part of the file is held.
COKINO_DECL awaitable<result<void>> download_run::follow_digest()
{
    if (!order_.options.check_digest || !digests_.follow(fsm_.digest()))
        co_return result<void>();
    if (!sink_.reader()) {
        digests_.give_up();
        co_return result<void>();
    }
    auto read = co_await read_back(fsm_.offset(), &file_digests::catch_up);
    co_return read;
}

COKINO_DECL awaitable<result<void>> download_run::start_over()
{
    digests_.restart();
    skeleton_.reset();
    remembered_ = 0;
    return sink_.restart();
}

COKINO_DECL awaitable<result<range_action>> download_run::wait(range_action why)
{
    stream_.reset();
    if (why.step <= 1)
        backoff_.reset();
    const bool throttled = why.why == errc::rate_limited;
    const duration delay =
        spread_over(backoff_.next(tools_.random, throttled), why.wait_min, why.why);
    co_await sleep_for(delay);
    co_return fsm_.on_waited();
}

// Those who were told the same should not come back together. Tells the observer.
COKINO_DECL duration download_run::spread_over(duration delay, std::chrono::milliseconds wait_min,
                                               const failure& why)
{
    const auto spread = 1.0 + tools_.random.uniform() / 10;
    const std::chrono::duration<double, std::milli> asked(static_cast<double>(wait_min.count()) *
                                                          spread);
    delay = std::max(delay, std::chrono::duration_cast<duration>(asked));
    if (tools_.watch) {
        const failure reason = described(why);
        retry_event event;
        event.operation = "download";
        event.attempt = fsm_.requests();
        event.delay = delay;
        event.why = &reason;
        tools_.watch.on_retry(event);
    }
    return delay;
}

COKINO_DECL awaitable<result<range_action>> download_run::renew()
{
    stream_.reset();
    asset dead = order_.file;
    auto fresh = co_await tools_.links->renew(std::move(dead));
    if (!fresh)
        co_return fsm_.on_not_renewed(fresh.error());
    if (auto taken = take_link(std::move(*fresh)); !taken)
        co_return taken.error();
    co_return fsm_.on_renewed();
}

COKINO_DECL awaitable<result<void>> download_run::take_fresh_link()
{
    asset dead = order_.file;
    auto fresh = co_await tools_.links->renew(std::move(dead));
    if (!fresh)
        co_return fsm_.not_renewed(fresh.error());
    co_return take_link(std::move(*fresh));
}

COKINO_DECL result<void> download_run::take_link(asset fresh)
{
    auto link = check_link(fresh.url, policy_);
    if (!link)
        return link.error();
    link_ = std::move(*link);
    order_.file.url = std::move(fresh.url);
    order_.file.expires_at = fresh.expires_at;
    order_.file.expires_by = fresh.expires_by;
    life_.begin(order_.file, fsm_.offset(), time_.system_now());
    if (order_.watch)
        order_.watch->on_link(order_.file);
    if (tools_.watch) {
        const std::string shown = link_.redacted();
        link_renewed_event event;
        event.job_id = order_.file.from.id();
        event.link = std::string_view(shown).substr(0, shown.find('?'));
        tools_.watch.on_link_renewed(event);
    }
    return {};
}

COKINO_DECL awaitable<result<range_action>> download_run::check()
{
    content_order whole;
    whole.wish = content_wish::anything;
    if (order_.options.check_content)
        whole.wish = wish_for(order_.file, order_.is_video, fsm_.media_type());
    whole.duration_s = order_.duration_s;
    whole.lines = order_.lines;
    whole.aspect_ratio = order_.aspect_ratio;
    whole.end_is_known = fsm_.end_is_known();
    wire::byte_reader* file = sink_.reader();
    if (!file)
        file = &skeleton_;
    if (file->size() != fsm_.offset())
        co_return failure(errc::internal_error)
            .explain("the sink " + sink_.name() + " holds another length than was written");
    if (order_.options.check_digest)
        if (auto same = digests_.check(fsm_.digest()); !same)
            co_return fsm_.on_unfit(same.error());
    result<wire::mp4_info> looked = failure(errc::internal_error);
    const std::function<void()> work = [&] { looked = check_whole(file, whole); };
    if (sink_.reader_blocks())
        co_await offload(work, guard_);
    else
        work();
    if (looked) {
        info_ = *looked;
        co_return fsm_.on_verified();
    }
    if (looked.error() != errc::content_mismatch)
        co_return looked.error(); // reading back failed: nothing is known of the bytes
    co_return fsm_.on_unfit(looked.error());
}

COKINO_DECL awaitable<result<download_report>> download_run::finish()
{
    auto done = co_await sink_.commit();
    if (!done)
        co_return done.error();
    open_ = false;
    download_report report;
    report.path = sink_.name();
    report.bytes = fsm_.offset();
    report.sha256 = digests_.sha256();
    report.etag = fsm_.etag();
    report.content_type = fsm_.media_type();
    report.duration = info_.duration;
    report.width = info_.width;
    report.height = info_.height;
    report.resumed_from = fsm_.resumed_from();
    report.requests = fsm_.requests();
    report.renewals = fsm_.renewals();
    report.restarts = fsm_.restarts();
    report.redirects = redirects_;
    if (const auto& deadline = life_.deadline()) {
        report.link_dies_at = deadline->dies_at;
        report.link_rule = deadline->rule;
    }
    report.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(time_.now() - started_);
    co_return report;
}

} // namespace cokino::detail
