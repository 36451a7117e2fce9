// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// The HTTP API inside a service of your own: stored over HTTP, run here.
#include <work/web/server.hpp>
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <iostream>
#include <string>

using boost::asio::ip::tcp;

// What curl does with --data '{"name":"resize","args":[7]}'
work::task<std::string> post(boost::asio::any_io_executor executor, unsigned short port)
{
    std::string const body = R"({"name":"resize","args":[7]})";
    std::string const request = "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\n"
                                "Content-Type: application/json\r\nIdempotency-Key: order-7\r\n"
                                "Connection: close\r\nContent-Length: " +
                                std::to_string(body.size()) + "\r\n\r\n" + body;
    tcp::socket socket(executor);
    tcp::endpoint const server(boost::asio::ip::address_v4::loopback(), port);
    co_await socket.async_connect(server, boost::asio::use_awaitable);
    co_await boost::asio::async_write(
        socket,
        boost::asio::buffer(request),
        boost::asio::use_awaitable
    );
    std::string answer;
    boost::system::error_code ended;
    co_await boost::asio::async_read(
        socket,
        boost::asio::dynamic_buffer(answer),
        boost::asio::redirect_error(boost::asio::use_awaitable, ended)
    );
    co_return answer.substr(0, answer.find("\r\n"));
}

work::task<void> use(work::client& client, work::worker_pool& pool)
{
    //[serve
    work::web_options options;
    options.port = 0;  // any free one; 5040 when this is left out
    work::web_server server{client, options};
    boost::asio::co_spawn(client.executor(), server.run(), work::rethrow);
    //]
    std::string const status = co_await post(client.executor(), server.port());
    std::cout << status << '\n';
    co_await pool.run_until_empty();
    server.stop();
}

int main()
{
    boost::asio::io_context io{1};
    work::client_options quiet;
    quiet.logger = [](work::log_level, std::string_view) {};
    work::client client{io, "memory:", quiet};
    work::worker_pool pool{client};
    pool.handle("resize", [](int width) -> work::task<void> {
        std::cout << "resized to " << width << '\n';
        co_return;
    });
    boost::asio::co_spawn(io, use(client, pool), work::rethrow);
    io.run();
    return pool.processed() == 1 ? 0 : 1;
}
