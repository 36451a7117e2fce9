// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/enqueuer.hpp>
#include <work/inspector.hpp>
#include <work/values/duration.hpp>
#include <work/values/text.hpp>
#include <work/worker_pool.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/describe/class.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <exception>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "commands.hpp"
#include "fake/shop.hpp"
#include "place.hpp"
#include "print.hpp"
#include "watching.hpp"
#include "when.hpp"
#include "with_client.hpp"

namespace work::tool {

/// What `--json` prints at the end.
struct fake_report
{
    std::string ns;
    std::int64_t enqueued = 0;
    std::int64_t processed = 0;
    std::int64_t failed = 0;
    std::int64_t ms = 0;
};
BOOST_DESCRIBE_STRUCT(fake_report, (), (ns, enqueued, processed, failed, ms))

namespace {

using namespace std::chrono_literals;

/// What the command line says, read.
struct fake_plan
{
    double rate = 0;
    double fail = 0;
    std::chrono::milliseconds lasting{0};
    int concurrency = 0;
};

struct fake_flags
{
    connection to;
    std::string rate = "20/s";
    std::string lasting = "10m";
    std::string fail = "2%";
    int concurrency = 0;  ///< 0: enough for the rate
    bool yes = false;
    bool json = false;
    fake_plan plan{};  ///< what they say
};

/// A number, and perhaps a unit behind it.
std::optional<double> number_before(std::string_view text, std::string_view unit)
{
    if (text.ends_with(unit))
        text.remove_suffix(unit.size());
    double value = 0;
    auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

fake_plan read_plan(fake_flags const& o)
{
    fake_plan plan;
    auto const rate = number_before(o.rate, "/s");
    if (!rate || *rate <= 0 || *rate > 10'000)
        throw error(
            errc::invalid_option,
            "--rate " + detail::quote(o.rate) + ": jobs a second, above 0 and up to 10000: 500/s"
        );
    auto const fail = number_before(o.fail, "%");
    if (!fail || *fail < 0 || *fail > 100)
        throw error(
            errc::invalid_option,
            "--fail " + detail::quote(o.fail) + ": of a hundred attempts, 0% to 100%"
        );
    plan.rate = *rate;
    plan.fail = *fail;
    plan.lasting = read_lasting("--for", o.lasting);
    // An attempt takes about 0.2 s.
    plan.concurrency =
        o.concurrency != 0 ? o.concurrency : std::max(20, static_cast<int>(plan.rate * 0.6));
    return plan;
}

/// A name in the namespace that is no name of the shop; "" where there is none.
std::string foreign_name(broker_counts const& counts)
{
    for (queue_info const& one : counts.lists)
        if (!shop::sells(one.name) && (one.pending != 0 || one.processed != 0))
            return one.name;
    return std::string();
}

pool_options crew(int concurrency, int which)
{
    pool_options how;
    how.concurrency = std::max(1, concurrency / 2);
    how.name = "fake " + std::to_string(which);
    how.grace = 5s;
    return how;
}

/// Two pools in this process, and somebody who enqueues.
class fake_shop
{
public:
    fake_shop(client& at, fake_plan const& plan)
        : at_(at),
          plan_(plan),
          shop_(plan.fail, std::random_device{}()),
          pools_{
              worker_pool(at, crew(plan.concurrency, 1)),
              worker_pool(at, crew(plan.concurrency, 2))
          },
          signals_(at.executor(), SIGINT, SIGTERM)
    {
        for (worker_pool& pool : pools_)
            shop_.staff(pool);
        signals_.async_wait([closes = closes_](boost::system::error_code ec, int) {
            *closes = *closes || !ec;
        });
    }

    task<void> open()
    {
        for (worker_pool& pool : pools_)
            boost::asio::co_spawn(at_.executor(), pool.run(), [this](std::exception_ptr failure) {
                failure_ = failure ? failure : failure_;
                --running_;
            });
        co_await sell();
        signals_.cancel();
        for (worker_pool& pool : pools_)
            pool.stop();
        while (running_ > 0)
            co_await rest(at_.executor(), 20ms);
        if (failure_)
            std::rethrow_exception(failure_);
    }

    fake_report report(std::string ns) const
    {
        auto const took = std::chrono::steady_clock::now() - began_;
        return {
            std::move(ns),
            enqueued_,
            pools_[0].processed() + pools_[1].processed(),
            pools_[0].failed() + pools_[1].failed(),
            std::chrono::duration_cast<std::chrono::milliseconds>(took).count()
        };
    }

private:
    task<void> sell()
    {
        double owed = 0;
        auto shown = began_;
        while (running_ == 2 && !*closes_) {
            auto const now = std::chrono::steady_clock::now();
            if (now - began_ >= plan_.lasting)
                co_return;
            owed += plan_.rate / 10;
            auto const some = static_cast<std::size_t>(owed);
            owed -= static_cast<double>(some);
            co_await take_orders(some);
            if (now - shown >= 5s) {
                shown = now;
                show();
            }
            co_await rest(at_.executor(), 100ms);
        }
    }
    // A broker that is away for a while ends nothing.
    task<void> take_orders(std::size_t some)
    {
        if (some == 0)
            co_return;
        try {
            std::vector<new_job> jobs = shop_.orders(some);
            co_await to_.enqueue(std::move(jobs));
            enqueued_ += static_cast<std::int64_t>(some);
        } catch (error const& why) {
            print_error(why.what());
        }
    }
    void show() const
    {
        fake_report const so_far = report({});
        print_talk(
            std::to_string(so_far.enqueued) + " enqueued, " + std::to_string(so_far.processed) +
            " done, " + std::to_string(so_far.failed) + " attempts failed, " +
            std::to_string(pools_[0].running() + pools_[1].running()) + " running"
        );
    }

    client& at_;
    fake_plan plan_;
    shop shop_;
    std::array<worker_pool, 2> pools_;
    boost::asio::signal_set signals_;
    enqueuer to_{at_};
    std::shared_ptr<bool> closes_ = std::make_shared<bool>(false);
    std::exception_ptr failure_;
    int running_ = 2;
    std::int64_t enqueued_ = 0;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

task<int> fake(client& at, fake_flags const& o)
{
    if (o.to.is_production()) {
        print_error("this is production: work fake runs beside nobody's jobs (--profile, --ns)");
        co_return usage;
    }
    inspector look{at};
    broker_counts const before = co_await look.counts();
    std::string const foreign = foreign_name(before);
    if (!foreign.empty() && !o.yes) {
        print_error(
            "the namespace " + detail::quote(o.to.ns) + " has jobs named " +
            detail::quote(foreign) +
            ", which are none of work fake's: choose another with --ns, or --yes"
        );
        co_return usage;
    }
    print_talk(
        "work fake in " + o.to.place() + ": " + o.rate + " for " + o.lasting + ", Ctrl-C ends it"
    );
    fake_shop business(at, o.plan);
    co_await business.open();
    fake_report const end = business.report(o.to.ns);
    if (o.json)
        print_as_json(end);
    else
        print_line(
            std::to_string(end.enqueued) + " jobs enqueued, " + std::to_string(end.processed) +
            " done, " + std::to_string(end.failed) + " attempts failed, in " +
            format_duration(std::chrono::milliseconds(end.ms)) +
            "; what is left stays (work queues)"
        );
    co_return ok;
}

}  // namespace

void add_fake(CLI::App& program, action& chosen)
{
    CLI::App* const command = program.add_subcommand(
        "fake",
        "The jobs of a shop that does not exist, enqueued and run: something to look at"
    );
    auto const o = std::make_shared<fake_flags>();
    command->add_option("--rate", o->rate, "Jobs a second")
        ->type_name("N/s")
        ->capture_default_str();
    command->add_option("--for", o->lasting, "How long: 90s, 2h")->capture_default_str();
    command->add_option("--fail", o->fail, "How many attempts fail")->capture_default_str();
    command->add_option("--concurrency", o->concurrency, "How many at once; by default enough")
        ->check(CLI::Range(2, 100'000))
        ->type_name("N");
    command->add_flag("--yes", o->yes, "Also in a namespace that has other jobs");
    command->add_flag("--json", o->json, "At the end one line of JSON");
    o->to.add_to(*command, reached::over_broker);
    command->callback([&chosen, o] {
        chosen = [o] {
            o->plan = read_plan(*o);  // what is wrong shows before anybody is asked
            return with_client(o->to, fake, *o);
        };
    });
}

}  // namespace work::tool
