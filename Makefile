# A few words over CMake. `make` alone says what there is.
PREFIX ?= /usr/local
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
PRESET ?= release
BUILD := build/$(PRESET)

.PHONY: help run test soak coverage bench build docs onnxruntime install asan puc54 fuzz clean

help:
	@echo "make run      build, then coat 58 m on line B against its PLC simulator"
	@echo "make test     build, then every test; last line: N passed, M failed"
	@echo "make soak     the fault campaigns at full length, two hours; LW_SOAK_MINUTES=5"
	@echo "make coverage  branches of guard, scan, state machine, journal that tests take"
	@echo "make bench    measures, as ratios against peers in the same run"
	@echo "make build    the program only: $(BUILD)/linewright"
	@echo "make onnxruntime  get ONNX Runtime, for models beyond the built-in backend"
	@echo "make fuzz     what reads bytes from outside, 20 s each; NAME=regex SECONDS=60"
	@echo "make docs     write stubs, reference, errors and filters anew from their sources"
	@echo "make install  program, library, headers, Lua files under PREFIX=$(PREFIX)"
	@echo "make clean    remove what was built"

run: build
	@tools/run-demo.sh $(BUILD)

test:
	@tools/packages.sh test
	@tools/onnxruntime.sh || true
	@tests/run.sh

soak:
	@tools/packages.sh soak
	@$(MAKE) --no-print-directory build
	@tests/soak.sh $(BUILD)

coverage:
	@tools/packages.sh soak
	@tests/coverage.sh

bench:
	@tools/packages.sh bench
	@tools/onnxruntime.sh || true
	@$(MAKE) --no-print-directory build
	@tests/bench/run.sh $(BUILD) $(NAME)

build:
	@tools/packages.sh build
	@[ -f $(BUILD)/build.ninja ] || cmake --preset $(PRESET) >/dev/null
	@cmake --build --preset $(PRESET) -j $(JOBS) -- --quiet

fuzz:
	@tools/packages.sh test
	@tests/fuzz/run.sh "$(NAME)" $(SECONDS)

docs: build
	@for tool in reference error_guide filter_guide; do \
	  $(BUILD)/linewright --role tool script tools/$$tool.lua || exit 1; done

onnxruntime:
	@tools/onnxruntime.sh

asan puc54:
	@tools/packages.sh test
	@$(MAKE) --no-print-directory build PRESET=$@

install: build
	@cmake --install $(BUILD) --prefix $(PREFIX) >/dev/null
	@echo "installed under $(PREFIX); try: $(PREFIX)/bin/linewright --help"

clean:
	@rm -rf build
