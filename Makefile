# sbx: builds with GNU make 3.81 and any C11 compiler.
PREFIX ?= /usr/local
BUILD ?= build
STATIC ?= 1
# Where another program has this name, sbx can have another one: it is in the messages, the functions
# of shells and the pages too. Links are called after it.
PROGRAM = sbx
ifneq ($(PROGRAM),sbx)
ifneq ($(shell printf %s '$(PROGRAM)' | LC_ALL=C grep -x '[A-Za-z_][A-Za-z0-9_]*'),$(PROGRAM))
$(error PROGRAM is part of the names of shell variables: letters, digits and _ only)
endif
endif

bindir = $(PREFIX)/bin
datadir = $(PREFIX)/share/$(PROGRAM)
mandir = $(PREFIX)/share/man
bashdir = $(PREFIX)/share/bash-completion/completions
zshdir = $(PREFIX)/share/zsh/site-functions
fishdir = $(PREFIX)/share/fish/vendor_completions.d

SYSTEM := $(shell uname -s)
COMMA := ,
# make V=1 shows the commands, make -s nothing.
SILENT := $(findstring s,$(filter-out --%,$(firstword $(MAKEFLAGS))))
Q = $(if $(V),,@$(if $(SILENT),,echo '  $(@F)' && ))

# The dynamic loader costs ten times what sbx itself does: static, with musl where it is.
ifeq ($(origin CC),default)
CC := $(if $(and $(filter Linux,$(SYSTEM)),$(filter 1,$(STATIC)),$(shell command -v musl-gcc)),musl-gcc,cc)
endif
CFLAGS ?= -Os -g
# Fields that an initializer leaves out are zero, which is the safe value everywhere.
WARNINGS = -Wall -Wextra -Wno-missing-field-initializers -Wpedantic -Wshadow -Wconversion -Wmissing-prototypes \
	-Wstrict-prototypes -Wvla -Wformat=2 -Wwrite-strings -Werror
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -DPROGRAM_NAME='"$(PROGRAM)"' \
	-DSBX_DATADIR='"$(datadir)"' -Isrc $(WARNINGS) \
	-ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables \
	-fstack-protector-strong $(if $(IS_STATIC),-fno-pie) $(CFLAGS)
IS_STATIC = $(and $(filter Linux,$(SYSTEM)),$(filter 1,$(STATIC)))
ifeq ($(SYSTEM),Linux)
# Few segments that nothing relocates: each costs microseconds at every start.
ALL_LDFLAGS = $(if $(IS_STATIC),-static -no-pie -Wl$(COMMA)-z$(COMMA)noseparate-code) \
	-Wl,--gc-sections $(LDFLAGS)
BACKEND = linux
else
ALL_LDFLAGS = -Wl,-dead_strip $(LDFLAGS)
BACKEND = darwin
endif
# What the darwin back end hands the profile to. Tests of it on Linux name sbx's own.
SANDBOX_EXEC = /usr/bin/sandbox-exec
ifeq ($(BACKEND),darwin)
ALL_CFLAGS += -DSANDBOX_EXEC='"$(SANDBOX_EXEC)"'
endif

# Part of libc, though some keep it in a file of its own.
LIBRARIES = -lm

