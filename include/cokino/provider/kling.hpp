// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Kling's own API, in both of the generations that answer at the same time.
// [providers/kling-kie-piapi-pollo-wireflow.md §1]
//
//   current   POST /text-to-video/kling-2.5-turbo, /image-to-video/kling-2.5-turbo, .../kling-3.0
//             GET  /tasks?task_ids=A,B,...        up to twenty jobs in one look
//   legacy    POST /v1/videos/text2video, /v1/videos/image2video
//             GET  /v1/videos/text2video/{id}     one job in one look
//
// Which generation a job belongs to stands in its endpoint, so a client finds its jobs again when
// the option was changed since.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/secret.hpp>
#include <cokino/provider/detail/access.hpp>
#include <cokino/provider/detail/body.hpp>
#include <cokino/provider/provider.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cokino {

namespace wire {
class json_view;
class json_writer;
} // namespace wire

enum class kling_api : unsigned char { current, legacy };

/// No aggregate on purpose: it holds a string.
struct kling_options {
    kling_options() {}

    /// Global accounts; "https://api-beijing.klingai.com" for accounts in China. Keys are regional:
    /// at the other host they are refused with 401. The only origin that the key goes to.
    std::string base_url = "https://api-singapore.klingai.com";
    /// What new jobs are submitted through. The legacy one knows negative_prompt and cfg_scale
    /// (for Kling 3.0); the current one has batch status.
    kling_api api = kling_api::current;
    /// Whether Kling draws its watermark into a second file; unset: as the account is set.
    std::optional<bool> watermark;
};

/// Checks bounds; invalid_options names the offending field.
COKINO_DECL result<void> validate(const kling_options& o);

/// The older kind of credential: a pair of which the one signs for the other. It makes tokens that
/// live for half an hour, and only the legacy generation takes them (§1.1).
struct kling_key_pair {
    kling_key_pair(api_key access_key, api_key secret_key)
        : access(std::move(access_key)), secret(std::move(secret_key))
    {}
    /// KLING_ACCESS_KEY and KLING_SECRET_KEY.
    static kling_key_pair from_env()
    {
        return {api_key::from_env("KLING_ACCESS_KEY"), api_key::from_env("KLING_SECRET_KEY")};
    }
    api_key access, secret;
};

/// The dialect of Kling's own API.
///
///   text_to_video, image_to_video   kling_2_5_turbo_pro and _standard, kling_3_0_pro and _standard
///   raw_order                       endpoint is the path ("text-to-video/kling-2.6",
///                                   "v1/images/generations"), input the whole body; only own id
///                                   and webhook are added to it. Its generation is its path's.
///
/// `extra` goes into "settings" (current) or the body itself (legacy). A data: link goes as base64.
/// A job cannot be cancelled. The library's own id is sent as external_task_id; when Kling refuses
/// one that it has, an earlier try was accepted, and decode_submit says outcome_unknown.
///
/// Guesses (§1, I): that 3.0 takes a last frame at 720p; that "audio" and "multi_shot" of 3.0 stand
/// in "settings"; that legacy hooks are signed like the others; the wording of a repeated id.
///
/// Options that do not pass validate(), or a missing key, make each encode_* fail with that reason;
/// the constructors do not throw. With a key pair nothing can be encoded before renew_key(): it
/// signs the token, and a new one five minutes before the old one's end.
class kling : public provider
{
public:
    explicit kling(api_key key) : kling(std::move(key), kling_options()) {}
    kling(api_key key, kling_options options);
    /// The options must choose the legacy generation; else invalid_options.
    kling(kling_key_pair pair, kling_options options);

    const provider_traits& traits() const noexcept override { return traits_; }
    COKINO_DECL const host_facts& facts() const noexcept override;
    COKINO_DECL void renew_key(std::chrono::system_clock::time_point now) const override;

    using provider::encode;
    COKINO_DECL result<encoded_submit> encode(const text_to_video& r,
                                              submit_context&& c) const override;
    COKINO_DECL result<encoded_submit> encode(const image_to_video& r,
                                              submit_context&& c) const override;
    COKINO_DECL result<encoded_submit> encode(const raw_order& r,
                                              submit_context&& c) const override;
    COKINO_DECL result<void> decode_submit(const wire::response& answer,
                                           job_record& job) const override;
    COKINO_DECL result<wire::request> encode_find(const job_route& route,
                                                  std::string_view own_id) const override;
    COKINO_DECL result<void> decode_find(const wire::response& answer, std::string_view own_id,
                                         job_record& job) const override;
    COKINO_DECL result<wire::request> encode_status(const job_record& job) const override;
    COKINO_DECL result<job_status> decode_status(const job_record& job,
                                                 const wire::response& answer) const override;
    COKINO_DECL bool batches(const job_record& a, const job_record& b) const override;
    COKINO_DECL result<wire::request> encode_status_batch(
        std::span<const job_record* const> jobs) const override;
    COKINO_DECL result<std::vector<std::optional<job_status>>> decode_status_batch(
        std::span<const job_record* const> jobs, const wire::response& answer) const override;
    COKINO_DECL result<webhook_note> read_webhook(std::string_view body) const override;

private:
    static constexpr std::size_t model_count = 4;
    /// What is built once for each model and kind of request. The head holds the key, and is built
    /// anew with each token.
    struct prepared {
        std::shared_ptr<const wire::request_head> head;
        std::shared_ptr<const job_route> route;
    };

    detail::host_access access_with(api_key key) const;
    void start();
    result<void> build_heads() const;
    result<void> ready() const;
    bool is_current() const noexcept { return options_.api == kling_api::current; }
    template <class Request>
    result<encoded_submit> submit(const Request& r, submit_context&& c) const;
    template <class Request>
    void write_current(wire::json_writer& w, const Request& r, std::size_t row,
                       const submit_context& c, detail::field_gate& gate) const;
    template <class Request>
    void write_legacy(wire::json_writer& w, const Request& r, std::size_t row,
                      const submit_context& c, detail::field_gate& gate) const;
    void write_options(wire::json_writer& w, const submit_context& c) const;
    result<wire::request> ask(const std::string& path) const;
    failure refused(std::string_view operation, const wire::response& answer) const;
    job_status read_task(const wire::json_view& task, std::optional<job_kind> kind,
                         std::string_view operation, const wire::response& answer) const;

    kling_options options_;
    std::optional<kling_key_pair> pair_;
    provider_traits traits_;
    std::optional<failure> problem_; // of options and keys; a missing token is found in ready()
    // Of the token in use: all that renew_key changes.
    mutable detail::host_access access_;
    mutable std::array<prepared, 2 * model_count> prepared_;
    mutable std::optional<std::chrono::system_clock::time_point> signed_at_;
};

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/provider/impl/kling.ipp>
#endif
