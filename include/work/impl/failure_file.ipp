// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/failure_file.hpp>
#include <work/fork.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <cerrno>
#include <exception>
#include <fcntl.h>
#include <mutex>
#include <optional>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace work {
namespace detail {

/// The file, and the thread that writes to it, which is made when it is needed.
class failure_writer
{
public:
    failure_writer(std::string path, failure_file_options options)
        : path_(std::move(path)),
          options_(options)
    {
        open();
    }
    ~failure_writer()
    {
        // The thread is not in a child; to wait for it there would never end.
        if (mark_.surely_elsewhere())
            static_cast<void>(thread_.release());
        thread_.reset();
        close();
    }
    failure_writer(failure_writer const&) = delete;
    failure_writer& operator=(failure_writer const&) = delete;

    failure_file_options const& options() const noexcept { return options_; }
    boost::asio::any_io_executor executor()
    {
        std::lock_guard const lock(mutex_);
        if (!thread_)
            thread_ = std::make_unique<boost::asio::thread_pool>(1);
        return thread_->get_executor();
    }
    /// On that thread. Null, or what it threw.
    std::exception_ptr write(std::string const& line) noexcept
    {
        try {
            append(line);
        } catch (...) {
            return std::current_exception();
        }
        return nullptr;
    }

private:
    /// Other processes wait meanwhile. Where a file system knows no locks, it is done without.
    class file_lock
    {
    public:
        explicit file_lock(int file) noexcept : file_(file)
        {
            while (::flock(file_, LOCK_EX) != 0 && errno == EINTR) {
            }
        }
        ~file_lock() { ::flock(file_, LOCK_UN); }
        file_lock(file_lock const&) = delete;
        file_lock& operator=(file_lock const&) = delete;

    private:
        int file_;
    };

    [[noreturn]] void fail(char const* what) const
    {
        boost::system::error_code const why(errno, boost::system::generic_category());
        throw boost::system::system_error(why, std::string(what) + " " + path_);
    }

    void open()
    {
        do
            file_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
        while (file_ < 0 && errno == EINTR);
        if (file_ < 0)
            fail("can't open");
    }
    void close() noexcept
    {
        if (int const file = std::exchange(file_, -1); file >= 0)
            ::close(file);
    }

    // Whoever holds the lock on a file that is not at the path any more looks for the new one.
    void append(std::string const& line)
    {
        constexpr int patience = 100;
        for (int attempt = 0; attempt != patience; ++attempt) {
            if (file_ < 0)
                open();
            std::optional<file_lock> lock(std::in_place, file_);
            struct stat open_file = {};
            struct stat named = {};
            if (::fstat(file_, &open_file) != 0)
                fail("can't look at");
            bool const there = ::stat(path_.c_str(), &named) == 0 &&
                               named.st_ino == open_file.st_ino && named.st_dev == open_file.st_dev;
            auto const length = static_cast<std::int64_t>(line.size());
            bool const full =
                open_file.st_size > 0 && open_file.st_size + length > options_.rotate_at;
            if (there && !full) {
                write_whole(line, open_file.st_size);
                return;
            }
            if (there && ::rename(path_.c_str(), (path_ + ".1").c_str()) != 0)
                fail("can't rename");
            lock.reset();
            close();
        }
        errno = EBUSY;
        fail("can't keep up with what moves");
    }

    // Half a line would spoil the next one.
    void write_whole(std::string_view line, ::off_t before)
    {
        while (!line.empty()) {
            ::ssize_t const written = ::write(file_, line.data(), line.size());
            if (written < 0 && errno == EINTR)
                continue;
            if (written < 0) {
                int const why = errno;
                static_cast<void>(::ftruncate(file_, before) == 0);
                errno = why;
                fail("can't write to");
            }
            line.remove_prefix(static_cast<std::size_t>(written));
        }
    }

    std::string const path_;
    failure_file_options const options_;
    int file_ = -1;
    std::mutex mutex_;
    std::unique_ptr<boost::asio::thread_pool> thread_;
    process_mark const mark_;
};

/// Writes a line on the writer's thread, and goes on where it came from.
struct write_apart
{
    template <typename Handler>
    void operator()(
        Handler handler,
        failure_writer* writer,
        std::string line,
        std::shared_ptr<std::mutex> leaving
    ) const
    {
        namespace asio = boost::asio;
        asio::any_io_executor const there = writer->executor();
        asio::any_io_executor home = asio::prefer(
            asio::get_associated_executor(handler, there),
            asio::execution::outstanding_work.tracked
        );
        asio::post(
            there,
            [writer,
             line = std::move(line),
             leaving = std::move(leaving),
             home = std::move(home),
             handler = std::move(handler)]() mutable {
                std::exception_ptr const failure = writer->write(line);
                std::lock_guard const lock(*leaving);
                asio::any_io_executor const back = std::move(home);
                asio::post(back, [handler = std::move(handler), failure]() mutable {
                    std::move(handler)(failure);
                });
            }
        );
    }
};

inline task<void> write_line(std::shared_ptr<failure_writer> writer, std::string line)
{
    auto leaving = std::make_shared<std::mutex>();
    std::exception_ptr failure;
    try {
        co_await boost::asio::
            async_initiate<boost::asio::use_awaitable_t<> const, void(std::exception_ptr)>(
                write_apart(),
                boost::asio::use_awaitable,
                writer.get(),
                std::move(line),
                leaving
            );
    } catch (...) {
        failure = std::current_exception();
    }
    {
        // The thread may still be about to let go of this context, which may be destroyed next.
        std::lock_guard const lock(*leaving);
    }
    if (failure)
        std::rethrow_exception(failure);
}

}  // namespace detail

WORK_DECL failure_file::failure_file(std::string path, failure_file_options options)
{
    if (options.rotate_at < 4096)
        throw error(
            errc::invalid_option,
            "failure_file_options::rotate_at is " + std::to_string(options.rotate_at) +
                "; it must be 4096 at least"
        );
    try {
        writer_ = std::make_shared<detail::failure_writer>(std::move(path), options);
    } catch (boost::system::system_error const& e) {
        throw error(
            errc::invalid_option,
            std::string("failure_file: ") + e.what() +
                "; make its directory, and let this user write to it"
        );
    }
}

WORK_DECL task<void> failure_file::operator()(event_info const& what) const
{
    event_info shown = what;
    if (writer_->options().hide_args)
        shown.args.clear();
    std::string line = encode_event(std::move(shown));
    line += '\n';
    return detail::write_line(writer_, std::move(line));
}

}  // namespace work
