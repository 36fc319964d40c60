// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Replicate's predictions: Kling 2.5 Turbo and 3.0, Seedance 2.0, FLUX, Recraft and Topaz.
// [providers/fal-replicate.md, parts B, C, D]
//
//   text_to_video, image_to_video  kling_2_5_turbo_pro, kling_3_0_pro, kling_3_0_standard,
//                                  seedance_2_0: one model each, which the frame switches
//   text_to_image                  flux_1_1_pro, flux_2_pro, recraft_v3, recraft_v4
//   video_upscale                  topaz, to 720p, 1080p or 4k
//   raw_order                      "owner/name", "owner/name:version", a bare version of 64 hex
//                                  digits, or "deployments/owner/name"; `input` is the body's
//                                  "input"
//
// Inputs are checked when the job is submitted; a failed job tells its reason as free text, which
// is read by a table (B7 [T]: reported by third parties). Results are deleted one hour after the
// job's end. Replicate knows no idempotency key: a submit whose answer was lost cannot be repeated
// safely, but the account's list of predictions can be looked through.
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
#include <string>
#include <string_view>
#include <utility>

namespace cokino {

/// The format of FLUX's stills. The host's own default is webp, which Kling does not take as a
/// start frame there.
enum class replicate_still : unsigned char { png, jpg, webp };

/// No aggregate on purpose: it holds a string.
struct replicate_options {
    replicate_options() {}

    /// Where the API is spoken to, and the only origin that the key goes to. Another one for a
    /// proxy or a fake.
    std::string base_url = "https://api.replicate.com/v1";
    /// How long after its submit Replicate drops a job: before its start it counts as job_expired
    /// and is not billed, later as cancelled. 5 s to 24 h; zero: the host's own limit of 30 min.
    std::chrono::seconds cancel_after{0};
    replicate_still still = replicate_still::png;
    /// Whether each look at a job brings its log lines.
    bool logs = false;
    /// Ask for jobs below base_url even when the host's answer names links elsewhere: for a proxy
    /// that passes the host's own links through. Off, such a job is refused with link_refused.
    bool derive_links = false;
};

/// Checks bounds; invalid_options names the offending field.
COKINO_DECL result<void> validate(const replicate_options& o);

/// The dialect of Replicate's predictions. Options that do not pass validate(), or a missing key,
/// make each encode_* fail with that reason; the constructor does not throw.
class replicate : public provider
{
public:
    explicit replicate(api_key key) : replicate(std::move(key), replicate_options()) {}
    replicate(api_key key, replicate_options options);

    const provider_traits& traits() const noexcept override { return traits_; }
    COKINO_DECL const host_facts& facts() const noexcept override;

    using provider::encode;
    COKINO_DECL result<encoded_submit> encode(const text_to_video& r,
                                              submit_context&& c) const override;
    COKINO_DECL result<encoded_submit> encode(const image_to_video& r,
                                              submit_context&& c) const override;
    COKINO_DECL result<encoded_submit> encode(const text_to_image& r,
                                              submit_context&& c) const override;
    COKINO_DECL result<encoded_submit> encode(const video_upscale& r,
                                              submit_context&& c) const override;
    COKINO_DECL result<encoded_submit> encode(const raw_order& r,
                                              submit_context&& c) const override;
    COKINO_DECL result<wire::request> encode_upload(const media_upload& m) const override;
    COKINO_DECL result<void> decode_upload(media_upload& m,
                                           const wire::response& answer) const override;
    COKINO_DECL result<void> decode_submit(const wire::response& answer,
                                           job_record& job) const override;
    COKINO_DECL result<wire::request> encode_status(const job_record& job) const override;
    COKINO_DECL result<job_status> decode_status(const job_record& job,
                                                 const wire::response& answer) const override;
    COKINO_DECL result<webhook_note> read_webhook(std::string_view body) const override;
    COKINO_DECL result<wire::request> encode_cancel(const job_record& job) const override;
    COKINO_DECL result<cancel_outcome> decode_cancel(const job_record& job,
                                                     const wire::response& answer) const override;

private:
    /// What is built once for each endpoint and shared by every request to it.
    struct prepared {
        std::shared_ptr<const wire::request_head> head;
        std::shared_ptr<const job_route> route;
    };
    static constexpr std::size_t endpoint_count = 9;

    template <class Request>
    result<encoded_submit> clip(const Request& r, submit_context&& c) const;
    result<encoded_submit> finish(const prepared& to, std::string&& body, std::string_view extra,
                                  detail::field_gate& gate) const;
    result<prepared> raw_endpoint(const raw_order& r, std::string& version) const;
    detail::header_fields submit_fields() const;
    result<wire::request> ask(const job_record& job, wire::method m, const std::string& given,
                              std::string_view suffix) const;
    failure refused(std::string_view operation, const wire::response& answer) const;
    result<void> comes_back(const char* field, std::string_view body) const;
    result<job_status> status_of(const wire::response& answer, const job_record* job) const;
    void end(job_status& out, const wire::response& answer) const;

    replicate_options options_;
    detail::host_access access_;
    provider_traits traits_;
    std::optional<failure> problem_;
    std::array<prepared, endpoint_count> prepared_;
};

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/provider/impl/replicate.ipp>
#endif
