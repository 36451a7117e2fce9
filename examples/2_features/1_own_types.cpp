// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// Types of your own as arguments, in both directions: say once what they travel as.
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>

#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <variant>

// A type of another library.
template <>
struct work::as_argument<std::filesystem::path>
{
    static std::string write(std::filesystem::path const& path) { return path.string(); }
    static std::filesystem::path read(std::string const& text) { return text; }
};

// One of our own, that not every text is.
struct colour
{
    unsigned rgb = 0;
};

template <>
struct work::as_argument<colour>
{
    static std::string write(colour const& c)
    {
        char text[8];
        std::snprintf(text, sizeof text, "#%06x", c.rgb & 0xFFFFFFu);
        return text;
    }
    static colour read(std::string const& text)
    {
        if (text.size() != 7 || text[0] != '#')
            throw std::invalid_argument("a colour is written #rrggbb");
        return colour{static_cast<unsigned>(std::stoul(text.substr(1), nullptr, 16))};
    }
};

// Two structs that stand in one variant are told apart by their tags.
struct fill
{
    colour with;
    static constexpr std::string_view variant_tag = "fill";
};
BOOST_DESCRIBE_STRUCT(fill, (), (with))

struct crop
{
    int width = 0;
    int height = 0;
    static constexpr std::string_view variant_tag = "crop";
};
BOOST_DESCRIBE_STRUCT(crop, (), (width, height))

struct edit_image
{
    std::filesystem::path file;
    std::vector<std::variant<fill, crop>> steps;
    // A job without a file is refused, and not run with an empty one.
    static constexpr std::array<std::string_view, 1> required_members{"file"};
};
BOOST_DESCRIBE_STRUCT(edit_image, (), (file, steps))

work::task<void> edit(work::context& job, edit_image what)
{
    std::printf("%s: %zu steps; stored as %s\n", what.file.filename().c_str(), what.steps.size(),
                std::string(job.arguments()).c_str());
    co_return;
}

work::task<void> produce_and_work(work::client& client, work::worker_pool& pool)
{
    work::enqueuer enqueuer{client};
    edit_image const job{"/var/images/cat.png", {fill{colour{0xff8800}}, crop{320, 200}}};
    co_await enqueuer.enqueue(job);
    std::string const json = R"({"file":"/x.png","steps":[{"_type":"fill","with":"orange"}]})";
    co_await enqueuer.enqueue_json("edit_image", json);  // fails: no colour is written like that
    co_await pool.run_until_empty();
}

int main()
{
    boost::asio::io_context io;
    work::client client{io, "memory:"};
    work::worker_pool pool{client};
    pool.use(work::log_jobs());
    pool.handle<edit_image>(edit);
    boost::asio::co_spawn(io, produce_and_work(client, pool), work::rethrow);
    io.run();
    return pool.processed() == 1 && pool.failed() == 1 ? 0 : 1;
}
