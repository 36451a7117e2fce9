// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace work::testing {

/// Authorities and certificates in a temporary directory, made by the program openssl.
class certificates
{
public:
    certificates()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "work-tls-XXXXXX").string();
        if (!::mkdtemp(pattern.data()))
            throw std::runtime_error("no temporary directory for certificates");
        folder_ = pattern;
        authority("ca");
        authority("other-ca");
        certificate("server", "ca", "DNS:localhost,IP:127.0.0.1");
        certificate("elsewhere", "ca", "DNS:elsewhere.example");
        certificate(
            "expired",
            "ca",
            "DNS:localhost,IP:127.0.0.1",
            "20200101000000Z",
            "20200102000000Z"
        );
        certificate("client", "ca", "DNS:client");
        certificate("stranger", "other-ca", "DNS:client");
    }
    certificates(certificates const&) = delete;
    certificates& operator=(certificates const&) = delete;
    ~certificates()
    {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    std::string crt(std::string const& name) const { return folder_ + "/" + name + ".crt"; }
    std::string key(std::string const& name) const { return folder_ + "/" + name + ".key"; }

private:
    void run(std::string const& command) const
    {
        std::string const whole = "cd " + folder_ + " && " + command + " >>log 2>&1";
        if (std::system(whole.c_str()) != 0)
            throw std::runtime_error("openssl failed: " + command);
    }
    void new_key(std::string const& name) const
    {
        run("openssl ecparam -name prime256v1 -genkey -noout -out " + name + ".key");
    }
    void authority(std::string const& name) const
    {
        new_key(name);
        run("openssl req -x509 -new -key " + name + ".key -out " + name + ".crt -days 2 -subj " +
            "/CN=" + name + " -addext basicConstraints=critical,CA:TRUE");
    }
    void certificate(
        std::string const& name,
        std::string const& by,
        std::string const& names,
        std::string const& from = {},
        std::string const& to = {}
    ) const
    {
        new_key(name);
        std::ofstream(folder_ + "/" + name + ".ext") << "subjectAltName=" << names << '\n';
        run("openssl req -new -key " + name + ".key -out " + name + ".csr -subj /CN=" + name);
        if (from.empty()) {
            run("openssl x509 -req -in " + name + ".csr -CA " + by + ".crt -CAkey " + by +
                ".key -CAcreateserial -days 2 -extfile " + name + ".ext -out " + name + ".crt");
            return;
        }
        // Only `openssl ca` makes certificates of the past.
        std::ofstream(folder_ + "/ca.cnf")
            << "[ca]\ndefault_ca=d\n[d]\ndatabase=index\nserial=serial\nnew_certs_dir=.\n"
               "default_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n";
        run("touch index && echo 01 > serial && openssl ca -batch -config ca.cnf -cert " + by +
            ".crt -keyfile " + by + ".key -startdate " + from + " -enddate " + to + " -extfile " +
            name + ".ext -in " + name + ".csr -out " + name + ".crt -notext");
    }

    std::string folder_;
};

}  // namespace work::testing
