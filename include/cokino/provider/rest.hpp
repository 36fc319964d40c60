// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A dialect whose names and paths are data, for the many hosts that work alike: POST a task, get an
// id, look at it until it is done, take the link from the answer. Its defaults speak to the
// representative host of the Kling 2.5 tutorial:
//
//   POST /v1/kling/v2-5/text-to-video  {"prompt":"...","duration":5,"aspect_ratio":"16:9"}
//        -> {"code":0,"data":{"task_id":"871234567890123460","status":"processing"}}
//   GET  /v1/kling/v2-5/tasks/871234567890123460
//        -> {"code":0,"data":{"task_id":"...","status":"succeed","video_url":"https://..."}}
//        -> {"code":0,"data":{"task_id":"...","status":"failed",
//                             "error":{"code":1301,"message":"..."}}}
//
// with or without the "data" around them. Hosts with two-step results, batch status or signed
// requests have adapters of their own.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/fate.hpp>
#include <cokino/core/repeat_semantics.hpp>
#include <cokino/core/secret.hpp>
#include <cokino/provider/detail/access.hpp>
#include <cokino/provider/provider.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cokino::wire {
class json_writer;
}

namespace cokino {

/// How a host wants "duration": 5 or "5".
enum class rest_duration : unsigned char { integer, string };

/// The host's names and paths. In a list the first that fits counts; an empty name means that the
/// host has no such thing, and a request that needs it is refused with unsupported_field.
///
/// Answers are read by paths such as "task_result.videos[0].url". Each is tried inside the member
/// named by `wrapper`, and then in the answer itself.
struct rest_options {
    rest_options(std::string base, api_key k) : base_url(std::move(base)), key(std::move(k)) {}

    std::string name = "rest"; ///< What jobs and errors call this host.
    std::string base_url;      ///< "https://api.example.com"; the only origin that the key goes to.
    api_key key;
    std::string key_header = "Authorization"; ///< Or "x-api-key".
    std::string key_prefix = "Bearer ";       ///< Empty beside "x-api-key".

    // Submit.
    std::string submit_path = "/v1/kling/v2-5/text-to-video";
    /// Where an image_to_video goes; empty: to submit_path, and the image in the body switches.
    std::string image_submit_path;
    std::string prompt_field = "prompt";
    std::string negative_prompt_field = "negative_prompt";
    std::string duration_field = "duration";
    rest_duration duration = rest_duration::integer;
    std::string aspect_ratio_field = "aspect_ratio";
    std::string cfg_scale_field = "cfg_scale";
    std::string image_field = "image_url";
    std::string tail_image_field;
    bool takes_data_links = false; ///< Whether an image may be a data: link.
    std::string callback_field = "callback_url";
    /// The model that the paths stand for; others are refused, unless tier_field tells them apart.
    video_model model = video_model::kling_2_5_turbo_pro;
    std::string tier_field; ///< "mode": which of the two words below is wanted.
    std::string tier_pro = "pro", tier_standard = "std";
    /// Further members of each submit's body, as {name, JSON}: {"model_name", "\"kling-v2-5\""}.
    std::vector<std::pair<std::string, std::string>> constant_members;

    // What makes a repeat harmless. A header's name, or a member's, that takes the library's own
    // id; and what the host does when it sees one again.
    std::string idempotency_header, idempotency_field;
    repeat_semantics repeats = repeat_semantics::none;

    // Status and cancel. {id} stands for the job's id, {endpoint} for the path of its submit.
    std::string status_path = "/v1/kling/v2-5/tasks/{id}";
    std::string cancel_path; ///< Empty: no way to cancel.
    wire::method cancel_method = wire::method::post;

