#!/usr/bin/env bash
# Writes seeds into fuzz/corpus/, of the sessions in testdata and in the tests: see examples/seeds.rs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

RUSTFLAGS="--cfg fuzzing" cargo run --quiet --locked --example seeds --target-dir target/seeds
