// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// A web server that speaks TLS.

#include <work/tls.hpp>
#include <work/web/server.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <chrono>
#include <filesystem>
#include <future>
#include <gtest/gtest.h>
#include <memory>
#include <string>

#include "cli/run_tool.hpp"
#include "support/pause.hpp"
#include "tls/certificates.hpp"
#include "web/served.hpp"

namespace {

using namespace std::chrono_literals;
using work::testing::certificates;
using work::testing::raw_connection;
using work::testing::run_tool;
using work::testing::served;
using work::testing::soon;

certificates const& web_certificates()
{
    static certificates const all;
    return all;
}

work::web_options https(std::string const& name = "server")
{
    work::web_options options;
    options.tls = work::web_tls(web_certificates().crt(name), web_certificates().key(name));
    return options;
}

/// A client of its own, which believes one authority, or anybody.
class https_client
{
public:
    https_client(std::uint16_t port, std::string const& authority, int most = 0, int least = 0)
        : context_(boost::asio::ssl::context::tls_client),
          stream_(io_, context_)
    {
        if (!authority.empty()) {
            context_.load_verify_file(web_certificates().crt(authority));
            stream_.set_verify_mode(boost::asio::ssl::verify_peer);
            SSL_set1_host(stream_.native_handle(), "localhost");
        }
        if (most != 0)
            SSL_set_max_proto_version(stream_.native_handle(), most);
        if (least != 0)
            SSL_set_min_proto_version(stream_.native_handle(), least);
        SSL_set_security_level(stream_.native_handle(), 0);
        stream_.next_layer().connect({boost::asio::ip::address_v4::loopback(), port});
        stream_.handshake(boost::asio::ssl::stream_base::client, failed_);
    }
    boost::system::error_code failed() const { return failed_; }
    std::string version() { return SSL_get_version(stream_.native_handle()); }
    std::string owner()
    {
        if (failed_)
            return failed_.message();
        X509* const one = SSL_get1_peer_certificate(stream_.native_handle());
        char text[256];
        X509_NAME_oneline(X509_get_subject_name(one), text, sizeof text);
        X509_free(one);
        return text;
    }
    void send(std::string const& text) { boost::asio::write(stream_, boost::asio::buffer(text)); }
    /// Head and body of the next answer.
    std::string read()
    {
        auto const end = [&] { return got_.find("\r\n\r\n"); };
        while (end() == std::string::npos && more()) {
        }
        auto const at = got_.find("Content-Length: ");
        if (at == std::string::npos)
            return {};
        std::size_t const whole = end() + 4 + std::stoul(got_.substr(at + 16));
        while (got_.size() < whole && more()) {
        }
        std::string const answer = got_.substr(0, whole);
        got_.erase(0, whole);
        return answer;
    }
    std::string get(std::string const& target)
    {
        send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        return read();
    }
    /// Whether it says goodbye and ends.
    bool ends()
    {
        while (more()) {
        }
        return end_ == boost::asio::error::eof;
    }
    void leave()
    {
        boost::system::error_code ignored;
        stream_.next_layer().close(ignored);
    }

private:
    bool more()
    {
        char some[16384];
        std::size_t const n = stream_.read_some(boost::asio::buffer(some), end_);
        got_.append(some, n);
        return !end_;
    }

