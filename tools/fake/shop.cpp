// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "fake/shop.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/describe/class.hpp>

#include <array>
#include <cmath>
#include <stdexcept>
#include <string>

// Failures are shown with the names of these types.
namespace smtp {

struct refused : std::runtime_error
{
    using runtime_error::runtime_error;
};

}  // namespace smtp

namespace gateway {

struct timeout : std::runtime_error
{
    using runtime_error::runtime_error;
};

}  // namespace gateway

namespace image {

struct unreadable : std::runtime_error
{
    using runtime_error::runtime_error;
};

}  // namespace image

namespace work::tool {

struct fake_email
{
    std::string to;
    std::string text;
    std::string locale;
    static constexpr std::string_view job_name = "send_email";
};
BOOST_DESCRIBE_STRUCT(fake_email, (), (to, text, locale))

struct fake_image
{
    std::string path;
    int width = 0;
    static constexpr std::string_view job_name = "resize_image";
};
BOOST_DESCRIBE_STRUCT(fake_image, (), (path, width))

struct fake_charge
{
    std::int64_t invoice = 0;
    std::string customer;
    double eur = 0;
    static constexpr std::string_view job_name = "charge_card";
};
BOOST_DESCRIBE_STRUCT(fake_charge, (), (invoice, customer, eur))

struct fake_report_order
{
    std::string kind;
    int month = 1;
    static constexpr std::string_view job_name = "build_report";
};
BOOST_DESCRIBE_STRUCT(fake_report_order, (), (kind, month))

struct fake_report_file
{
    std::string file;
    std::int64_t rows = 0;
};
BOOST_DESCRIBE_STRUCT(fake_report_file, (), (file, rows))

struct fake_contact
{
    std::int64_t id = 0;
    static constexpr std::string_view job_name = "sync_contact";
};
BOOST_DESCRIBE_STRUCT(fake_contact, (), (id))

struct fake_purge
{
    std::string prefix;
    static constexpr std::string_view job_name = "purge_cache";
};
BOOST_DESCRIBE_STRUCT(fake_purge, (), (prefix))

struct fake_import
{
    std::string file;
    static constexpr std::string_view job_name = "import_legacy";
};
BOOST_DESCRIBE_STRUCT(fake_import, (), (file))

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr std::array<std::string_view, 7> fake_names{
    fake_email::job_name,
    fake_image::job_name,
    fake_charge::job_name,
    fake_report_order::job_name,
    fake_contact::job_name,
    fake_purge::job_name,
    fake_import::job_name
};

job_options attempts(int most, milliseconds timeout = 60s)
{
    job_options o;
    o.max_attempts = most;
    o.timeout = timeout;
    return o;
}

}  // namespace

bool shop::sells(std::string_view name) noexcept
{
    for (std::string_view const one : fake_names)
        if (one == name)
            return true;
    return false;
}

std::int64_t shop::between(std::int64_t least, std::int64_t most)
{
    return std::uniform_int_distribution<std::int64_t>(least, most)(random_);
}

bool shop::happens(double percent)
{
    return std::uniform_real_distribution<double>(0, 100)(random_) < percent;
}

task<void> shop::busy_for(std::int64_t least_ms, std::int64_t most_ms)
{
    double const at = std::pow(std::uniform_real_distribution<double>(0, 1)(random_), 3);
    auto const ms =
        least_ms + static_cast<std::int64_t>(at * static_cast<double>(most_ms - least_ms));
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, milliseconds(ms));
    co_await timer.async_wait(boost::asio::use_awaitable);
}

std::vector<new_job> shop::orders(std::size_t how_many)
{
    std::vector<new_job> all;
    all.reserve(how_many);
    while (all.size() != how_many)
        all.push_back(order());
    return all;
}

new_job shop::order()
{
    ++number_;
    auto const kind = between(1, 1'000);
    std::string const customer = "customer:" + std::to_string(between(1, 400));
    if (kind <= 600) {
        fake_email const mail{
            "user" + std::to_string(between(1, 9'999)) + "@example.com",
            "receipt",
            "de"
        };
        return make(mail);
    }
    if (kind <= 800) {
        fake_image const image{
            "img/2026/" + std::to_string(number_) + ".jpg",
            happens(50) ? 320 : 1280
        };
        return make(image, {.queue = "media"});
    }
    if (kind <= 900) {
        std::string_view const tags[] = {customer};
        fake_charge const charge{
            9'007'199'254'000'000 + number_,
            customer,
            static_cast<double>(between(100, 99'900)) / 100
        };
        return make(charge, {.priority = happens(10) ? 20 : 0, .tags = tags});
    }
    if (kind <= 950) {
        fake_contact const contact{between(1, 100'000)};
        return make(contact, {.queue = "crm"});
    }
    if (kind <= 990) {
        fake_purge const purge{"page/" + std::to_string(between(1, 500))};
        return make(purge, {.in = milliseconds(between(5'000, 300'000))});
    }
    if (kind <= 998) {
        std::string_view const tags[] = {"nightly"};
        fake_report_order const report{
            happens(50) ? "revenue" : "stock",
            static_cast<int>(between(1, 12))
        };
        return make(report, {.tags = tags});
    }
    fake_import const old{"/mnt/old/" + std::to_string(number_) + ".csv"};
    return make(old, {.queue = "legacy"});
}

void shop::staff(worker_pool& pool)
{
    pool.handle<fake_email>(
        [this](fake_email mail) -> task<void> {
            co_await busy_for(10, 120);
            if (happens(fail_))
                throw smtp::refused("550 no such user: " + mail.to);
        },
        attempts(8)
    );
    pool.handle<fake_image>(
        [this](context& job, fake_image one) -> task<void> {
            for (int part = 0; part != 4; ++part) {
                job.log("{}: part {} of 4, {} px", one.path, part + 1, one.width);
                co_await busy_for(20, 250);
                bool const stop = co_await job.checkin("resizing", part * 25.0);
                if (stop)
                    co_return;
            }
            if (happens(fail_ / 2))
                throw image::unreadable(one.path + " ends in the middle of a block");
        },
        attempts(3)
    );
    pool.handle<fake_charge>(
        [this](fake_charge one) -> task<void> {
            co_await busy_for(60, 700);
            if (happens(3 * fail_))
                throw gateway::timeout("no answer in 30 s for " + one.customer);
        },
        attempts(4)
    );
    pool.handle<fake_report_order>(
        [this](context& job, fake_report_order one) -> task<fake_report_file> {
            std::int64_t const rows = between(10'000, 400'000);
            for (int part = 1; part <= 20; ++part) {
                co_await busy_for(100, 1'500);
                bool const stop = co_await job.checkin("reading orders", part * 5.0);
                if (stop)
                    break;
            }
            co_return fake_report_file{one.kind + "-" + std::to_string(one.month) + ".csv", rows};
        },
        attempts(3, 20s)
    );
    pool.handle<fake_contact>(
        [this](fake_contact) -> task<outcome> {
            co_await busy_for(50, 900);
            bool const limited = happens(5);
            if (limited)
                co_return work::snooze(10s);
            bool const gone = happens(fail_);
            if (gone)
                co_return work::discard("the contact was deleted there");
            co_return work::done();
        },
        attempts(5)
    );
    pool.handle<fake_purge>([this](fake_purge) { return busy_for(1, 30); }, attempts(2));
}

}  // namespace work::tool
