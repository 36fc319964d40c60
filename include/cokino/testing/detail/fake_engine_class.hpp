// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A host of our own: it speaks fal's queue API and the generic REST dialect, renders nothing,
// serves real clips, counts all that would cost money, and misbehaves on request. A pure function
// from request to reply under an injected clock; fake_transport and fake_server carry it. It is a
// referee for tests, no model of any host's performance.
#pragma once

#include <cokino/async/time_source.hpp>
#include <cokino/core/config.hpp>
#include <cokino/core/random_source.hpp>
#include <cokino/model/job.hpp>
#include <cokino/model/request.hpp>
#include <cokino/testing/faults.hpp>

#include <boost/json/fwd.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cokino::testing {

/// Header fields; names in lower case.
using fake_fields = std::vector<std::pair<std::string, std::string>>;

/// A request as the engine sees it.
struct fake_request {
    fake_request() = default;
    std::string method = "GET";
    std::string target; ///< Path and query.
    std::string origin; ///< "https://127.0.0.1:4711": what links in answers start with.
    fake_fields fields;
    std::string body;

    /// The first value of a field, by its name in lower case; empty when absent.
    std::string_view field(std::string_view name) const noexcept;
    std::string_view path() const noexcept;
    /// The decoded value of a name in the query; empty when absent.
    std::string query(std::string_view name) const;
};

/// A part of a body that comes at its own time.
struct fake_piece {
    fake_piece() = default;
    fake_piece(std::chrono::milliseconds wait, std::string text)
        : after(wait), bytes(std::move(text))
    {}
    std::chrono::milliseconds after{0}; ///< The piece before, or the head.
    std::string bytes;
};

/// What the engine answers, and how the carrier is to break it. Content-Length is the carrier's to
/// write, from payload() and content_length.
struct fake_reply {
    fake_reply() = default;
    unsigned status = 200;
    fake_fields fields;
    std::string body;
    /// A file, of which `file_bytes` from `file_from` are the body; then `body` is empty.
    std::shared_ptr<const std::string> file;
    std::size_t file_from = 0, file_bytes = 0;

    breakage lost = breakage::none;     ///< No byte of it is sent.
    std::optional<std::size_t> cut_at;  ///< The connection breaks after so many bytes of the body,
    breakage cut_how = breakage::close; ///< in this way.
    std::optional<std::uint64_t> content_length; ///< A wrong one.
    bool no_length = false;             ///< No Content-Length; the connection's end ends the body.
    std::chrono::milliseconds delay{0}; ///< Before the first byte.
    std::size_t piece_bytes = 0;        ///< So many bytes of the body at a time, 0 for all at once,
    std::chrono::milliseconds pause{0}; ///< with this between them.
    /// The body is `pieces`, each at its time: an event stream. It ends with the connection, or as
    /// cut_how says where cut_at is set (to any number).
    bool in_pieces = false;
    std::vector<fake_piece> pieces;

    std::string_view payload() const noexcept;
    std::string_view field(std::string_view name) const noexcept;
};

struct fake_options {
    fake_options() = default;
    /// The key that is good. Empty: any key, as long as it is sent the way the dialect wants it.
    std::string api_key;
    std::chrono::milliseconds queue_time{200};   ///< From acceptance to the start, at least.
    std::chrono::milliseconds render_time{2000}; ///< From start to end.
    /// Jobs that render at once; the others queue. 0: no bound.
    std::size_t running_max = 0;
    /// Jobs that may be queued or running; a submit beyond is refused with 429. 0: no bound.
    std::size_t active_max = 0;
    std::chrono::seconds link_lifetime{3600};
    /// Where links to files point; empty: to the origin that was asked.
    std::string media_origin;
    /// Clips are padded to this size.
    std::size_t clip_bytes_min = 0;
    /// fal: a bad input is refused at submit. Most of its models accept it and fail later
    /// [providers/fal-replicate A2].
    bool validates_at_submit = false;
    /// rest: answers stand inside "data", as Kling's do.
    bool wraps_data = true;
    /// rest: a repeated Idempotency-Key gives the first answer again.
    bool replays_keys = false;
    /// Ids are drawn from this; the same seed and requests give the same ids.
    std::uint64_t seed = 1;
};

enum class fake_dialect : unsigned char {
    fal,
    rest,
    kling,
    kie,
    piapi,
    pollo,
    wireflow,
    replicate
};
enum class fake_state : unsigned char { queued, running, succeeded, failed, cancelled };

/// One accepted job, and what was done with it since.
struct fake_job {
    fake_job() = default;
    std::size_t number = 0; ///< In order of acceptance, from 1.
    std::string id;
    fake_dialect dialect = fake_dialect::fal;
    job_kind kind = job_kind::video;
    std::string endpoint; ///< The path of the submit, without its first '/'.
    std::string prompt;
    std::string body; ///< The submit's body as it came.
    std::string webhook_url;
    std::string image_url; ///< Start frame; empty for text to video.
    std::string video_url; ///< The clip that is upscaled; empty: none.
    int duration_s = 0;
    int lines = 1080; ///< Of a clip.
    cokino::aspect_ratio ratio = aspect_ratio::landscape_16_9;
    int width = 0, height = 0, count = 1; ///< Of stills.
    steady_time accepted_at{}, start_at{}, end_at{};
    std::optional<steady_time> cancelled_at;
    /// Thousandths of a dollar; taken at acceptance, given back when cancelled while queued.
    std::int64_t price_mills = 0;
    std::size_t polls = 0, results = 0, cancels = 0;
    std::size_t downloads = 0;    ///< Requests for its files, refused ones too.
    std::uint64_t bytes_sent = 0; ///< Of its files.
    std::string invalid_input;    ///< JSON of fal's "detail", when it was accepted all the same.
    job_faults faults;
    std::size_t links = 0, version = 0; // links given out; how often the file has changed
    std::set<std::string> dead_links;
};