    boost::asio::io_context io_;
    boost::asio::ssl::context context_;
    boost::asio::ssl::stream<boost::asio::ip::tcp::socket> stream_;
    boost::system::error_code failed_;
    boost::system::error_code end_;
    std::string got_;
};

TEST(web_tls, requests_bodies_and_large_answers_go_through_it)
{
    served server("memory:", https());
    https_client client(server.port(), "ca");
    ASSERT_FALSE(client.failed()) << client.failed().message();
    EXPECT_EQ(client.version(), "TLSv1.3");
    std::string const large(900'000, 'x');
    std::string const body = R"({"name":"a","id":"j","args":[")" + large + R"("]})";
    client.send(
        "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Content-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body
    );
    EXPECT_TRUE(client.read().starts_with("HTTP/1.1 201 "));
    EXPECT_NE(client.get("/api/v1/jobs/j").find(large), std::string::npos);
    client.send("GET /api/v1/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(client.read().starts_with("HTTP/1.1 200 "));
    EXPECT_TRUE(client.ends()) << "it must say goodbye, or a cut can't be told from the end";
}

TEST(web_tls, one_point_two_is_enough_and_less_is_not)
{
    served server("memory:", https());
    https_client enough(server.port(), "ca", TLS1_2_VERSION);
    ASSERT_FALSE(enough.failed()) << enough.failed().message();
    EXPECT_EQ(enough.version(), "TLSv1.2");
    EXPECT_TRUE(enough.get("/api/v1/").starts_with("HTTP/1.1 200 "));
    https_client old(server.port(), "ca", TLS1_1_VERSION, TLS1_VERSION);
    EXPECT_TRUE(old.failed());
    https_client unbelieving(server.port(), "other-ca");
    EXPECT_TRUE(unbelieving.failed());
    EXPECT_NE(server.log().find("no TLS with peer=127.0.0.1"), std::string::npos);
}

TEST(web_tls, who_speaks_plain_http_or_nothing_is_let_go)
{
    work::web_options options = https();
    options.limits.head_in = 600ms;
    served server("memory:", options);
    raw_connection plain(server.port());
    plain.send("GET /api/v1/ HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(plain.read().status, 0);
    raw_connection silent(server.port());
    auto const from = std::chrono::steady_clock::now();
    EXPECT_TRUE(silent.ended());
    EXPECT_LT(std::chrono::steady_clock::now() - from, 4s) << "heads have 5 s elsewhere";
}

TEST(web_tls, a_claim_goes_with_the_socket_and_a_stream_with_the_server)
{
    served server("memory:", https());
    https_client client(server.port(), "ca");
    ASSERT_FALSE(client.failed()) << client.failed().message();
    std::string const types = R"({"job_types":[{"name":"a"}]})";
    client.send(
        "PUT /api/v1/pools/p HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Content-Length: " +
        std::to_string(types.size()) + "\r\n\r\n" + types
    );
    EXPECT_TRUE(client.read().starts_with("HTTP/1.1 200 "));
    std::string const claim = R"({"number":1,"wait_ms":50000})";
    client.send(
        "POST /api/v1/pools/p/claim HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
        "application/json\r\nContent-Length: " +
        std::to_string(claim.size()) + "\r\n\r\n" + claim
    );
    https_client next(server.port(), "ca");
    auto const parked = [&] {
        return next.get("/metrics").find("\nwork_http_parked_claims 0\n") == std::string::npos;
    };
    ASSERT_TRUE(soon(parked));
    client.leave();
    EXPECT_TRUE(soon([&] { return !parked(); }));
    https_client watcher(server.port(), "ca");
    watcher.send("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    ASSERT_TRUE(soon([&] {
        return next.get("/metrics").find("\nwork_http_streams 1\n") != std::string::npos;
    }));
    EXPECT_LT(server.stop(), 10s);
}

TEST(web_tls, a_renewed_certificate_is_served_and_a_bad_one_is_not)
{
    auto const folder = std::filesystem::path(web_certificates().crt("server")).parent_path();
    auto const crt = folder / "renewed.crt";
    auto const key = folder / "renewed.key";
    auto const put = [&](std::string const& name) {
        for (auto const& [from, to] :
             {std::pair(web_certificates().crt(name), crt),
              std::pair(web_certificates().key(name), key)}) {
            std::filesystem::copy_file(
                from,
                to.string() + ".new",
                std::filesystem::copy_options::overwrite_existing
            );
            std::filesystem::rename(to.string() + ".new", to);
        }
    };
    put("server");
    work::web_options options;
    options.tls = work::web_tls(crt, key);
    served server("memory:", options);
    auto const shown = [&] { return https_client(server.port(), "").owner(); };
    EXPECT_EQ(shown(), "/CN=server");
    auto const shows = [&](std::string const& what) {
        return soon([&] { return shown() == what; });
    };
    put("client");
    EXPECT_TRUE(shows("/CN=client"));
    std::filesystem::copy_file(
        web_certificates().key("server"),
        key,
        std::filesystem::copy_options::overwrite_existing
    );
    EXPECT_TRUE(soon([&] {
        return shown() == "/CN=client" &&
               server.log().find("the old certificate holds") != std::string::npos;
    }));
    put("server");
    EXPECT_TRUE(shows("/CN=server"));
}

TEST(web_tls, files_that_can_not_be_used_are_named)
{
    auto const fault = [](std::string const& certificate, std::string const& key) {
        try {
            work::web_tls(certificate, key);
        } catch (work::error const& e) {
            EXPECT_EQ(e.code(), work::errc::invalid_option);
            return std::string(e.what());
        }
        return std::string();
    };
    auto const& all = web_certificates();
    EXPECT_NE(fault("/none.crt", all.key("server")).find("/none.crt"), std::string::npos);
    EXPECT_NE(fault(all.crt("server"), "/none.key").find("/none.key"), std::string::npos);
    EXPECT_NE(
        fault(all.crt("server"), all.key("client")).find(all.key("client")),
        std::string::npos
    );
    auto const half = run_tool({"server", "--redis", "memory:", "--tls-cert", all.crt("server")});
    EXPECT_EQ(half.code, 2);
    EXPECT_NE(half.err.find("--tls-key"), std::string::npos) << half.err;
    auto const none =
        run_tool({"server", "--redis", "memory:", "--tls-cert", "/none", "--tls-key", "/none"});
    EXPECT_EQ(none.code, 2) << none.err;
}

}  // namespace
