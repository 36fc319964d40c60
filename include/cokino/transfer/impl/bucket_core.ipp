// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The bodies of transfer/detail/bucket_core.hpp.
#pragma once

#include <cokino/async/as_result.hpp>
#include <cokino/async/sleep.hpp>
#include <cokino/core/limits.hpp>
#include <cokino/core/text.hpp>
#include <cokino/policy/backoff.hpp>
#include <cokino/transfer/detail/bucket_core.hpp>
#include <cokino/transfer/detail/range_fsm.hpp>
#include <cokino/wire/signature.hpp>

#include <algorithm>
#include <utility>

namespace cokino::detail {

COKINO_DECL std::string payload_digest(std::string_view bytes)
{
    return wire::hex_encode(wire::sha256_of(bytes));
}

COKINO_DECL bucket_core::bucket_core(executor e, net::transport& network, bucket_options o,
                                     bucket_keys keys, observer watch)
    : ex(std::move(e)), options(std::move(o)), good(validate(options)), time(time_of(ex)),
      random(options.seed != 0 ? random_source(options.seed) : random_source()), tidying(ex),
      network_(&network), keys_(std::move(keys)), watch_(watch), region_(options.region)
{}

COKINO_DECL void bucket_core::close()
{
    network_ = nullptr;
    tidying.cancel();
}

// ---- where it is -------------------------------------------------------------------------------

COKINO_DECL std::string bucket_core::endpoint() const
{
    return options.endpoint.empty() ? "https://s3." + region_ + ".amazonaws.com" : options.endpoint;
}

inline bool name_goes_into_host(const bucket_options& options, std::string_view host) noexcept
{
    if (options.addressing != bucket_addressing::automatic)
        return options.addressing == bucket_addressing::host;
    // A certificate for *.host does not cover two labels.
    return host.ends_with(".amazonaws.com") && options.name.find('.') == std::string::npos;
}

COKINO_DECL result<wire::url> bucket_core::address(const s3_request& request) const
{
    auto base = wire::url::parse(endpoint());
    if (!base)
        return base.error();
    const auto& where = base->where();
    std::string text = where.scheme + "://";
    std::string path;
    if (name_goes_into_host(options, where.host))
        text += options.name + ".";
    else
        path = "/" + options.name;
    text += where.authority() + path;
    text += "/" + wire::sigv4_encode_path(request.key);
    char mark = '?';
    for (const auto& [name, value] : request.query) {
        text += mark;
        text += wire::percent_encode(name);
        if (!value.empty())
            text += "=" + wire::percent_encode(value);
        mark = '&';
    }
    return wire::url::parse(text);
}

COKINO_DECL std::string bucket_core::name_of_object(const std::string& key) const
{
    return "bucket " + options.name + ", " + key;
}

// Segments of dots, and double slashes, mean one thing to S3 and another to whatever folds paths on
// the way there.
COKINO_DECL result<void> bucket_core::check(const std::string& key) const
{
    if (!good)
        return good;
    const auto bad = [](const char* what) { return invalid("key", what); };
    if (key.empty() || key.size() > limits::object_key_bytes_max)
        return bad("must have 1 to 1024 bytes");
    for (const char c : key)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            return bad("must not hold control characters");
    if (clean_text(key, key.size()) != key)
        return bad("must be UTF-8");
    std::string_view rest = key;
    while (true) {
        const bool last = rest.find('/') == std::string_view::npos;
        const auto part = take_until(rest, '/');
        if (part.empty() || part == "." || part == "..")
            return bad("must have no empty segment and none of dots alone");
        if (last)
            return {};
        if (rest.empty())
            return bad("must not end with a slash");
    }
}

// ---- signing -----------------------------------------------------------------------------------

COKINO_DECL wire::sigv4_scope bucket_core::scope() const
{
    wire::sigv4_scope out;
    out.at = std::chrono::floor<std::chrono::seconds>(time.system_now()) + skew_;
    out.region = region_;
    return out;
}

COKINO_DECL wire::exchange_limits bucket_core::limits_for(const s3_request& request) const
{
    wire::exchange_limits out;
    out.write_stall = options.stall;
    out.first_byte = options.answer;
    out.total += std::chrono::seconds(request.body.size() / limits::upload_bytes_per_second_min);
    return out;
}

COKINO_DECL result<wire::request> bucket_core::signed_request(const s3_request& request,
                                                              const bucket_key& key) const
{
    auto to = address(request);
    if (!to)
        return to.error();
    wire::sigv4_message message;
    message.method = wire::name_of(request.verb);
    message.target = to->target();
    message.payload_digest = request.digest.empty() ? payload_digest({}) : request.digest;
    message.fields = request.fields;
    message.fields.emplace_back("host", to->where().authority());
    const auto added = wire::sigv4_sign(message, scope(), key.pair);

    // Written only if the URL is of the very origin that the key is bound to.
    wire::credential bound;
    bound.key = secret(added.fields.back().value);
    bound.bound_to = to->where();
    wire::head_builder builder(request.verb, *to);
    for (const auto& field : request.fields)
        builder.field(field.name, field.value);
    for (std::size_t i = 0; i + 1 < added.fields.size(); ++i)
        builder.field(added.fields[i].name, added.fields[i].value);
    auto head = builder.authorize(bound).build();
    if (!head)
        return head.error();
    wire::request out(std::move(*head));
    out.borrowed = request.body;
    if (asks_leave(request))
        out.continue_wait = options.continue_wait;
    out.limits = limits_for(request);
    out.public_addresses_only = !options.allow_private_addresses;
    return out;
}

COKINO_DECL awaitable<result<std::string>> bucket_core::presign(std::shared_ptr<bucket_core> core,
                                                                wire::method verb, std::string key,
                                                                std::chrono::seconds lifetime)
{
    if (auto fit = core->check(key); !fit)
        co_return fit.error();
    if (lifetime < std::chrono::seconds(1) || lifetime > std::chrono::hours(24 * 7))
        co_return invalid("lifetime", "must be from 1 s to 7 days");
    const auto good_key = co_await core->keys_.get();
    if (!good_key)
        co_return good_key.error();
    s3_request request;
    request.key = std::move(key);
    const auto to = core->address(request);
    if (!to)
        co_return to.error();
    wire::sigv4_message message;
    message.method = wire::name_of(verb);
    message.target = to->target();
    message.fields.emplace_back("host", to->where().authority());
    co_return to->where().text() +
        wire::sigv4_presign(message, core->scope(), good_key->pair, lifetime);
}

// ---- carrying ----------------------------------------------------------------------------------

COKINO_DECL failure bucket_core::described(failure why, std::string_view operation,
                                           steady_time started) const
{
    auto& facts = why.edit();
    facts.operation = operation;
    if (facts.host.empty()) {
        const auto at = wire::url::parse(endpoint());
        facts.host = at ? at->where().host : endpoint();
    }
    facts.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(time.now() - started);
    return why;
}

COKINO_DECL void bucket_core::warn(std::string_view operation, failure what) const
{
    if (!network_ || !watch_)
        return;
    what = described(std::move(what), operation, time.now());
    warning_event event;
    event.operation = operation;
    event.what = &what;
    watch_.on_warning(event);
}

COKINO_DECL std::chrono::seconds bucket_core::clock_ahead(const s3_answer& answer) const
{
    if (!answer.date)
        return skew_;
    return *answer.date - std::chrono::floor<std::chrono::seconds>(time.system_now());
}

COKINO_DECL std::string bucket_core::fresh_mark()
{
    std::string bytes;
    for (int i = 0; i < 2; ++i) {
        const std::uint64_t word = random.next();
        for (unsigned shift = 0; shift < 64; shift += 8)
            bytes += static_cast<char>(word >> shift & 0xFF);
    }
    return wire::hex_encode(bytes);
}

COKINO_DECL bool bucket_core::asks_leave(const s3_request& request) const noexcept
{
    return asks_leave_ && options.continue_wait.count() > 0 &&
           request.body.size() >= limits::continue_body_bytes_min;
}

COKINO_DECL s3_call_rules bucket_core::rules_for(const s3_request& request) const
{
    s3_call_rules rules;
    rules.tries_max = options.tries_max;
    rules.repeats = request.repeats;
    rules.wordless = request.verb == wire::method::head;
    rules.keys_renew = true;
    rules.asks_leave = asks_leave(request);
    rules.region = region_;
    return rules;
}

COKINO_DECL void bucket_core::learn(const s3_call_action& next, const s3_answer& answer,
                                    const bucket_key& used)
{
    if (next.what == s3_call_action::kind::set_clock && answer.date)
        skew_ = *answer.date - std::chrono::floor<std::chrono::seconds>(time.system_now());
    if (next.what == s3_call_action::kind::set_region && is_region(next.region))
        region_ = next.region;
    if (next.what == s3_call_action::kind::ask_no_leave)
        asks_leave_ = false;
    if (next.what == s3_call_action::kind::renew_key)
        keys_.forget(used);
}

COKINO_DECL awaitable<void> bucket_core::back_off(std::shared_ptr<bucket_core> core,
                                                  std::string operation, unsigned step,
                                                  bool throttled,
                                                  std::chrono::milliseconds wait_min, failure why)
{
    policy::backoff steps(core->options.backoff);
    for (unsigned i = 1; i < step; ++i)
        steps.next(core->random, throttled);
    duration delay = steps.next(core->random, throttled);
    // Those who were told the same should not come back together.
    const auto spread = 1.0 + core->random.uniform() / 10;
    const std::chrono::duration<double, std::milli> asked(static_cast<double>(wait_min.count()) *
                                                          spread);
    delay = std::max(delay, std::chrono::duration_cast<duration>(asked));
    if (core->watch_) {
        retry_event event;
        event.operation = operation;
        event.attempt = step;
        event.delay = delay;
        event.why = &why;
        core->watch_.on_retry(event);
    }
    co_await sleep_for(delay);
}

COKINO_DECL awaitable<result<s3_answer>> bucket_core::call(std::shared_ptr<bucket_core> core,
                                                           s3_request request)
{
    const auto started = core->time.now();
    s3_call_fsm fsm(core->rules_for(request));
    for (;;) {
        const auto key = co_await core->keys_.get();
        if (!key)
            co_return core->described(key.error(), request.operation, started);
        if (!core->network_)
            co_return core->described(failure(errc::closed), request.operation, started);
        auto message = core->signed_request(request, *key);
        if (!message)
            co_return core->described(message.error(), request.operation, started);
        doubtful_try sent;
        sent.from = core->time.system_now();
        auto answered = co_await core->network_->exchange(std::move(*message));
        s3_answer answer;
        s3_call_action next;
        if (answered) {
            const auto now = std::chrono::floor<std::chrono::seconds>(core->time.system_now());
            answer = read_s3_answer(*answered, now);
            next = fsm.on_answer(answer);
        } else {
            next = fsm.on_failure(answered.error());
        }
        sent.until = core->time.system_now();
        const bool doubtful =
            answered ? is_doubtful(answer) : answered.error().sent() != fate::not_sent;
        if (request.doubts && doubtful) {
            sent.why = answered ? s3_failure(answer) : answered.error();
            request.doubts->push_back(sent);
        }
        if (next.what == s3_call_action::kind::use)
            co_return answer;
        if (next.what == s3_call_action::kind::fail)
            co_return core->described(std::move(next.why), request.operation, started);
        core->learn(next, answer, *key);
        if (next.what == s3_call_action::kind::ask_region) {
            s3_request where;
            where.operation = request.operation;
            where.query.emplace_back("location", "");
            // Whatever it answers: a refusal that names the region has been learnt from.
            const auto asked = co_await call(core, std::move(where));
            static_cast<void>(asked);
        }
        if (next.what == s3_call_action::kind::wait) {
            auto why = core->described(std::move(next.why), request.operation, started);
            co_await back_off(core, request.operation, next.step, next.throttled, next.wait_min,
                              std::move(why));
        }
    }
}

COKINO_DECL awaitable<result<s3_answer>> bucket_core::call_ok(std::shared_ptr<bucket_core> core,
                                                              s3_request request)
{
    const auto started = core->time.now();
    const std::string operation = request.operation;
    auto answer = co_await call(core, std::move(request));
    if (answer && !answer->ok())
        co_return core->described(s3_failure(*answer), operation, started);
    co_return answer;
}

COKINO_DECL placing_answer read_placing_answer(const result<s3_answer>& answer, bool in_parts,
                                               failure& why)
{
    if (!answer) {
        why = answer.error();
        // Tries that ended say so; what was never sent was tried often enough, too.
        const bool open = why.facts().stopped.empty() && why.sent() != fate::not_sent;
        return open && is_worth_another_try(why) ? placing_answer::passing
                                                 : placing_answer::refused;
    }
    if (answer->ok()) {
        if (!in_parts)
            return answer->etag.empty() ? placing_answer::unproved : placing_answer::stored;
        return s3_field(*answer, "CompleteMultipartUploadResult", "ETag")
                   ? placing_answer::stored
                   : placing_answer::unproved;
    }
    why = s3_failure(*answer);
    if (answer->status == 412)
        return placing_answer::exists;
    if (answer->status == 501)
        return placing_answer::not_offered;
    if (answer->code == "ConditionalRequestConflict")
        return placing_answer::conflict;
    if (in_parts && answer->code == "NoSuchUpload")
        return placing_answer::gone;
    return is_passing(*answer) ? placing_answer::passing : placing_answer::refused;
}

} // namespace cokino::detail
