// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Wireflow, a canvas of nodes that fronts other hosts. [providers/wireflow: section 5 of
// kling-kie-piapi-pollo-wireflow.md]
//
//   text_to_video, image_to_video  kling_2_5_turbo_pro and _standard, kling_3_0_pro and _standard;
//                                  seedance_2_0 once options name its node
//   text_to_image                  flux_2_pro; recraft_v4 once options name its node
//   raw_order                      `endpoint` is the id of a workflow, `input` the whole body of
//                                  its execution: nodes, edges, targetNodeId
//
// A run belongs to a workflow, which is saved once (or given), and brings its own graph along, so
// one workflow serves every request. A submit has a key that the host remembers for a day: the same
// one again gives the first answer again, so that a lost answer costs nothing. The short door
// (/run) has no such key, and the trigger URL, which anyone may spend the account's credits with,
// needs none at all: neither is supported, and a trigger URL is a secret.
//
// Pictures are read from Wireflow's own storage only: files and links are brought there first.
// Nothing can be cancelled, and nobody is called when a job ends. A job is one run: of a raw
// graph with an iterator, which makes several, only the first is followed.
#pragma once

#include <cokino/core/config.hpp>
#include <cokino/core/secret.hpp>
#include <cokino/provider/detail/access.hpp>
#include <cokino/provider/detail/body.hpp>
#include <cokino/provider/provider.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cokino::wire {
class json_view;
}

namespace cokino {

namespace detail::wireflow_facts {
struct node_row;
}

/// No aggregate on purpose: it holds strings.
struct wireflow_options {
    wireflow_options() {}

    /// Where the API is spoken to, and the only origin that the key goes to. The bare domain
    /// redirects, and a key does not follow a redirect. Another one for a proxy or a fake.
    std::string base_url = "https://www.wireflow.ai/api/v1";
    /// A workflow of the account under which the runs are listed. Empty: one is made before the
    /// first submit, by each client.
    std::string workflow_id;
    std::string workflow_name = "cokino"; ///< Of the one that is made.
    /// Whether a node runs again whose result the host still has. On, because each submit orders a
    /// new result; off, an equal request may give the earlier one, for nothing.
    bool force = true;
    /// The names of nodes that no source tells, as GET /nodes lists them; empty: not offered. They
    /// are taken to have the ports and settings of the Kling and FLUX nodes.
    std::string seedance_2_0_node, recraft_v4_node;
};

/// Checks names; invalid_options names the offending field.
COKINO_DECL result<void> validate(const wireflow_options& o);

/// The dialect of Wireflow. Options that do not pass validate(), or a missing key, make each
/// encode_* fail with that reason; the constructor does not throw.
class wireflow : public provider
{
public:
    explicit wireflow(api_key key) : wireflow(std::move(key), wireflow_options()) {}
    wireflow(api_key key, wireflow_options options);

    const provider_traits& traits() const noexcept override { return traits_; }
    COKINO_DECL const host_facts& facts() const noexcept override;

    using provider::encode;
    COKINO_DECL result<encoded_submit> encode(const text_to_video& r,
                                              submit_context&& c) const override;
    COKINO_DECL result<encoded_submit> encode(const image_to_video& r,
                                              submit_context&& c) const override;
    COKINO_DECL result<encoded_submit> encode(const text_to_image& r,
                                              submit_context&& c) const override;
    COKINO_DECL result<encoded_submit> encode(const raw_order& r,
                                              submit_context&& c) const override;
    COKINO_DECL result<wire::request> encode_setup() const override;
    COKINO_DECL result<std::string> decode_setup(const wire::response& answer) const override;
    COKINO_DECL result<wire::request> encode_upload(const media_upload& m) const override;
    COKINO_DECL result<void> decode_upload(media_upload& m,
                                           const wire::response& answer) const override;
    COKINO_DECL result<void> decode_submit(const wire::response& answer,
                                           job_record& job) const override;
    COKINO_DECL result<wire::request> encode_status(const job_record& job) const override;
    COKINO_DECL result<job_status> decode_status(const job_record& job,
                                                 const wire::response& answer) const override;

private:
    using node_row = detail::wireflow_facts::node_row;

    const node_row* node_of(std::string_view model, std::string_view& type) const noexcept;
    template <class Request>
    result<encoded_submit> clip(const Request& r, submit_context&& c) const;
    result<encoded_submit> graph(const node_row& row, std::string_view type, std::string&& config,
                                 std::string_view extra, std::string_view frame, submit_context&& c,
                                 detail::field_gate& gate) const;
    result<encoded_submit> submit(const submit_context& c, const std::string& workflow,
                                  std::shared_ptr<const job_route> route, std::string&& body,
                                  detail::field_gate& gate) const;
    std::string workflow_of(const submit_context& c) const;
    result<void> check_frame(const image_source& image, const char* field) const;
    result<wire::request> encode_form(const media_upload& m) const;
    result<wire::request> encode_put(const media_upload& m) const;
    result<wire::request> encode_json(const char* path, std::string&& body) const;
    bool may_upload_to(const wire::url& link) const noexcept;
    void read_nodes(job_status& out, const wire::json_view& run, std::string_view target,
                    const wire::response& answer) const;
    void succeed(job_status& out, const wire::json_view& run, std::string_view target,
                 const wire::response& answer) const;
    void fail(job_status& out, const wire::json_view& run, const wire::response& answer) const;

    wireflow_options options_;
    detail::host_access access_;
    provider_traits traits_;
    std::optional<failure> problem_;
    wire::url base_;
};

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/provider/impl/wireflow.ipp>
#endif
