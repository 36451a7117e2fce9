// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// Types of your own as arguments, in both directions: say once what they travel as.
#include <work/as_boost_json.hpp>
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/uuid/string_generator.hpp>
#include <boost/uuid/uuid.hpp>
#include <boost/uuid/uuid_io.hpp>

#include <cstdio>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

// A type of another library. Written as text, it may be the key of a map.
template <>
struct work::as_argument<boost::uuids::uuid>
{
    static std::string write(boost::uuids::uuid const& id) { return to_string(id); }
    static boost::uuids::uuid read(std::string const& text)
    {
        return boost::uuids::string_generator()(text);
    }
};

// A type that Boost.JSON was taught already: one line.
namespace geo {
struct point
{
    double x = 0;
    double y = 0;
};
void tag_invoke(boost::json::value_from_tag, boost::json::value& to, point const& p)
{
    to = {{"x", p.x}, {"y", p.y}};
}
point tag_invoke(boost::json::value_to_tag<point>, boost::json::value const& from)
{
    return {
        boost::json::value_to<double>(from.at("x")),
        boost::json::value_to<double>(from.at("y"))
    };
}
}  // namespace geo

template <>
struct work::as_argument<geo::point> : work::as_boost_json<geo::point>
{};

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
    std::filesystem::path file;  // known without being taught
    std::map<boost::uuids::uuid, std::string> tags;
    std::optional<geo::point> focus;
    std::vector<std::variant<fill, crop>> steps;
    // A job without a file is refused, and not run with an empty one.
    static constexpr std::array<std::string_view, 1> required_members{"file"};
};
BOOST_DESCRIBE_STRUCT(edit_image, (), (file, tags, focus, steps))

work::task<void> edit(work::context& job, edit_image what)
{
    std::printf(
        "%s: %zu steps; stored as %s\n",
        what.file.filename().c_str(),
        what.steps.size(),
        std::string(job.arguments()).c_str()
    );
    co_return;
}

work::task<void> produce_and_work(work::client& client, work::worker_pool& pool)
{
    work::enqueuer enqueuer{client};
    boost::uuids::uuid const tag =
        boost::uuids::string_generator()("7c9e6679-7425-40de-944b-e07fc1f90ae7");
    edit_image job{"/var/images/cat.png", {{tag, "cat"}}, geo::point{0.5, 0.25}, {}};
    job.steps = {fill{colour{0xff8800}}, crop{320, 200}};
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
