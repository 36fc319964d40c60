// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What a dialect must supply: pure functions between model and wire, and its habits as data. No
// sockets, no clocks, no loops: an adapter is tested as a table of inputs and outputs.
#pragma once

#include <cokino/core/repeat_semantics.hpp>
#include <cokino/core/result.hpp>
#include <cokino/model/job.hpp>
#include <cokino/model/job_status.hpp>
#include <cokino/model/request.hpp>
#include <cokino/model/webhook_note.hpp>
#include <cokino/provider/host_facts.hpp>
#include <cokino/wire/message.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cokino {

/// A host's habits, as data.
struct provider_traits {
    std::string name;      ///< "fal": what jobs and errors call it.
    std::string key_alias; ///< The name of the credential ("FAL_KEY").
    std::string base_url;  ///< Where it is spoken to; a job of another base URL is not its own.
    repeat_semantics repeats = repeat_semantics::none;
    bool can_cancel = false;
    bool not_admitted_on_503 = false;           ///< A 503 proves that nothing was accepted.
    bool may_admit_on_429 = false;              ///< A 429 can come after the job was accepted.
    std::chrono::seconds result_lifetime{3600}; ///< How long a result's link is known to live.
    std::chrono::milliseconds poll_interval_min{1000}; ///< Never ask a job more often than this.
    /// encode_setup() comes once before the first submit; its outcome goes along with each.
    bool needs_setup = false;
    /// A job can be asked for by the id that we chose for it (encode_find), so that a submit whose
    /// answer was lost can be settled.
    bool finds_own_id = false;
    std::size_t status_batch_max = 1; ///< Jobs that one encode_status_batch may ask for.
    bool status_stream = false;       ///< Whether encode_stream offers states as they change.
    webhook_scheme webhook = webhook_scheme::none;
    media_rules media;   ///< How a start frame gets to the host.
    source_rules source; ///< How a clip gets there that is to be upscaled.
};

/// What goes along with one submit.
struct submit_context {
    std::string_view webhook_url;     ///< Empty: none.
    std::string_view idempotency_key; ///< Empty: none. Only used where the host honours one.
    std::string_view setup;           ///< What decode_setup gave; empty where there is none.
    std::string body_buffer;          ///< A buffer to write the body into; its capacity is reused.
    /// Fields that the host does not know are left out with a warning, in place of an error.
    bool lenient = false;
};

/// A submit, ready to be sent: bytes frozen, so that a repeat is identical.
struct encoded_submit {
    encoded_submit() = default;
    wire::request request;
    std::shared_ptr<const job_route> route;
    // What of the clip can be checked against the file; see job_record.
    int duration_s = 0;
    int lines = 0;
    std::string_view aspect_ratio; ///< A literal.
    /// Takes them from a request. Members of the host's own may order another picture.
    template <class Request> void orders_clip(const Request& r)
    {
        duration_s = static_cast<int>(r.duration.count());
        if (!r.extra.empty())
            return;
        lines = lines_of(r.model);
        if constexpr (requires { r.aspect_ratio; })
            aspect_ratio = text_of(r.aspect_ratio);
    }
    /// The same of an upscale, as far as its source is known, and no more than every host's page
    /// promises: a clip that was paid for must not be taken for a wrong one. A factor counts for no
    /// more lines than 4k has, and a resolution only where the source is known to be 16:9: what is
    /// made of other shapes is not told.
    COKINO_DECL void orders_clip(const video_upscale& r);
    /// What was left out (when lenient), or will come out otherwise than asked for.
    std::vector<failure> warnings;
};

/// A file on its way to a host. The adapter keeps its own place in it between the steps.
struct media_upload {
    std::string_view bytes; ///< Lifetimes: outlive every step.
    /// In place of bytes: a link that the host shall fetch and keep, since its models only read
    /// what it holds itself (media_rules::takes_links is off). Bytes are empty then.
    std::string_view link;
    std::string_view content_type; ///< "image/png".
    std::string_view file_name;    ///< Ours, harmless: "frame-1f3a.png".
    int step = 0;                  ///< How many steps have been answered.
    std::string target, note;      ///< What the adapter remembers from one step for the next.
    std::string url; ///< Once set, the upload is done, and this is what a request names.
};

/// One dialect. Implementations are immutable: every function is const and pure, and may be called
/// in any order. A failure from encode_* has fate not_sent; one from decode_* has fate answered.
class provider
{
public:
    virtual ~provider() = default;

    virtual const provider_traits& traits() const noexcept = 0;
    /// What is known of the host beforehand; without a name where an adapter does not tell.
    COKINO_DECL virtual const host_facts& facts() const noexcept;

    /// Called before each encode_*, with the host's time as far as it is known. Lets an adapter
    /// whose keys are short-lived tokens sign a new one; for the others it does nothing.
    virtual void renew_key(std::chrono::system_clock::time_point) const {}

