// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

/// \file
/// TLS for `rediss://` URLs, and for a web server. It needs OpenSSL 1.1.1 or newer; with CMake,
/// link work::tls. Programs that don't include it need no OpenSSL.

#include <work/build_config.hpp>
#include <work/error.hpp>
#include <work/redis/endpoint.hpp>
#include <work/redis/transport.hpp>
#include <work/secured_stream.hpp>
#include <work/task.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <string>
#include <sys/stat.h>
#include <utility>

namespace work {

/// How a client proves who it is, and whom it believes. The server's certificate is always checked,
/// against the host of the URL.
struct tls_options
{
    /// Certificates of authorities, in PEM, to believe instead of the system's.
    std::string ca_file{};
    /// The client's own certificate, with its chain, and its key, both in PEM: give both or none.
    std::string certificate_file{};
    std::string key_file{};
    /// The name that the server's certificate must have, where it is not the URL's host: behind a
    /// tunnel, or an address without a name.
    std::string server_name{};
};

namespace detail {

/// The byte stream of a transport, as Asio's TLS wants what is below it.
class tls_layer
{
public:
    using executor_type = boost::asio::any_io_executor;
    using lowest_layer_type = tls_layer;

    explicit tls_layer(executor_type executor)
        : below_(redis::make_socket_transport(executor)),
          executor_(std::move(executor))
    {}

    executor_type get_executor() const noexcept { return executor_; }
    lowest_layer_type& lowest_layer() noexcept { return *this; }
    redis::transport& below() noexcept { return *below_; }

    template <typename Buffers, typename Token>
    auto async_read_some(Buffers const& buffers, Token&& token)
    {
        boost::asio::mutable_buffer const first = *boost::asio::buffer_sequence_begin(buffers);
        return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
            [this](auto done, boost::asio::mutable_buffer into) {
                below_->read_some(into, redis::transport::handler(std::move(done)));
            },
            token,
            first
        );
    }
    template <typename Buffers, typename Token>
    auto async_write_some(Buffers const& buffers, Token&& token)
    {
        boost::asio::const_buffer const first = *boost::asio::buffer_sequence_begin(buffers);
        return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
            [this](auto done, boost::asio::const_buffer from) {
                below_->write_some(from, redis::transport::handler(std::move(done)));
            },
            token,
            first
        );
    }

private:
    std::unique_ptr<redis::transport> below_;
    executor_type executor_;
};

class tls_transport final : public redis::transport
{
public:
    tls_transport(
        boost::asio::any_io_executor executor,
        std::shared_ptr<boost::asio::ssl::context> context,
        std::string server_name
    )
        : context_(std::move(context)),
          server_name_(std::move(server_name)),
          stream_(tls_layer(std::move(executor)), *context_)
    {}

