// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "editor.hpp"

#include <work/error.hpp>
#include <work/values/text.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

namespace work::tool {
namespace {

std::string folder()
{
    char const* const said = std::getenv("TMPDIR");
    return said != nullptr && *said != '\0' ? said : "/tmp";
}

// The editor may have arguments of its own, as `code --wait`: a shell splits them.
int show(std::string const& editor, std::string const& path)
{
    std::string const line = editor + " \"$1\"";
    pid_t const child = ::fork();
    if (child == 0) {
        ::execl("/bin/sh", "sh", "-c", line.c_str(), "sh", path.c_str(), nullptr);
        ::_exit(127);
    }
    int status = 0;
    bool const ended = child > 0 && ::waitpid(child, &status, 0) == child;
    return ended && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

std::string chosen_editor()
{
    for (char const* const name : {"VISUAL", "EDITOR"}) {
        char const* const said = std::getenv(name);
        if (said != nullptr && *said != '\0')
            return said;
    }
    return std::string();
}

edited_text::edited_text(std::string const& editor, std::string const& before)
    : path_(folder() + "/work-edit-XXXXXX")
{
    int const file = ::mkstemp(path_.data());
    if (file < 0)
        throw error(errc::unavailable, "no file can be made in " + detail::quote(folder()));
    ::close(file);
    std::ofstream(path_) << before;
    int const code = show(editor, path_);
    if (code != 0) {
        ::unlink(path_.c_str());
        throw error(
            errc::unavailable,
            "the editor " + detail::quote(editor) + " ended with " + std::to_string(code) +
                ": nothing was changed"
        );
    }
    std::ifstream saved(path_);
    after_.assign(std::istreambuf_iterator<char>(saved), {});
}

edited_text::~edited_text()
{
    if (!kept_)
        ::unlink(path_.c_str());
}

}  // namespace work::tool
