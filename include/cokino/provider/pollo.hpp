// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Pollo.ai's API, version 1. [providers/kling-kie-piapi-pollo-wireflow.md 4]
//
//   text_to_video    kling_2_5_turbo_pro, kling_3_0_pro, kling_3_0_standard, seedance_2_0
//   image_to_video   the same and kling_2_5_turbo_standard; frames by link only
//   raw_order        all else: endpoint "brand/model/video" or "brand/model/image", as in
//                    "flux/flux-2-max/image"; `input` goes into "input"
//
// Pollo knows no idempotency key and no way to cancel: a submit whose answer was lost can neither
// be repeated safely nor undone.
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
} // namespace cokino::wire

namespace cokino {

/// No aggregate on purpose: it holds a string.
struct pollo_options {
    pollo_options() {}

    /// Where tasks are spoken of, and the only origin that the key goes to.
    std::string base_url = "https://pollo.ai/api/platform";
};

/// Checks bounds; invalid_options names the offending field.
COKINO_DECL result<void> validate(const pollo_options& o);

/// The dialect of Pollo.ai. Options that do not pass validate(), or a missing key, make each
/// encode_* fail with that reason; the constructor does not throw.
///
/// cfg_scale goes out as "strength", in whole hundredths. A state is told for each file that a task
/// makes; a task has failed when one has and none is under way.
///
/// What is guessed, and stands as data in detail/pollo_facts.hpp: that Kling 2.5 without a frame is
/// the pro tier, the inputs of Kling 3.0 and Seedance 2.0, the phrases by which refused content and
/// an empty balance are known, and that a failed task of no credits was not billed.
class pollo : public provider
{
public:
    explicit pollo(api_key key) : pollo(std::move(key), pollo_options()) {}
    pollo(api_key key, pollo_options options);

    const provider_traits& traits() const noexcept override { return traits_; }
    COKINO_DECL const host_facts& facts() const noexcept override;

    using provider::encode;
    COKINO_DECL result<encoded_submit> encode(const text_to_video& r,
                                              submit_context&& c) const override;
    COKINO_DECL result<encoded_submit> encode(const image_to_video& r,
                                              submit_context&& c) const override;
    /// endpoint stands in the path, input is the body's "input".
    COKINO_DECL result<encoded_submit> encode(const raw_order& r,
                                              submit_context&& c) const override;
    COKINO_DECL result<void> decode_submit(const wire::response& answer,
                                           job_record& job) const override;
    COKINO_DECL result<wire::request> encode_status(const job_record& job) const override;
    COKINO_DECL result<job_status> decode_status(const job_record& job,
                                                 const wire::response& answer) const override;
    COKINO_DECL result<webhook_note> read_webhook(std::string_view body) const override;

private:
    /// What is built once for each model and shared by every request for it.
    struct prepared {
        std::shared_ptr<const wire::request_head> head;
        std::shared_ptr<const job_route> route;
    };

    template <class Request> result<std::size_t> place_of(const Request& r, bool from_image) const;
    template <class Request>
    result<encoded_submit> order(const Request& r, submit_context& c) const;
    result<void> check_webhook(const submit_context& c) const;
    result<void> check_prompt(std::string_view text, std::size_t chars_max,
                              const char* field) const;
    failure refused(std::string_view operation, const wire::response& answer) const;
    job_status read_task(const wire::json_view& task, std::string_view operation,
                         const wire::response& answer) const;

    detail::host_access access_;
    provider_traits traits_;
    std::optional<failure> problem_;
    std::array<prepared, 5> prepared_;
};

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/provider/impl/pollo.ipp>
#endif
