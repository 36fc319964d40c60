// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What hosts answer. Input: one byte each for the host, the step and the status, then the body.
#include "hosts.hpp"

#include <array>

namespace {

using namespace cokino;
using fuzz::require;

void check(const failure& f)
{
    fuzz::check(f);
    auto const& d = f.facts();
    auto const text = f.describe() + d.host_code + d.host_text + d.request_id + d.job;
    require(text.find(fuzz::canary) == std::string::npos, "a key is never told", text);
}

void check_answered(const failure& f)
{
    check(f);
    require(f.sent() == fate::answered, "an answer's failure was answered", f.describe());
}

void check_output(const job_output& output)
{
    require(!output.assets.empty(), "a success has files");
    for (const asset& a : output.assets)
        require(wire::url::parse(a.url).has_value(), "a file has a link", a.url);
}

void check_status(const job_status& s, bool may_be_pending)
{
    require(fuzz::one_line(s.word) && s.word.size() <= limits::host_text_bytes_max,
            "a state's word is clean and cut", s.word);
    require(!s.queue_position || *s.queue_position >= 0, "a place in the queue is no debt");
    require(!s.progress || (*s.progress >= 0 && *s.progress <= 1), "progress is a share");
    require(may_be_pending || !s.result_pending, "a result is not promised twice");
    require(!s.result_pending || is_final(s.state), "a result awaits the end");
    for (const job_log& line : s.logs)
        require(fuzz::one_line(line.message), "a line of log is one line", line.message);
    if (s.output)
        check_output(*s.output);
    if (s.error)
        check_answered(*s.error);
    if (!is_final(s.state) || s.result_pending)
        return;
    require(s.state == job_state::succeeded ? s.output.has_value() : s.error.has_value(),
            "an end has files or a reason", s.word);
}

/// A key goes only to the origin it was given for, whatever links an answer held.
void check_request(const wire::origin& host, const result<wire::request>& r)
{
    if (!r)
        return check(r.error());
    require(!r->head->carries_key() || r->head->url().where() == host,
            "a key goes only to its host", r->head->url().text());
}

void submit(const fuzz::host& h, const wire::response& answer)
{
    job_record job;
    job.route = h.job.route;
    if (auto const taken = h.dialect->decode_submit(answer, job); !taken)
        return check_answered(taken.error());
    require(!job.id.empty() && job.id.size() <= limits::job_id_bytes_max, "a job has an id",
            job.id);
    job_handle const handle(std::make_shared<const job_record>(job));
    auto const text = handle.text();
    auto const again = parse_job(text);
    require(again.has_value() && *again == handle, "a job's text can be read back", text);
    check_request(h.origin, h.dialect->encode_status(job));
    check_request(h.origin, h.dialect->encode_result(job));
    check_request(h.origin, h.dialect->encode_cancel(job));
}

void batch(const fuzz::host& h, const wire::response& answer)
{
    job_record other = h.job;
    other.id = "b";
    const job_record* const jobs[] = {&h.job, &other};
    auto const looks = h.dialect->decode_status_batch(jobs, answer);
    if (!looks)
        return check(looks.error());
    require(looks->size() == 2, "a batch answers for each job");
    for (auto const& look : *looks)
        if (look)
            check_status(*look, true);
}

void look(const fuzz::host& h, std::size_t step, const wire::response& answer)
{
    const provider& d = *h.dialect;
    auto const status = step == 1   ? d.decode_status(h.job, answer)
                        : step == 2 ? d.decode_result(h.job, answer)
                                    : d.decode_stream(h.job, answer.body());
    if (status)
        check_status(*status, step != 2);
    else
        check(status.error());
}

/// Where a key goes is settled by the first request: some hosts store files at another origin.
void upload(const fuzz::host& h, const wire::response& answer)
{
    media_upload m;
    m.bytes = "x";
    m.content_type = "image/png";
    m.file_name = "frame-0.png";
    auto const first = h.dialect->encode_upload(m);
    auto const store = first ? first->head->url().where() : h.origin;
    for (; m.step != 3 && m.url.empty(); ++m.step) {
        if (auto const done = h.dialect->decode_upload(m, answer); !done)
            return check(done.error());
        if (m.url.empty())
            check_request(store, h.dialect->encode_upload(m));
    }
}

void others(const fuzz::host& h, std::size_t step, const wire::response& answer)
{
    if (step == 3) {
        if (auto const cancelled = h.dialect->decode_cancel(h.job, answer); !cancelled)
            check(cancelled.error());
    } else if (step == 6) {
        auto const note = h.dialect->read_webhook(answer.body());
        if (!note)
            return check(note.error());
        require(note->job_id.size() <= limits::job_id_bytes_max, "a hook's id is cut");
        if (note->status)
            check_status(*note->status, true);
    } else if (step == 7) {
        if (auto const made = h.dialect->decode_setup(answer); !made)
            check(made.error());
    } else {
        upload(h, answer);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    constexpr std::array<unsigned, 16> statuses = {200, 201, 202, 204, 302, 400, 401, 402,
                                                   403, 404, 409, 422, 429, 500, 503, 504};
    fuzz::input in(data, size);
    auto const& h = fuzz::hosts()[in.choice(fuzz::hosts().size())];
    auto const step = in.choice(9);
    wire::response answer;
    answer.status = statuses[in.choice(statuses.size())];
    answer.append_body(in.rest());
    switch (step) {
    case 0: submit(h, answer); break;
    case 1:
    case 2:
    case 5: look(h, step, answer); break;
    case 4: batch(h, answer); break;
    default: others(h, step, answer); break;
    }
    return 0;
}