    // Answers.
    std::string wrapper = "data";
    std::vector<std::string> id_paths{"task_id"};
    std::vector<std::string> state_paths{"status", "task_status"};
    std::vector<std::string> progress_paths{"progress"}; ///< 0 to 1, or 0 to 100.
    std::vector<std::string> link_paths{"video_url", "task_result.videos[0].url",
                                        "output.video_url", "video.url"};
    std::vector<std::string> seed_paths{"seed"};
    std::vector<std::string> code_paths{"error.code", "code", "error_code"};
    std::vector<std::string> text_paths{"error.message", "task_status_msg", "error_message",
                                        "error", "message"};
    std::vector<std::string> request_id_headers{"x-request-id"};

    // Words, compared without regard to case. Others count as running, within bounds.
    std::vector<std::string> queued_words{"submitted", "queued", "pending"};
    std::vector<std::string> running_words{"processing", "running"};
    std::vector<std::string> succeeded_words{"succeed", "succeeded"};
    std::vector<std::string> failed_words{"failed"};
    std::vector<std::string> cancelled_words{"cancelled", "canceled"};

    /// What the host's own codes mean. A code of 400 to 599 that is not listed means what the HTTP
    /// status means; 0, 200 and "SUCCESS" mean nothing.
    std::vector<std::pair<std::string, errc>> code_meanings = kling_codes();
    /// A failed job whose reason holds one of these (in any case) was a content refusal.
    std::vector<std::string> refusal_phrases = kling_refusals();
    /// Whether failed jobs are billed; unknown unless the host's terms say so.
    billing failed_jobs_billed = billing::unknown;

    std::chrono::seconds result_lifetime{3600};        ///< How long a link lives at least.
    std::chrono::milliseconds poll_interval_min{1000}; ///< Never look more often than this.

    /// The defaults of code_meanings and refusal_phrases, to be kept, changed or cleared.
    static std::vector<std::pair<std::string, errc>> kling_codes();
    static std::vector<std::string> kling_refusals();
};

/// Checks names, paths and constants; invalid_options names the offending field.
COKINO_DECL result<void> validate(const rest_options& o);

/// The configurable dialect. Options that do not pass validate(), or a missing key, make each
/// encode_* fail with that reason; the constructor does not throw.
class rest : public provider
{
public:
    explicit rest(rest_options options);

    const provider_traits& traits() const noexcept override { return traits_; }

    using provider::encode;
    COKINO_DECL result<encoded_submit> encode(const text_to_video& r,
                                              submit_context&& c) const override;
    COKINO_DECL result<encoded_submit> encode(const image_to_video& r,
                                              submit_context&& c) const override;
    COKINO_DECL result<void> decode_submit(const wire::response& answer,
                                           job_record& job) const override;
    COKINO_DECL result<wire::request> encode_status(const job_record& job) const override;
    COKINO_DECL result<job_status> decode_status(const job_record& job,
                                                 const wire::response& answer) const override;
    COKINO_DECL result<wire::request> encode_cancel(const job_record& job) const override;
    COKINO_DECL result<cancel_outcome> decode_cancel(const job_record& job,
                                                     const wire::response& answer) const override;

private:
    struct endpoint;
    struct tables;

    /// Where in the table the head and route of such a request stand.
    static std::size_t place_of(bool from_image, video_model model) noexcept
    {
        return (from_image ? 2U : 0U) + (model == video_model::kling_2_5_turbo_pro ? 0U : 1U);
    }
    template <class Request> result<void> offers(const Request& r, const submit_context& c) const;
    template <class Request>
    result<encoded_submit> submit(const Request& r, wire::json_writer& w, std::string&& body,
                                  const submit_context& c, bool from_image) const;
    result<wire::request> ask(const job_record& job, wire::method m, const std::string& path) const;
    detail::host_words words_of(const wire::response& answer) const;
    errc meaning_of(unsigned status, const detail::host_words& words) const;
    job_state state_of(std::string_view word) const noexcept;
    void finish(job_status& out, const wire::response& answer) const;

    rest_options options_;
    detail::host_access access_;
    provider_traits traits_;
    std::shared_ptr<const tables> tables_;
};

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/provider/impl/rest.ipp>
#endif