SOURCES := $(sort $(wildcard src/base/*.c src/scheme/*.c src/policy/*.c src/profile/*.c \
	src/enforce/*.c src/enforce/$(BACKEND)/*.c src/cli/*.c))
OBJECTS := $(SOURCES:src/%.c=$(BUILD)/obj/%.o)
LIBRARY_OBJECTS := $(filter-out $(BUILD)/obj/cli/%,$(OBJECTS))
PRESETS := $(sort $(wildcard presets/*.sb))
NAMES := $(shell sed -n 's/^;; alias: //p' $(PRESETS) /dev/null) \
	$(basename $(notdir $(shell grep -l '^;; kind:' $(PRESETS) /dev/null)))
LINKS := $(PROGRAM)ctl $(NAMES:%=$(PROGRAM)-%)
SHELL_FILES := $(wildcard shell/* completions/*)
MANUALS := $(filter-out man/sandbox-exec.1,$(wildcard man/*.[1-8]))
# macOS has its own sandbox-exec; elsewhere another one that is installed is left alone.
ifeq ($(BACKEND),linux)
SANDBOX_EXEC_LINK := sandbox-exec
MANUALS += man/sandbox-exec.1
endif

all: $(BUILD)/bin/$(PROGRAM) $(BUILD)/stamp-links $(BUILD)/stamp-presets $(BUILD)/stamp-shell

$(BUILD)/bin/$(PROGRAM): $(OBJECTS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(OBJECTS) $(LIBRARIES)

$(BUILD)/obj/%.o: src/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# What is compiled with other flags is compiled again.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS)' | cmp -s - $@ || \
		echo '$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS)' > $@

# The build tree looks like an installation: sbx finds ../share/sbx from where it stands.
$(BUILD)/stamp-links: $(PRESETS) $(BUILD)/flags Makefile
	@mkdir -p $(BUILD)/bin
	@cd $(BUILD)/bin && rm -f $(PROGRAM)-* $(PROGRAM)ctl sandbox-exec && \
		for name in $(LINKS) $(SANDBOX_EXEC_LINK); do ln -s $(PROGRAM) $$name; done
	@touch $@

$(BUILD)/stamp-presets: $(PRESETS) $(BUILD)/flags Makefile tools/install-presets.sh
	@rm -rf $(BUILD)/share/$(PROGRAM)/presets
	@tools/install-presets.sh $(BUILD)/share/$(PROGRAM) $(PRESETS)
	@touch $@

$(BUILD)/stamp-shell: $(SHELL_FILES) $(BUILD)/flags Makefile tools/install-shell.sh
	@tools/install-shell.sh $(PROGRAM) $(BUILD)/share/$(PROGRAM)/shell \
		$(BUILD)/share/bash-completion/completions $(BUILD)/share/zsh/site-functions \
		$(BUILD)/share/fish/vendor_completions.d $(LINKS)
	@touch $@

-include $(OBJECTS:.o=.d)

install: all
	install -d '$(DESTDIR)$(bindir)' '$(DESTDIR)$(datadir)' '$(DESTDIR)$(mandir)/man1'
	install -m 755 $(BUILD)/bin/$(PROGRAM) '$(DESTDIR)$(bindir)/$(PROGRAM)'
	for name in $(LINKS); do ln -sf $(PROGRAM) '$(DESTDIR)$(bindir)'/$$name || exit 1; done
	for name in $(SANDBOX_EXEC_LINK); do \
		[ -e '$(DESTDIR)$(bindir)'/$$name ] || ln -sf $(PROGRAM) '$(DESTDIR)$(bindir)'/$$name; done
	tools/install-presets.sh '$(DESTDIR)$(datadir)' $(PRESETS)
	tools/install-shell.sh $(PROGRAM) '$(DESTDIR)$(datadir)/shell' \
		'$(DESTDIR)$(bashdir)' '$(DESTDIR)$(zshdir)' '$(DESTDIR)$(fishdir)' $(LINKS)
	for page in $(MANUALS); do \
		name=$$(basename $$page | sed 's/sbx/$(PROGRAM)/') && \
		target='$(DESTDIR)$(mandir)'/man$${page##*.} && install -d "$$target" && \
		rm -f "$$target/$$name" && sed 's/sbx/$(PROGRAM)/g' $$page >"$$target/$$name" && \
		chmod 644 "$$target/$$name" || exit 1; done

uninstall:
	for name in $(PROGRAM) $(LINKS); do \
		rm -f '$(DESTDIR)$(bindir)'/$$name '$(DESTDIR)$(bashdir)'/$$name \
			'$(DESTDIR)$(fishdir)'/$$name.fish; done
	[ "$$(readlink '$(DESTDIR)$(bindir)/sandbox-exec')" != $(PROGRAM) ] || \
		rm -f '$(DESTDIR)$(bindir)/sandbox-exec'
	rm -f '$(DESTDIR)$(zshdir)/_$(PROGRAM)'
	for page in $(subst sbx,$(PROGRAM),$(notdir $(MANUALS))); do \
		rm -f '$(DESTDIR)$(mandir)'/man$${page##*.}/$$page; done
	rm -rf '$(DESTDIR)$(datadir)'

check: all $(BUILD)/stamp-test-programs
	BUILD='$(BUILD)' tests/run.sh

# Programs that tests use: the decision on its own, and attempts to break out.
TEST_PROGRAMS := $(patsubst tests/programs/%.c,$(BUILD)/tests/%,$(wildcard tests/programs/*.c))
UNIT_PROGRAMS := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/*.c))

# sbx as it is on older kernels: nothing of it is in sbx itself.
OLD_ABI := $(BUILD)/tests/old-abi/bin/sbx
ifeq ($(BACKEND),linux)
TEST_PROGRAMS += $(OLD_ABI)
endif

$(BUILD)/stamp-test-programs: $(TEST_PROGRAMS) $(UNIT_PROGRAMS)
	@touch $@

$(OLD_ABI): tests/lib/old-abi.c $(OBJECTS) $(BUILD)/stamp-presets
	@mkdir -p $(@D)
	@ln -sfn ../../share $(BUILD)/tests/old-abi/share && ln -sf sbx $(@D)/sbxctl
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -Wl,--wrap=host_probe -Wl,--wrap=landlock_apply \
		-o $@ $< $(OBJECTS) $(LIBRARIES)

$(BUILD)/tests/%: tests/programs/%.c
	@mkdir -p $(@D)
	$(Q)cc -std=c11 -D_GNU_SOURCE -Wall -Wextra -O1 -o $@ $< -lpthread

$(BUILD)/tests/file-calls $(BUILD)/tests/file-driver: tests/programs/file-calls.h tests/programs/perform.h

$(BUILD)/tests/%: tests/unit/%.c tests/unit/random.h $(LIBRARY_OBJECTS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(LIBRARY_OBJECTS) $(LIBRARIES)

# Fuzzing needs clang. FUZZ_SECONDS for each target; see tests/fuzz/run.sh.
FUZZ_CC ?= clang
FUZZ_CFLAGS = -O1 -g -fPIE -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
FUZZ_WRAPPED = _exit write regcomp file_read scheme_init plan_open
FUZZ_TARGETS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz-*.c))
FUZZ_OBJECTS := $(patsubst $(BUILD)/obj/%,$(BUILD)/fuzz/obj/%,\
	$(filter-out %/base/arena.o,$(LIBRARY_OBJECTS)))

fuzz: $(FUZZ_TARGETS)
	BUILD='$(BUILD)' tests/fuzz/run.sh

$(FUZZ_TARGETS): $(BUILD)/fuzz/%: tests/fuzz/%.c tests/fuzz/harness.c tests/fuzz/harness.h \
		$(FUZZ_OBJECTS)
	$(Q)$(FUZZ_CC) $(ALL_CFLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer \
		$(FUZZ_WRAPPED:%=-Wl,--wrap=%) -o $@ $< tests/fuzz/harness.c $(FUZZ_OBJECTS)

$(BUILD)/fuzz/obj/%.o: src/%.c $(BUILD)/flags Makefile
	@mkdir -p $(@D)
	@command -v $(FUZZ_CC) >/dev/null || { echo 'make fuzz needs clang, or FUZZ_CC'; exit 1; }
	$(Q)$(FUZZ_CC) $(ALL_CFLAGS) $(FUZZ_CFLAGS) -MMD -MP -c -o $@ $<

-include $(FUZZ_OBJECTS:.o=.d)

lint:
	tests/lint.sh

$(BUILD)/bench/policy: tests/bench/policy.c $(LIBRARY_OBJECTS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(LIBRARY_OBJECTS)

bench: all $(BUILD)/bench/policy
	BUILD='$(BUILD)' tests/bench/run.sh
	BUILD='$(BUILD)' tests/bench/workloads.sh

# The tables of the README.
bench-markdown: all $(BUILD)/bench/policy
	@BUILD='$(BUILD)' tests/bench/run.sh --markdown
	@echo
	@BUILD='$(BUILD)' tests/bench/workloads.sh

demo: all
	@BUILD='$(BUILD)' tests/demo/run.sh

dist:
	git archive --prefix=sbx/ -o sbx.tar.gz HEAD

clean:
	rm -rf $(BUILD) sbx.tar.gz

FORCE:

.PHONY: all check fuzz lint bench bench-markdown demo install uninstall clean dist FORCE
