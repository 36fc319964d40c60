// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// PiAPI's unified task API. [providers/kling-kie-piapi-pollo-wireflow.md 3]
//
//   text_to_video, image_to_video   kling_2_5_turbo_pro, kling_2_5_turbo_standard (model
//                                   "kling-turbo", or "kling": see piapi_family),
//                                   kling_3_0_pro, kling_3_0_standard (model "kling")
//   video_upscale                   qubico, by 2, of at most 720 lines and 240 frames
//   raw_order                       all else: endpoint "model/task_type", as in
//                                   "Qubico/flux1-dev/txt2img"; `input` goes into "input"
//
// PiAPI knows no idempotency key: a submit whose answer was lost cannot be repeated safely.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/secret.hpp>
#include <cokino/provider/detail/access.hpp>
#include <cokino/provider/provider.hpp>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cokino::wire {
class json_view;
class json_writer;
} // namespace cokino::wire

namespace cokino {

/// Whose machines render: as the account is set, PiAPI's own, or the account's own pool.
enum class piapi_service : unsigned char { account, shared, own_pool };

/// Which of the host's two names Kling 2.5 goes by. `turbo` is the one that is documented; `kling`
/// takes cfg_scale and tail_image besides, but only the product pages say that it makes 2.5.
enum class piapi_family : unsigned char { turbo, kling };

/// No aggregate on purpose: it holds strings.
struct piapi_options {
    piapi_options() {}

    /// Where tasks are spoken of. The key goes here and to upload_base_url, nowhere else.
    std::string base_url = "https://api.piapi.ai";
    /// Where start frames are uploaded (paid plans; they are gone after 24 h). Empty: never, and
    /// only links are taken.
    std::string upload_base_url = "https://upload.theapi.app";
    piapi_service service = piapi_service::account;
    piapi_family family = piapi_family::turbo;
    /// What comes back unchanged in the x-webhook-secret of each hook, for whoever receives it to
    /// compare; 1 to 256 printable characters without blanks. Empty: none. It is sent along with
    /// each submit that names a webhook, which must then be https.
    secret webhook_secret;
    /// Cancel by POST .../cancel, as the vendor's own program does, in place of the documented
    /// DELETE.
    bool cancel_by_post = false;
};

/// Checks bounds; invalid_options names the offending field.
COKINO_DECL result<void> validate(const piapi_options& o);

/// The dialect of PiAPI. Options that do not pass validate(), or a missing key, make each encode_*
/// fail with that reason; the constructor does not throw.
///
/// What is guessed, and stands as data in detail/piapi_facts.hpp: the words of a cancelled task,
/// the phrases by which refused content and an empty balance are known, that "mode" tells the tiers
/// of Kling 3.0 apart, and that a failed task with nothing frozen or consumed was not billed.
class piapi : public provider
{
public:
    explicit piapi(api_key key) : piapi(std::move(key), piapi_options()) {}
    piapi(api_key key, piapi_options options);

    const provider_traits& traits() const noexcept override { return traits_; }
    COKINO_DECL const host_facts& facts() const noexcept override;

    using provider::encode;
    COKINO_DECL result<encoded_submit> encode(const text_to_video& r,
                                              submit_context&& c) const override;
    COKINO_DECL result<encoded_submit> encode(const image_to_video& r,
                                              submit_context&& c) const override;
    /// endpoint is "model/task_type", cut at the last '/'; input is the body's "input".
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
    template <class Request>
    result<encoded_submit> order(const Request& r, submit_context& c) const;
    void write_config(wire::json_writer& w, const submit_context& c) const;
    result<void> check_webhook(const submit_context& c) const;
    result<wire::request> ask(const job_record& job, wire::method m, std::string_view suffix) const;
    failure refused(std::string_view operation, const wire::response& answer) const;
    void finish(job_status& out, const wire::json_view& task, std::string_view operation,
                const wire::response& answer) const;

    piapi_options options_;
    detail::host_access access_, upload_access_;
    provider_traits traits_;
    std::optional<failure> problem_;
    std::shared_ptr<const wire::request_head> submit_head_, upload_head_;
    std::array<std::shared_ptr<const job_route>, 6> routes_;
};

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/provider/impl/piapi.ipp>
#endif
