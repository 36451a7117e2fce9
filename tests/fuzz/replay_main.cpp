// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Feeds a fuzz target the empty input, the files named on the command line, and those in folders
// named there.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);

namespace {

void run(std::string const& input)
{
    LLVMFuzzerTestOneInput(reinterpret_cast<std::uint8_t const*>(input.data()), input.size());
}

void run_file(std::filesystem::path const& path)
{
    // Printed first: when the target crashes, the last line names the seed.
    std::printf("%s\n", path.c_str());
    std::fflush(stdout);
    std::ifstream file(path, std::ios::binary);
    run(std::string(std::istreambuf_iterator<char>(file), {}));
}

}  // namespace

int main(int argc, char** argv)
{
    run("");
    for (int i = 1; i < argc; ++i) {
        std::filesystem::path const path = argv[i];
        if (std::filesystem::is_directory(path)) {
            for (auto const& entry : std::filesystem::recursive_directory_iterator(path))
                if (entry.is_regular_file())
                    run_file(entry.path());
        } else if (std::filesystem::exists(path)) {
            run_file(path);
        }
    }
}