    task<void> connect(redis::endpoint server) override
    {
        name_the_server(server);
        redis::endpoint plain = server;
        plain.tls = false;
        co_await stream_.next_layer().below().connect(std::move(plain));
        boost::system::error_code failure;
        auto token = boost::asio::redirect_error(boost::asio::use_awaitable, failure);
        co_await stream_.async_handshake(boost::asio::ssl::stream_base::client, token);
        if (failure)
            handshake_failed(server, failure);
    }
    void read_some(boost::asio::mutable_buffer buffer, handler done) override
    {
        stream_.async_read_some(boost::asio::mutable_buffers_1(buffer), std::move(done));
    }
    void write_some(boost::asio::const_buffer buffer, handler done) override
    {
        stream_.async_write_some(boost::asio::const_buffers_1(buffer), std::move(done));
    }
    void cancel() noexcept override { stream_.next_layer().below().cancel(); }
    // Without a close_notify: replies are framed, so that a cut is seen.
    void close() noexcept override { stream_.next_layer().below().close(); }
    void abandon() noexcept override { stream_.next_layer().below().abandon(); }
    bool alive() noexcept override { return stream_.next_layer().below().alive(); }

private:
    void name_the_server(redis::endpoint const& server)
    {
        SSL* const ssl = stream_.native_handle();
        std::string name = server_name_.empty() ? server.host : server_name_;
        name = name.substr(0, name.find('%'));
        boost::system::error_code no_address;
        boost::asio::ip::make_address(name, no_address);
        bool named = false;
        if (no_address) {
            SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
            named = SSL_set1_host(ssl, name.c_str()) == 1 &&
                    SSL_set_tlsext_host_name(ssl, name.c_str()) == 1;
        } else {
            named = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str()) == 1;
        }
        if (!named)
            throw error(
                errc::refused,
                "the name \"" + name + "\" of the Redis server " + redis::describe(server) +
                    " can't be used for TLS"
            );
        checked_name_ = std::move(name);
    }

    [[noreturn]] void handshake_failed(
        redis::endpoint const& server,
        boost::system::error_code failure
    )
    {
        std::string const whose = "the Redis server " + redis::describe(server);
        long const verdict = SSL_get_verify_result(stream_.native_handle());
        if (verdict != X509_V_OK)
            throw error(
                errc::refused,
                whose + " has a certificate that is not believed: " +
                    X509_verify_cert_error_string(verdict) + "; " + way_out(verdict)
            );
        if (failure.category() != boost::asio::error::get_ssl_category() &&
            failure.category() != boost::asio::ssl::error::get_stream_category() &&
            failure != boost::asio::error::eof)
            throw boost::system::system_error(failure);
        throw error(
            errc::refused,
            whose + " does not speak TLS as it should: " + failure.message() +
                "; if that port is a plain one, write redis://, and give the port of TLS "
                "otherwise"
        );
    }

    std::string way_out(long verdict) const
    {
        switch (verdict) {
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return "it is not made out to \"" + checked_name_ +
                   "\": use the name it has in the URL, or set tls_options::server_name";
        case X509_V_ERR_CERT_HAS_EXPIRED: return "renew it, or set this machine's clock";
        case X509_V_ERR_CERT_NOT_YET_VALID: return "set this machine's clock";
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            return "give the certificate of its authority as tls_options::ca_file";
        default: return "see openssl-verification-options(1)";
        }
    }

    std::shared_ptr<boost::asio::ssl::context> context_;
    std::string server_name_;
    std::string checked_name_;
    boost::asio::ssl::stream<tls_layer> stream_;
};

class openssl_context final : public redis::tls_context
{
public:
    explicit openssl_context(tls_options const& options)
        : context_(std::make_shared<boost::asio::ssl::context>(boost::asio::ssl::context::tls_client
          )),
          server_name_(options.server_name)
    {
        boost::system::error_code failure;
        SSL_CTX_set_min_proto_version(context_->native_handle(), TLS1_2_VERSION);
        context_->set_verify_mode(boost::asio::ssl::verify_peer);
        if (options.ca_file.empty())
            context_->set_default_verify_paths(failure);
        else
            context_->load_verify_file(options.ca_file, failure);
        check(failure, "ca_file", options.ca_file);
        if (options.certificate_file.empty() != options.key_file.empty())
            throw error(
                errc::invalid_option,
                "tls_options has only one of certificate_file and key_file; give both, or "
                "none"
            );
        if (options.certificate_file.empty())
            return;
        context_->use_certificate_chain_file(options.certificate_file, failure);
        check(failure, "certificate_file", options.certificate_file);
        context_->use_private_key_file(options.key_file, boost::asio::ssl::context::pem, failure);
        check(failure, "key_file", options.key_file);
        if (SSL_CTX_check_private_key(context_->native_handle()) != 1)
            throw error(
                errc::invalid_option,
                "tls_options::key_file \"" + options.key_file +
                    "\" is not the key of certificate_file \"" + options.certificate_file + "\""
            );
    }

    std::unique_ptr<redis::transport> make(boost::asio::any_io_executor executor) const override
    {
        return std::make_unique<tls_transport>(std::move(executor), context_, server_name_);
    }

private:
    static void check(
        boost::system::error_code failure,
        char const* field,
        std::string const& value
    )
    {
        if (failure)
            throw error(
                errc::invalid_option,
                std::string("tls_options::") + field + " \"" + value + "\" can't be used: " +
                    failure.message() + "; give a file in PEM that this process may read"
            );
    }

    std::shared_ptr<boost::asio::ssl::context> context_;
    std::string server_name_;
};

/// One connection of a web server.
class tls_secured final : public secured_stream
{
public:
    tls_secured(
        boost::asio::ip::tcp::socket& over,
        std::shared_ptr<boost::asio::ssl::context> context
    )
        : context_(std::move(context)),
          stream_(over, *context_)
    {}