/// A file that was announced for upload; empty until its bytes have come.
struct fake_upload {
    fake_upload() = default;
    std::string name, content_type;
    std::shared_ptr<const std::string> bytes;
};

/// What the host finds behind the link of a clip that it is to upscale. Of links that are not its
/// own it finds what their owner would: 5 s at 1080p.
struct fake_source {
    fake_source() = default;
    int duration_s = 5, lines = 1080;
    cokino::aspect_ratio ratio = aspect_ratio::landscape_16_9;
    bool readable = true;
    system_time dies_at = system_time::max(); ///< Of its own links.
};

/// What the engine has seen.
struct fake_counts {
    std::size_t submits = 0; ///< POSTs that came whole, refused ones too.
    std::size_t jobs = 0;    ///< Accepted.
    std::size_t polls = 0, results = 0, cancels = 0, downloads = 0, unknown_routes = 0;
    std::size_t polled_ids_max = 0; ///< kling: the most ids that one of the polls named.
    std::size_t unauthorised = 0;
    std::size_t keys_leaked = 0; ///< Requests for files that carried a key.
    std::size_t jobs_cancelled = 0;
    std::size_t streams = 0; ///< Event streams that were opened.
    std::size_t uploads = 0; ///< fal: files that came whole.
    std::uint64_t bytes_sent = 0;
    std::int64_t spent_mills = 0; ///< Thousandths of a dollar.
};

class fake_host;

namespace detail {
class fal_input_reader;
} // namespace detail

/// The host. One thread; the time source outlives it.
class fake_engine
{
public:
    explicit fake_engine(time_source& time, fake_options options = {});
    fake_engine(const fake_engine&) = delete;
    fake_engine& operator=(const fake_engine&) = delete;
    ~fake_engine();

    fake_reply handle(const fake_request& r);

    fault_script& faults() noexcept { return faults_; }
    fake_options& options() noexcept { return options_; }
    const fake_counts& counts() const noexcept { return counts_; }
    /// In order of acceptance.
    const std::deque<fake_job>& jobs() const noexcept { return jobs_; }
    /// In order of their announcement.
    const std::vector<fake_upload>& uploads() const noexcept { return uploads_; }
    fake_state state_of(const fake_job& job) const noexcept;

private:
    friend class fake_host;
    struct input; // of a submit, as read from its body

    fake_reply fal(const fake_request& r);
    fake_reply fal_submit(const fake_request& r);
    void fal_upscale(const boost::json::object& body, detail::fal_input_reader& reader, input& in);
    fake_reply fal_status(const fake_request& r, fake_job& job);
    std::string fal_status_text(const fake_request& r, const fake_job& job, std::string_view word,
                                fake_state state, steady_time at) const;
    fake_reply fal_stream(const fake_request& r, fake_job& job);
    fake_reply fal_announce(const fake_request& r);
    fake_reply fal_file(const fake_request& r);
    const fake_upload* uploaded(std::string_view link) const noexcept;
    fake_reply fal_result(const fake_request& r, fake_job& job);
    fake_reply fal_cancel(fake_job& job);
    fake_reply rest(const fake_request& r);
    fake_reply rest_submit(const fake_request& r);
    fake_reply rest_status(const fake_request& r, fake_job& job);
    fake_reply media(const fake_request& r);
    fake_reply media_file(const fake_request& r, fake_job& job);

    /// A refusal before acceptance, if the script or active_max wants one.
    std::optional<fake_reply> refusal(job_faults& rule, fake_dialect d);
    fake_job& accept(input&& in, job_faults& rule, const fake_request& r);
    /// What the script makes of the answer to an accepted submit.
    fake_reply accepted(const fake_job& job, fake_reply answer) const;
    fake_reply acted(const misstep& m, fake_dialect d) const;
    fake_reply error_of(fake_dialect d, unsigned status) const;
    void plan(fake_job& job);
    void plan_all();
    fake_job* find(std::string_view id);
    bool key_is_good(std::string_view key) const noexcept;
    std::size_t jobs_before(const fake_job& job) const noexcept;
    void append_outputs(std::string& json, const fake_request& r, fake_job& job);
    std::string link(const fake_request& r, fake_job& job, std::size_t index);
    std::shared_ptr<const std::string> file_of(const fake_job& job);
    fake_source source_of(std::string_view link) const;

    time_source& time_;
    fake_options options_;
    fault_script faults_;
    fake_counts counts_;
    random_source random_;
    std::deque<fake_job> jobs_;
    std::map<std::string, std::size_t, std::less<>> by_id_;  // to the index in jobs_
    std::map<std::string, std::size_t, std::less<>> by_box_; // the same, by the folder of its files
    std::map<std::string, std::shared_ptr<const std::string>> files_;
    std::vector<fake_upload> uploads_;
    std::map<std::string, fake_reply> by_key_;      // answers by Idempotency-Key
    std::vector<steady_time> slots_;                // when each becomes free, if running_max is set
    std::vector<std::unique_ptr<fake_host>> hosts_; // the dialects that stand in files of their own
};

/// The error that a dialect tells for an HTTP status, in its own shape.
COKINO_DECL fake_reply fake_error(fake_dialect d, unsigned status, std::string_view code = {},
                                  std::string_view text = {});

} // namespace cokino::testing
