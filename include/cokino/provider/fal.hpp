// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// fal.ai's queue: Kling, Seedance, FLUX, Recraft, and two upscalers.
// [providers/fal-replicate.md, parts A, C, D]
//
//   text_to_video   kling_2_5_turbo_pro (there is no standard tier without a start frame),
//                   kling_3_0_pro, kling_3_0_standard, seedance_2_0
//   image_to_video  these, and kling_2_5_turbo_standard (which takes no last frame)
//   text_to_image   flux_1_1_pro, flux_2_pro, recraft_v3, recraft_v4
//   video_upscale   topaz by a factor (H.265, unless extra is {"H264_output":true}), bytedance to
//                   1080p, 1440p or 4k
//   raw_order       endpoint is the full endpoint id ("fal-ai/kling-video/v3/pro/text-to-video"),
//                   input is the body itself
//
// A job that has ended needs one further request, for its result or for the reason of its failure.
// fal knows no idempotency key: a submit whose answer was lost cannot be repeated safely.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/secret.hpp>
#include <cokino/provider/detail/access.hpp>
#include <cokino/provider/provider.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cokino {

enum class fal_priority : unsigned char { normal, low };

/// No aggregate on purpose: it holds a string.
struct fal_options {
    fal_options() {}

    /// Where the queue is spoken to. The key goes there and to storage_url, and nowhere else.
    /// Another one for a proxy or a fake.
    std::string base_url = "https://queue.fal.run";
    /// Where start frames are announced before they are uploaded. Empty: fal's own place for that
    /// (https://rest.fal.ai) beside fal's own queue, and base_url beside any other.
    std::string storage_url;
    fal_priority priority = fal_priority::normal;
    /// How long a job may wait for a machine before fal drops it (job_expired, not billed); above
    /// 1 s, in steps of 1 ms. Zero: fal's own limit. It does not bound the rendering.
    std::chrono::milliseconds start_timeout{0};
    /// How long fal keeps the files it makes; at least 60 s. Zero: as the account is set, which is
    /// 7 days or longer.
    std::chrono::seconds media_lifetime{0};
    /// Whether fal starts a job again by itself when its machine is lost (up to 10 times). On,
    /// because fal does not bill tries that end in such an error, so it costs nothing and saves
    /// the job; off to hear of the first error at once.
    bool host_retries = true;
    /// Whether each look at a job brings its log lines.
    bool logs = false;
    /// Ask for jobs below base_url even when fal's answer names links elsewhere: for a proxy that
    /// passes fal's own links through. Off, such a job is refused with link_refused.
    bool derive_links = false;
};

/// Checks bounds; invalid_options names the offending field.
COKINO_DECL result<void> validate(const fal_options& o);

/// The dialect of fal.ai's queue. Start frames go by link, inside the body while they are small,
/// or through fal's storage in two steps: announced with the key, then put without it to a signed
/// link (A8.1). What is inferred rather than documented: that an uploaded file can be used at
/// once, how large a data link may be, and the words of answers marked [T] and [I] in the tables
/// of detail/fal_facts.hpp. Options that do not pass validate(), or a missing key, make each
/// encode_* fail with that reason; the constructor does not throw.
class fal : public provider
{
public:
    explicit fal(api_key key) : fal(std::move(key), fal_options()) {}
    fal(api_key key, fal_options options);

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
    COKINO_DECL result<wire::request> encode_stream(const job_record& job) const override;
    COKINO_DECL result<job_status> decode_stream(const job_record& job,
                                                 std::string_view data) const override;
    COKINO_DECL result<wire::request> encode_result(const job_record& job) const override;
    COKINO_DECL result<job_status> decode_result(const job_record& job,
                                                 const wire::response& answer) const override;
    COKINO_DECL result<wire::request> encode_cancel(const job_record& job) const override;
    COKINO_DECL result<cancel_outcome> decode_cancel(const job_record& job,
                                                     const wire::response& answer) const override;
    COKINO_DECL result<webhook_note> read_webhook(std::string_view body) const override;

private:
    /// What is built once for each endpoint and shared by every request to it.
    struct prepared {
        std::shared_ptr<const wire::request_head> head;
        std::shared_ptr<const job_route> route;
    };
    static constexpr std::size_t endpoint_count = 15;

    template <class Request>
    result<encoded_submit> encode_clip(const Request& r, submit_context& c) const;
    result<encoded_submit> submit(const prepared& to, std::string&& body,
                                  const submit_context& c) const;
    result<wire::request> ask(const job_record& job, wire::method m, const std::string& given,
                              std::string_view suffix,
                              const detail::header_fields& extra = {}) const;
    detail::header_fields submit_fields() const;
    std::vector<job_log> read_logs(const wire::response& answer) const;
    result<job_status> failed_result(const wire::response& answer) const;
    bool may_upload_to(const wire::url& link) const noexcept;

    fal_options options_;
    detail::host_access access_;
    detail::host_access storage_;
    provider_traits traits_;
    std::optional<failure> problem_;
    std::array<prepared, endpoint_count> prepared_;
    std::shared_ptr<const wire::request_head> announce_;
};

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/provider/impl/fal.ipp>
#endif
