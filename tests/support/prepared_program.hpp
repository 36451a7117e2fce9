// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <algorithm>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace work_test {

/// A program's words and environment, made before fork(): the child of a process with threads may
/// not allocate until it is another program, or it waits for a lock whose holder is not there.
class prepared_program
{
public:
    /// `file` is looked for in PATH unless it has a slash. A change `NAME=value` sets a variable,
    /// `NAME` takes it away; the last one counts.
    prepared_program(
        std::string file,
        std::vector<std::string> words,
        std::vector<std::string> const& changes = {}
    )
        : file_(std::move(file)),
          words_(std::move(words))
    {
        for (char** one = ::environ; *one != nullptr; ++one)
            variables_.emplace_back(*one);
        for (std::string const& change : changes) {
            std::string const name = change.substr(0, change.find('=')) + '=';
            std::erase_if(variables_, [&](auto const& had) { return had.starts_with(name); });
            if (change.size() >= name.size())
                variables_.push_back(change);
        }
        argv_ = pointers(words_);
        envp_ = pointers(variables_);
    }
    prepared_program(prepared_program const&) = delete;
    prepared_program& operator=(prepared_program const&) = delete;

    /// In the child.
    [[noreturn]] void run() const noexcept
    {
        ::execvpe(file_.c_str(), argv_.data(), envp_.data());
        ::_exit(127);
    }

private:
    static std::vector<char*> pointers(std::vector<std::string>& texts)
    {
        std::vector<char*> all;
        for (std::string& text : texts)
            all.push_back(text.data());
        all.push_back(nullptr);
        return all;
    }

    std::string file_;
    std::vector<std::string> words_;
    std::vector<std::string> variables_;
    std::vector<char*> argv_;
    std::vector<char*> envp_;
};

}  // namespace work_test
