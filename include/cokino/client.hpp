// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// cokino::client: the verbs about jobs and the verbs about their files in one object, on the real
// network. This is what most programs include (through cokino.hpp). It joins layers that do not
// know each other: the job client renews the downloader's dead links.
//
// One thread: a client is used from the thread that runs its executor's context, and must go before
// that context does.
#pragma once

#include <cokino/client/job_client.hpp>
#include <cokino/net/http_transport.hpp>
#include <cokino/transfer/download_manager.hpp>
#include <cokino/transfer/downloader.hpp>

#include <concepts>
#include <memory>
#include <string>
#include <utility>

namespace cokino {

/// Everything that can be set about a client. What is not touched has a sensible default.
class client_options : public job_client_options
{
public:
    client_options() {}

    /// TLS, proxies, connections. Not looked at when `transport` is set.
    net::transport_options network;
    /// Permissions and habits of all downloads.
    download_defaults downloads;
    /// Of client::downloads(): how many at once, from one host, on a full disk.
    download_manager_options download_queue;
    /// Another door to the network: a fake, a recorder. Empty: the real one.
    std::shared_ptr<net::transport> transport;
};

class client final : public job_client, private link_source
{
public:
    /// A client of one host, with one key.
    ///
    ///   auto kling = cokino::client{io.get_executor(),
    ///                               cokino::fal{cokino::api_key::from_env("FAL_KEY")}};
    ///
    /// Throws cokino::error (invalid_options) when an option is out of bounds.
    template <std::derived_from<provider> Provider>
    client(executor ex, Provider host, const client_options& options = client_options())
        : client(std::move(ex), std::make_shared<const Provider>(std::move(host)), options)
    {}

    client(executor ex, std::shared_ptr<const provider> host,
           const client_options& options = client_options());

    /// Whether download() could put a file under a name, by all that can be seen of the disk now.
    /// Before submit(): then a directory that is not there, or a file in the way, costs no clip.
    ///
    /// Effects — looks, and leaves everything as it is.
    /// Failures — local_fault: file_exists (and no options.overwrite), file_failed, disk_full;
    ///   invalid_request: no file can have such a path, or an option is out of its bounds. All
    ///   name the path or the option.
    /// Cancellation — all kinds, before it begins.
    /// Repeats — safe.
    [[nodiscard]] awaitable<void> check_target(std::string path, download_options options = {})
    {
        return downloads_.check_target(std::move(path), options);
    }

    /// Brings a clip home: into a file, which has its name only once it is whole and checked.
    ///
    /// Effects — fetches the link, without any key; resumes what an earlier try left; renews a dead
    ///   link once by reading the job again; checks length, MP4 structure and duration. Costs
    ///   nothing at the host.
    /// Lifetimes — arguments are copied; options.progress and the client outlive the awaitable.
    /// Completes — with what was done.
    /// Failures — link_expired, link_refused, content_mismatch, transport_fault, provider_fault (of
    ///   the file's host), rate_limited, timed_out (options.total), local_fault (disk; file_exists
    ///   if a file has the name), invalid_request (a path or an option). There is never anything
    ///   new under the final name then; what can be resumed is kept beside it as "name.part".
    /// Cancellation — all kinds stop it, as soon as what has come is on the disk; the part is kept.
    /// Repeats — safe.
    [[nodiscard]] awaitable<download_report> download(video clip, std::string path,
                                                      download_options options = {})
    {
        return downloads_.download(std::move(clip), std::move(path), options);
    }

    /// The same for one file of any kind.
    [[nodiscard]] awaitable<download_report> download(asset file, std::string path,
                                                      download_options options = {})
    {
        return downloads_.download(std::move(file), std::move(path), options);
    }

    /// Into a sink of your own, which must outlive the awaitable.
    [[nodiscard]] awaitable<download_report> download(video clip, sink& into,
                                                      download_options options = {})
    {
        return downloads_.download(std::move(clip), into, options);
    }

    [[nodiscard]] awaitable<download_report> download(asset file, sink& into,
                                                      download_options options = {})
    {
        return downloads_.download(std::move(file), into, options);
    }

    /// The queue for many downloads: so many run at once, those whose links die first go first, and
    /// a full disk makes them wait instead of failing. Its download() takes what the one above
    /// takes, and gives the same:
    ///
    ///   co_await kling.downloads().download(video, path);
    ///
    /// Those above do not wait in it: one that is asked for by itself starts at once.
    download_manager& downloads() noexcept { return queue_; }

    /// Into memory; at most limits::memory_sink_bytes_max, or options.bytes_max if that is less.
    [[nodiscard]] awaitable<std::string> download_to_memory(asset file,
                                                            download_options options = {})
    {
        return downloads_.download_to_memory(std::move(file), options);
    }

    /// The same for a clip, whose duration, lines and shape are checked too.
    [[nodiscard]] awaitable<std::string> download_to_memory(video clip,
                                                            download_options options = {})
    {
        return downloads_.download_to_memory(std::move(clip), options);
    }

private:
    [[nodiscard]] COKINO_DECL awaitable<result<asset>> renew(asset dead) override;

    downloader downloads_;
    download_manager queue_;
};

} // namespace cokino

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/impl/client.ipp>
#endif
