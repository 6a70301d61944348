# make run      set up, build and start the product on its embedded default
# make test     set up and run every test
# make check    formatting, lints, documentation, dependencies
# make bench    the benchmark, in a release build
# make clean    remove everything that was built or installed here

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.PHONY: run test check bench clean

TARGET := $(or $(CARGO_TARGET_DIR),target)
CLIENTS := tests/clients
PYTHON_CLIENTS := $(TARGET)/clients/.installed
NODE_CLIENTS := $(CLIENTS)/node_modules/.installed
DENY := $(TARGET)/deny/.installed
DEPLOY := $(TARGET)/deploy/.installed

run:
	.ci/need "cc --version" gcc libc6-dev
	cargo build --release --locked --bin jmem
	exec $(TARGET)/release/jmem serve

test: $(PYTHON_CLIENTS) $(NODE_CLIENTS)
	.ci/need "cc --version" gcc libc6-dev
	.ci/with-postgres cargo test --locked
	cargo build --locked --bin jmem
	$(CLIENTS)/run

check: $(DENY) $(DEPLOY)
	.ci/need "cc --version" gcc libc6-dev
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items
	CARGO_DENY=$(TARGET)/deny/bin/cargo-deny .ci/deny
	DEPLOY_BIN=$(TARGET)/deploy/bin .ci/deploy

bench:
	.ci/need "cc --version" gcc libc6-dev
	cargo bench --locked --bench load
	cargo bench --locked --bench load -- --embedder local --memories 200
	cargo bench --locked --bench embedding

clean:
	cargo clean
	rm -rf $(CLIENTS)/node_modules

# A virtual environment in the folder of $@ with the packages of $<.
define venv
	.ci/need "python3 -m ensurepip --version" python3 python3-venv
	python3 -m venv --clear $(@D)
	$(@D)/bin/python -m pip --disable-pip-version-check install -q -r $<
	touch $@
endef

$(PYTHON_CLIENTS): $(CLIENTS)/requirements.txt
	$(venv)

$(DENY): .ci/requirements.txt
	$(venv)

$(DEPLOY): .ci/deploy-requirements.txt
	$(venv)

$(NODE_CLIENTS): $(CLIENTS)/package-lock.json $(CLIENTS)/package.json
	.ci/need "npm --version" nodejs npm
	cd $(CLIENTS) && npm ci --loglevel=error
	touch $@
