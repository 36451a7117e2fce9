# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

# The commands of the project; CMakePresets.json has what they run. Each first installs what it
# needs and does not find (tools/bootstrap.sh).

export CTEST_PARALLEL_LEVEL ?= $(shell nproc)
.DEFAULT_GOAL := help
.PHONY: help demo ui test test-ui test-clients bench asan tsan tidy fuzz docs lint format scripts clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

demo: ## Run the demonstration; REDIS=redis://host:port uses that server
	@tools/bootstrap.sh demo
	@cmake --preset release -DWORK_BUILD_TESTS=OFF -DWORK_BUILD_EXAMPLES=OFF \
		-DWORK_BUILD_BENCHMARKS=OFF >/dev/null
	@cmake --build --preset release --target work_tool
	@build/release/tools/work demo $(if $(REDIS),--redis $(REDIS))

ui: ## Show the web UI on a private Redis with some load; UI_PORT=5040, REDIS=redis://host:port
	@tools/bootstrap.sh ui
	@WORK_UI_REQUIRED=1 cmake --preset release -DWORK_BUILD_TESTS=OFF -DWORK_BUILD_EXAMPLES=OFF \
		-DWORK_BUILD_BENCHMARKS=OFF >/dev/null
	@WORK_UI_REQUIRED=1 cmake --build --preset release --target work_tool
	@REDIS=$(REDIS) tools/ui/show.sh build/release/tools/work

test: ## Build everything and run all tests
	@tools/bootstrap.sh test
	cmake --preset dev
	cmake --build --preset dev
	ctest --preset dev

test-clients: ## Run the tests of the clients in other languages; none may be missing
	@tools/bootstrap.sh clients
	cmake --preset dev
	cmake --build --preset dev --target work_tool test_web
	WORK_REQUIRE_CLIENTS=1 ctest --preset dev -R '^web/clients'

test-ui: ## Run the tests of the web UI, in a browser
	@tools/bootstrap.sh test-ui
	WORK_UI_REQUIRED=1 cmake --preset dev
	WORK_UI_REQUIRED=1 cmake --build --preset dev --target work_tool
	ui/tests/run.sh build/dev/tools/work

bench: ## Build and run the benchmarks; BENCH=name runs one
	@tools/bootstrap.sh bench
	@cmake --preset release -DWORK_BUILD_TESTS=OFF -DWORK_BUILD_EXAMPLES=OFF >/dev/null
	@cmake --build --preset release
	@set -e; for program in build/release/benchmarks/bench_$(or $(BENCH),*); do \
		echo "== $$program"; $$program; done

asan: ## Run the tests under address and undefined behaviour sanitizers
	@tools/bootstrap.sh test
	cmake --workflow --preset gcc-asan

tsan: ## Run the tests that use several threads under the thread sanitizer
	@tools/bootstrap.sh ci
	cmake --preset clang-tsan
	cmake --build --preset clang-tsan --target threads
	ctest --preset clang-tsan -L '^threads$$'

tidy: ## Run clang-tidy over the library and the program
	@tools/bootstrap.sh ci
	cmake --workflow --preset tidy

fuzz: ## Fuzz each target in tests/fuzz for 30 seconds
	@tools/bootstrap.sh ci
	cmake --workflow --preset fuzz

docs: ## Make the reference with Doxygen: build/docs/index.html; no warning is allowed
	@tools/bootstrap.sh docs
	@mkdir -p build
	@doxygen docs/Doxyfile && echo "docs: build/docs/index.html"

lint: ## Check the rules of the house
	@python3 tests/lint/lint.py

format: ## Format the C++ files (clang-format 19)
	@command -v clang-format-19 >/dev/null || \
		{ echo "make format needs: apt-get install clang-format-19"; exit 1; }
	@find include tests tools examples benchmarks cmake \( -name '*.?pp' -o -name '*.ipp' \) \
		! -name bundle.hpp -print0 | xargs -0 clang-format-19 -i

scripts: ## Make the bundle of Lua scripts anew, after one of them was changed
	@tools/embed

clean: ## Remove what was built
	rm -rf build