    /// Requests to bytes, after validate(): invalid_argument is what no host offers,
    /// unsupported_field (with field, host and what is nearest) what this one does not.
    /// missing_credential names the variable that was looked for, invalid_options the option.
    ///
    /// Cost — without a webhook nothing is allocated once the buffer has grown: heads and routes
    /// are built once for each endpoint.
    COKINO_DECL virtual result<encoded_submit> encode(const text_to_video& r,
                                                      submit_context&& c) const;
    COKINO_DECL virtual result<encoded_submit> encode(const image_to_video& r,
                                                      submit_context&& c) const;
    COKINO_DECL virtual result<encoded_submit> encode(const text_to_image& r,
                                                      submit_context&& c) const;

    COKINO_DECL virtual result<encoded_submit> encode(const video_upscale& r,
                                                      submit_context&& c) const;

    /// A model that this version does not know, in the host's own words.
    COKINO_DECL virtual result<encoded_submit> encode(const raw_order& r, submit_context&& c) const;

    /// What must be there before anything can be submitted (traits().needs_setup): a free request,
    /// and what is remembered of its answer. Safe to repeat.
    COKINO_DECL virtual result<wire::request> encode_setup() const;
    COKINO_DECL virtual result<std::string> decode_setup(const wire::response& answer) const;

    /// Brings a file to the host (traits().media.upload_bytes_max), one request after the other
    /// until decode_upload has set `url`. Free, and safe to repeat from the start.
    COKINO_DECL virtual result<wire::request> encode_upload(const media_upload& m) const;
    COKINO_DECL virtual result<void> decode_upload(media_upload& m,
                                                   const wire::response& answer) const;

    /// The answer to a submit: id and links in `job` (whose route is set), or the reason for the
    /// refusal. A 2xx answer without an id is outcome_unknown: something was probably bought. After
    /// a 5xx or 408 the failure is host_fault with billing unknown: whether the job may have been
    /// accepted all the same is judged by whoever submits, from the traits.
    virtual result<void> decode_submit(const wire::response& answer, job_record& job) const = 0;

    /// The job that the host keeps under our own id (submit_context::idempotency_key), asked for
    /// once a submit ends in doubt or with own_id_exists (traits().finds_own_id). decode_find
    /// completes `job`, whose route is set, as decode_submit does; not_found when the host tells
    /// of no such job.
    COKINO_DECL virtual result<wire::request> encode_find(const job_route& route,
                                                          std::string_view own_id) const;
    COKINO_DECL virtual result<void> decode_find(const wire::response& answer,
                                                 std::string_view own_id, job_record& job) const;

    /// One look at a job. A job of another provider or base URL is invalid_job; a link in it that
    /// leads to another origin is link_refused, before a key is attached to anything.
    virtual result<wire::request> encode_status(const job_record& job) const = 0;
    /// A failure means that the answer says nothing of the job (401, 429, 5xx, nonsense). A final
    /// state whose result_pending is set may have an error already: the best that is known, should
    /// the second request tell nothing better.
    virtual result<job_status> decode_status(const job_record& job,
                                             const wire::response& answer) const = 0;

    /// One look at several jobs of this host, up to traits().status_batch_max and all such as
    /// batches() says belong together, though two may be the same. An answer holds a status for
    /// each that it tells of; the others are not known to the host, or not yet. wait_for asks so
    /// whenever it can, and after a failure that may be the fault of one job, for each alone.
    COKINO_DECL virtual bool batches(const job_record& a, const job_record& b) const;
    COKINO_DECL virtual result<wire::request> encode_status_batch(
        std::span<const job_record* const> jobs) const;
    COKINO_DECL virtual result<std::vector<std::optional<job_status>>> decode_status_batch(
        std::span<const job_record* const> jobs, const wire::response& answer) const;

    /// States as they change, as server-sent events (traits().status_stream); decode_stream reads
    /// the data of one.
    COKINO_DECL virtual result<wire::request> encode_stream(const job_record& job) const;
    COKINO_DECL virtual result<job_status> decode_stream(const job_record& job,
                                                         std::string_view data) const;

    /// What the body of a webhook says; answer_malformed when it is none of this host's.
    COKINO_DECL virtual result<webhook_note> read_webhook(std::string_view body) const;

    /// The result of a job whose status said result_pending. By default there is no such step.
    COKINO_DECL virtual result<wire::request> encode_result(const job_record& job) const;
    /// Gives a final status with output or error (assets without `from`, which the caller knows);
    /// a state that is not final when it was asked too early; or a failure as decode_status does.
    COKINO_DECL virtual result<job_status> decode_result(const job_record& job,
                                                         const wire::response& answer) const;

    COKINO_DECL virtual result<wire::request> encode_cancel(const job_record& job) const;
    COKINO_DECL virtual result<cancel_outcome> decode_cancel(const job_record& job,
                                                             const wire::response& answer) const;

protected:
    /// unsupported_field / invalid_argument for a request that this host does not take at all.
    failure not_offered(std::string_view request) const;

private:
    failure no_such_step(std::string_view step) const;
};

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/provider/impl/provider.ipp>
#endif
