# Short names for what is done often. Each line can be typed by hand.

# List what there is
default:
    @just --list

# All tests; needs cargo and a C compiler
test *arguments:
    cargo test --workspace {{ arguments }}

# Formatting and lints, as they must be
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# Format everything
fmt:
    cargo fmt --all

# The documentation, without a warning
doc *arguments:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps {{ arguments }}

# Writes what the libraries show to docs/api
api:
    cargo run --package checks -- api

# The core crates without std
no-std:
    .ci/no-std

# Real clients and servers; names choose scenarios: `just interop curl`
interop *names:
    cargo run --release --package interop -- {{ names }}

# Writes docs/rfc-coverage.md from the rules marked in the sources, and says what is missing
coverage:
    cargo run --package checks -- coverage --write

# Deletes rules and looks whether their tests notice: `just mutate --only "rfc5321 4.5.2"`
mutate *arguments:
    cargo run --package checks -- mutate {{ arguments }}

# A fuzz binary: wire, smtp, pop3 or imap (cargo install cargo-fuzz)
fuzz binary *arguments:
    fuzz/seeds.sh
    cargo fuzz run --sanitizer none {{ binary }} -- -timeout=10 {{ arguments }}

# Licences, advisories and sources of the dependencies (cargo install cargo-deny)
deny:
    cargo deny check

# All that must hold before a change is merged
ci:
    .ci/run

# The example server; `just serve --help` for its options
serve *arguments:
    cargo run --release --package mail-server -- {{ arguments }}
