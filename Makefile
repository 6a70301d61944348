# make run      set up, build and start the product on its embedded default
# make install  build and install jmem for this user, where cargo puts programs
# make test     set up and run every test
# make sdk      set up what sdk/run needs, which tests the clients for programmers
# make agents   try what 'jmem connect' writes with the programs themselves: Claude Code, Codex, Gemini, OpenCode (1.1 GB of npm packages)
# make bundles  build what clients and directories take up: plugins, the bundle for Claude Desktop, server.json
# make check    formatting, lints, documentation, dependencies
# make bench    the benchmark, in a release build
# make eval DATA=folder   retrieval corpora through REST, and their replay at the write gate
# make gate     train the write gate's classifiers anew on benches/gate/lines, and judge them
# make clean    remove everything that was built or installed here

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.PHONY: run install test sdk agents bundles check bench eval gate clean

TARGET := $(or $(CARGO_TARGET_DIR),target)
CLIENTS := tests/clients
PYTHON_CLIENTS := $(TARGET)/clients/.installed
NODE_CLIENTS := $(CLIENTS)/node_modules/.installed
PYTHON_SDK := $(TARGET)/sdk/.installed
NODE_SDK := sdk/typescript/node_modules/.installed
NODE_WEB := web/node_modules/.installed
PAGE := web/dist/index.html
DENY := $(TARGET)/deny/.installed
DEPLOY := $(TARGET)/deploy/.installed

run: $(PAGE)
	.ci/need "cc --version" gcc libc6-dev
	cargo build --release --locked --bin jmem
	exec $(TARGET)/release/jmem serve

install: $(PAGE)
	.ci/need "cc --version" gcc libc6-dev
	cargo install --locked --path .

test: $(PYTHON_CLIENTS) $(NODE_CLIENTS) $(PAGE) sdk
	.ci/need "cc --version" gcc libc6-dev
	.ci/need "curl --version" curl
	# Builds the program too, with which clients and the page are tried. Tests wait for servers more than they compute.
	.ci/with-postgres cargo test --locked --workspace -- --test-threads=6
	$(CLIENTS)/run
	$(TARGET)/clients/bin/python -B tests/bundles/run
	.ci/need "ls $${CHROMIUM:-/usr/bin/chromium}" chromium
	sdk/run
	cd web && CARGO_TARGET_DIR=$(abspath $(TARGET)) npm run --silent test

sdk: $(PYTHON_SDK) $(NODE_SDK)

agents: tests/agents/node_modules/.installed
	cargo build --locked -p agents --examples
	tests/agents/loaders

# The program goes into the bundle for Claude Desktop; JMEM names one that is built already, such as that of another system.
bundles: $(if $(JMEM),,$(PAGE))
ifeq ($(JMEM),)
	.ci/need "cc --version" gcc libc6-dev
	cargo build --release --locked --bin jmem
endif
	JMEM=$(or $(JMEM),$(TARGET)/release/jmem) bundles/make

check: $(DENY) $(DEPLOY) $(NODE_WEB)
	.ci/need "cc --version" gcc libc6-dev
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --document-private-items
	cd web && npm run --silent check
	CARGO_DENY=$(TARGET)/deny/bin/cargo-deny .ci/deny
	DEPLOY_BIN=$(TARGET)/deploy/bin .ci/deploy

bench:
	.ci/need "cc --version" gcc libc6-dev
	cargo bench --locked --bench load
	cargo bench --locked --bench load -- --embedder local --memories 200
	cargo bench --locked --bench embedding

eval:
	@test -n "$(DATA)" || { echo "say where the corpora are: make eval DATA=folder (its form: benches/eval/run.py)"; exit 1; }
	.ci/need "cc --version" gcc libc6-dev
	cargo build --release --locked --bin jmem
	python3 benches/eval/run.py $(TARGET)/release/jmem $(DATA) $(TARGET)/eval
	python3 benches/eval/gate.py $(TARGET)/release/jmem $(DATA)

gate:
	.ci/need "cc --version" gcc libc6-dev
	cargo bench --locked --bench gate -- train
	cargo bench --locked --bench gate -- check

clean:
	cargo clean
	rm -rf tests/agents/node_modules $(CLIENTS)/node_modules sdk/typescript/node_modules sdk/typescript/dist web/node_modules web/dist

# A virtual environment in the folder of $@ with the packages of $<.
define venv
	.ci/need "python3 -m ensurepip --version" python3 python3-venv
	python3 -m venv --clear $(@D)
	$(@D)/bin/python -m pip --disable-pip-version-check install -q -r $<
	touch $@
endef

$(PYTHON_CLIENTS): $(CLIENTS)/requirements.txt
	$(venv)

# The package itself is linked, so that a change of it needs no installation.
$(PYTHON_SDK): sdk/python/requirements.txt sdk/python/pyproject.toml
	$(venv)
	$(@D)/bin/python -m pip --disable-pip-version-check install -q --no-deps --no-build-isolation -e sdk/python

$(DENY): .ci/requirements.txt
	$(venv)

$(DEPLOY): .ci/deploy-requirements.txt
	$(venv)

$(NODE_CLIENTS): $(CLIENTS)/package-lock.json $(CLIENTS)/package.json
	.ci/need "npm --version" nodejs npm
	cd $(CLIENTS) && npm ci --loglevel=error
	touch $@

$(NODE_SDK): sdk/typescript/package-lock.json sdk/typescript/package.json
	.ci/need "npm --version" nodejs npm
	cd sdk/typescript && npm ci --loglevel=error
	touch $@

tests/agents/node_modules/.installed: tests/agents/package-lock.json tests/agents/package.json
	.ci/need "npm --version" nodejs npm
	cd $(<D) && npm ci --loglevel=error
	touch $@

$(NODE_WEB): web/package-lock.json web/package.json
	.ci/need "npm --version" nodejs npm
	cd web && npm ci --loglevel=error
	touch $@

# The page lies in the program: what compiles it in is touched, for a folder that was missing is nothing that cargo watches.
$(PAGE): $(NODE_WEB) $(shell find web/src web/public web/index.html web/vite.config.ts web/tsconfig.json -type f)
	cd web && npm run --silent build
	touch src/web/assets.rs
