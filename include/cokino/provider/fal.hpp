// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// fal.ai's queue: Kling 2.5 Turbo and FLUX. [providers/fal-replicate.md, parts A, C1, C3, D]
//
//   text_to_video   kling_2_5_turbo_pro (there is no standard tier without a start frame)
//   image_to_video  kling_2_5_turbo_pro, kling_2_5_turbo_standard
//   text_to_image   flux_1_1_pro, flux_2_pro
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

    /// Where the queue is spoken to, and the only origin that the key goes to. Another one for a
    /// proxy or a fake.
    std::string base_url = "https://queue.fal.run";
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

/// The dialect of fal.ai's queue. Options that do not pass validate(), or a missing key, make each
/// encode_* fail with that reason; the constructor does not throw.
class fal : public provider
{
public:
    explicit fal(api_key key) : fal(std::move(key), fal_options()) {}
    fal(api_key key, fal_options options);

    const provider_traits& traits() const noexcept override { return traits_; }

    using provider::encode;
    COKINO_DECL result<encoded_submit> encode(const text_to_video& r,
                                              submit_context&& c) const override;
    COKINO_DECL result<encoded_submit> encode(const image_to_video& r,
                                              submit_context&& c) const override;
    COKINO_DECL result<encoded_submit> encode(const text_to_image& r,
                                              submit_context&& c) const override;
    COKINO_DECL result<void> decode_submit(const wire::response& answer,
                                           job_record& job) const override;
    COKINO_DECL result<wire::request> encode_status(const job_record& job) const override;
    COKINO_DECL result<job_status> decode_status(const job_record& job,
                                                 const wire::response& answer) const override;
    COKINO_DECL result<wire::request> encode_result(const job_record& job) const override;
    COKINO_DECL result<job_status> decode_result(const job_record& job,
                                                 const wire::response& answer) const override;
    COKINO_DECL result<wire::request> encode_cancel(const job_record& job) const override;
    COKINO_DECL result<cancel_outcome> decode_cancel(const job_record& job,
                                                     const wire::response& answer) const override;

private:
    /// What is built once for each endpoint and shared by every request to it.
    struct prepared {
        std::shared_ptr<const wire::request_head> head;
        std::shared_ptr<const job_route> route;
    };
    static constexpr std::size_t endpoint_count = 5;

    result<encoded_submit> submit(std::size_t endpoint, const result<void>& written,
                                  std::string&& body, int duration_s,
                                  const submit_context& c) const;
    result<wire::request> ask(const job_record& job, wire::method m, const std::string& given,
                              std::string_view suffix) const;
    detail::header_fields submit_fields() const;
    std::vector<job_log> read_logs(const wire::response& answer) const;
    result<job_status> failed_result(const wire::response& answer) const;

    fal_options options_;
    detail::host_access access_;
    provider_traits traits_;
    std::optional<failure> problem_;
    std::array<prepared, endpoint_count> prepared_;
};

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/provider/impl/fal.ipp>
#endif
