// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Kie.ai's market API. [providers/kling-kie-piapi-pollo-wireflow.md §2, §7]
//
//   POST /api/v1/jobs/createTask   {"model":"...","callBackUrl":"...","input":{...}}
//   GET  /api/v1/jobs/recordInfo?taskId=ID
//   POST {upload host}/api/file-base64-upload, /api/file-url-upload
//
// It answers HTTP 200 to nearly everything: what became of a request stands in "code". The result
// is JSON inside a string. Nothing makes a repeated submit harmless.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/secret.hpp>
#include <cokino/provider/detail/access.hpp>
#include <cokino/provider/detail/body.hpp>
#include <cokino/provider/provider.hpp>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cokino {

namespace wire {
class json_view;
} // namespace wire

/// No aggregate on purpose: it holds strings.
struct kie_options {
    kie_options() {}

    /// One of the two origins that the key goes to.
    std::string base_url = "https://api.kie.ai";
    /// Where start frames are uploaded, the other one. Empty: nothing is uploaded.
    std::string upload_base_url = "https://kieai.redpandaai.co";
    /// The folder at the upload host that files are put into; one name or several with slashes.
    std::string upload_path = "cokino";
};

/// Checks bounds; invalid_options names the offending field.
COKINO_DECL result<void> validate(const kie_options& o);

/// The dialect of Kie.ai.
///
///   text_to_video    kling_2_5_turbo_pro, kling_3_0_pro and _standard, seedance_2_0
///   image_to_video   the same
///   text_to_image    flux_2_pro, one picture for each request
///   video_upscale    topaz, by 1, 2 or 4
///   raw_order        endpoint is the model ("recraft/crisp-upscale"), input the "input" object
///
/// `extra` goes into "input". Start frames and clips go by link; the client uploads files and
/// bytes. There is no standard tier of Kling 2.5, no cancel, no batch and no own id.
///
/// For its first half minute a job may not be visible ("recordInfo is null", §2.2 T): that is told
/// as an unknown state, since the same words stand for a job that does not exist.
///
/// Guesses (I): that "resolution" of FLUX 2 is wanted ("1K" unless `extra` has one), what words in
/// a refusal mean content, and what a 433 (a sub-key's limit) wants.
///
/// Options that do not pass validate(), or a missing key, make each encode_* fail with that reason;
/// the constructor does not throw.
class kie : public provider
{
public:
    explicit kie(api_key key) : kie(std::move(key), kie_options()) {}
    kie(api_key key, kie_options options);

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

private:
    static constexpr std::size_t route_count = 8;

    template <class Request>
    result<encoded_submit> submit(const Request& r, submit_context&& c) const;
    result<void> check(const submit_context& c) const;
    encoded_submit finished(std::shared_ptr<const job_route> route, std::string&& body) const;
    failure refused(std::string_view operation, const wire::response& answer) const;
    job_status read_task(const wire::json_view& task, std::string_view operation,
                         const wire::response& answer) const;

    kie_options options_;
    detail::host_access access_, upload_access_;
    provider_traits traits_;
    std::optional<failure> problem_;
    std::shared_ptr<const wire::request_head> head_, upload_head_, upload_link_head_;
    std::array<std::shared_ptr<const job_route>, route_count> routes_;
};

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/provider/impl/kie.ipp>
#endif