    task<void> handshake() override
    {
        co_await stream_.async_handshake(
            boost::asio::ssl::stream_base::server,
            boost::asio::use_awaitable
        );
    }
    void read_some(boost::asio::mutable_buffer into, handler done) override
    {
        stream_.async_read_some(boost::asio::mutable_buffers_1(into), std::move(done));
    }
    void write_some(boost::asio::const_buffer from, handler done) override
    {
        stream_.async_write_some(boost::asio::const_buffers_1(from), std::move(done));
    }
    task<void> goodbye() override
    {
        boost::system::error_code ignored;
        auto token = boost::asio::redirect_error(boost::asio::use_awaitable, ignored);
        co_await stream_.async_shutdown(token);
    }

private:
    std::shared_ptr<boost::asio::ssl::context> context_;
    boost::asio::ssl::stream<boost::asio::ip::tcp::socket&> stream_;
};

class openssl_certificate final : public web_certificate
{
public:
    openssl_certificate(std::string certificate_file, std::string key_file)
        : certificate_file_(std::move(certificate_file)),
          key_file_(std::move(key_file)),
          stamp_(stamp()),
          context_(load())
    {}

    std::unique_ptr<secured_stream> make(boost::asio::ip::tcp::socket& over) const override
    {
        return std::make_unique<tls_secured>(over, context_);
    }

    std::string refresh() override
    {
        std::string now = stamp();
        if (now == stamp_)
            return {};
        stamp_ = std::move(now);
        try {
            context_ = load();
            return "the certificate " + certificate_file_ + " changed and was read again";
        } catch (error const& fault) {
            return std::string("the old certificate holds, since ") + fault.what();
        }
    }

private:
    using context = boost::asio::ssl::context;

    std::shared_ptr<context> load() const
    {
        auto made = std::make_shared<context>(context::tls_server);
        SSL_CTX* const native = made->native_handle();
        SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
        SSL_CTX_set_options(
            native,
            SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION
        );
        boost::system::error_code failure;
        made->use_certificate_chain_file(certificate_file_, failure);
        check(failure, "certificate", certificate_file_);
        made->use_private_key_file(key_file_, context::pem, failure);
        check(failure, "key", key_file_);
        if (SSL_CTX_check_private_key(native) != 1)
            throw error(
                errc::invalid_option,
                "the key " + key_file_ + " is not that of the certificate " + certificate_file_
            );
        return made;
    }
    static void check(boost::system::error_code failure, char const* what, std::string const& file)
    {
        if (failure)
            throw error(
                errc::invalid_option,
                std::string("the ") + what + " " + file + " can't be used: " + failure.message() +
                    "; give a file in PEM that this process may read"
            );
    }
    /// Another one when one of the files is another one.
    std::string stamp() const
    {
        std::string text;
        for (std::string const* const file : {&certificate_file_, &key_file_}) {
            struct ::stat is{};
            if (::stat(file->c_str(), &is) != 0)
                return text + "absent";
            text += std::to_string(is.st_ino) + " " + std::to_string(is.st_size) + " " +
                    std::to_string(is.st_mtim.tv_sec) + " " + std::to_string(is.st_mtim.tv_nsec) +
                    " ";
        }
        return text;
    }

    std::string certificate_file_;
    std::string key_file_;
    std::string stamp_;
    std::shared_ptr<context> context_;
};

}  // namespace detail

/// For `client_options::tls`. One may serve many clients.
///
/// \par Errors errc::invalid_option: a file can't be read or used.
inline std::shared_ptr<redis::tls_context const> tls(tls_options const& options = {})
{
    return std::make_shared<detail::openssl_context const>(options);
}

/// For `web_options::tls`: TLS 1.2 and newer, with a certificate, which has its chain behind it,
/// and its key, both in PEM. Files that are renewed are read again.
///
/// \par Errors errc::invalid_option: a file can't be read or used, or the two don't belong together
inline std::shared_ptr<web_certificate> web_tls(std::string certificate_file, std::string key_file)
{
    return std::make_shared<detail::openssl_certificate>(
        std::move(certificate_file),
        std::move(key_file)
    );
}

}  // namespace work
