// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace work::testing {

/// Stands between clients and a server on loopback, on a thread of its own. Of the pieces that come
/// from a client, some are forwarded and the connection is cut before the reply is passed on. And
/// connections can be made to pass nothing any more, as behind a balancer that forgot them.
class proxy
{
public:
    using tcp = boost::asio::ip::tcp;

    proxy(std::uint16_t server_port, double cut_probability, std::uint32_t seed)
        : server_(boost::asio::ip::address_v4::loopback(), server_port),
          cut_(cut_probability),
          random_(seed),
          acceptor_(io_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)),
          port_(acceptor_.local_endpoint().port())
    {
        accept();
        thread_ = std::thread([this] { io_.run(); });
    }
    proxy(proxy const&) = delete;
    proxy& operator=(proxy const&) = delete;
    ~proxy()
    {
        io_.stop();
        thread_.join();
    }

    std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }
    std::uint16_t port() const noexcept { return port_; }
    /// Connections cut so far.
    int cuts() const noexcept { return cuts_; }
    /// From now on; any thread.
    void set_cut_probability(double probability) noexcept { cut_ = probability; }
    /// What clients send goes on as this makes of it, piece by piece as it was read. Before the
    /// first connection.
    void rewrite(std::function<std::string(std::string_view)> how) { rewrite_ = std::move(how); }
    /// The connections there are whose client gave itself a name with that in it (all, if it is
    /// empty) stay open and pass nothing any more; new ones do. Any thread; done when it returns.
    void stall(std::string name)
    {
        std::promise<void> done;
        boost::asio::post(io_, [&] {
            std::erase_if(links_, [](auto const& one) { return one.expired(); });
            for (auto const& weak : links_) {
                auto const held = weak.lock();
                if (held && held->opening.find(name) != std::string::npos)
                    held->stalled = true;
            }
            done.set_value();
        });
        done.get_future().wait();
    }

private:
    struct link : std::enable_shared_from_this<link>
    {
        link(proxy& of, tcp::socket from) : owner(of), client(std::move(from)), server(of.io_) {}

        void start()
        {
            server.async_connect(owner.server_, [self = shared_from_this()](auto failure) {
                if (failure)
                    return self->close();
                boost::system::error_code ignored;
                self->client.set_option(tcp::no_delay(true), ignored);
                self->server.set_option(tcp::no_delay(true), ignored);
                self->from_client();
                self->from_server();
            });
        }
        void from_client()
        {
            client.async_read_some(
                boost::asio::buffer(up),
                [self = shared_from_this()](auto failure, std::size_t size) {
                    if (failure)
                        return self->close();
                    self->forward(size);
                }
            );
        }
        void forward(std::size_t size)
        {
            if (opening.size() < 512)
                opening.append(up.data(), size);
            if (stalled)
                return keep();
            std::uniform_real_distribution<double> unit;
            if (!mute && unit(owner.random_) < owner.cut_) {
                mute = true;
                ++owner.cuts_;
            }
            piece.assign(up.data(), size);
            if (owner.rewrite_)
                piece = owner.rewrite_(piece);
            boost::asio::async_write(
                server,
                boost::asio::buffer(piece),
                [self = shared_from_this()](auto failure, std::size_t) {
                    if (failure)
                        return self->close();
                    self->from_client();
                }
            );
        }
        void from_server()
        {
            server.async_read_some(
                boost::asio::buffer(down),
                [self = shared_from_this()](auto failure, std::size_t size) {
                    if (!failure && self->stalled)
                        return self->keep();
                    // The server has carried it out; nobody will know.
                    if (failure || self->mute)
                        return self->close();
                    self->backward(size);
                }
            );
        }
        void backward(std::size_t size)
        {
            boost::asio::async_write(
                client,
                boost::asio::buffer(down, size),
                [self = shared_from_this()](auto failure, std::size_t) {
                    if (failure)
                        return self->close();
                    self->from_server();
                }
            );
        }
        /// Both ends stay open until one of them gives up.
        void keep() { owner.kept_.push_back(shared_from_this()); }
        void close()
        {
            boost::system::error_code ignored;
            client.close(ignored);
            server.close(ignored);
        }

        proxy& owner;
        tcp::socket client;
        tcp::socket server;
        bool mute = false;
        bool stalled = false;
        std::string piece;
        std::string opening;  ///< the first bytes of the client, its name among them
        std::array<char, 65536> up{};
        std::array<char, 65536> down{};
    };

    void accept()
    {
        acceptor_.async_accept([this](boost::system::error_code failure, tcp::socket socket) {
            if (failure)
                return;
            auto const made = std::make_shared<link>(*this, std::move(socket));
            links_.push_back(made);
            made->start();
            accept();
        });
    }

    boost::asio::io_context io_{1};
    tcp::endpoint server_;
    std::atomic<double> cut_;
    std::function<std::string(std::string_view)> rewrite_;
    std::mt19937 random_;
    tcp::acceptor acceptor_;
    std::uint16_t port_;
    std::atomic<int> cuts_{0};
    std::vector<std::weak_ptr<link>> links_;
    std::vector<std::shared_ptr<link>> kept_;
    std::thread thread_;
};

}  // namespace work::testing
