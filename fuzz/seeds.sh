#!/usr/bin/env bash
# Writes seeds into fuzz/corpus/: for each target of each binary, what each side says in each script of testdata.
# A seed is the target's number, no dice, and the octets: crates/mail-wire/src/fuzzing/mod.rs says what that means.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# How many targets a crate has at most; more seeds than targets do no harm.
readonly TARGETS=8

# What one side (C or S) says in a script, escapes resolved.
said() {
  local who=$1 script=$2 line
  while IFS= read -r line || [ -n "$line" ]; do
    line="${line#"${line%%[! ]*}"}"
    case $line in
      "$who:"*) line=${line#"$who:"}; printf '%b\r\n' "${line# }" ;;
      "$who>"*) line=${line#"$who>"}; printf '%b' "${line# }" ;;
    esac
  done < "$script"
}

seeds() {
  local binary=$1 protocol=$2 script who target name
  mkdir -p "corpus/$binary"
  for script in "../testdata/$protocol"/*.txt; do
    for who in C S; do
      for ((target = 0; target < TARGETS; target++)); do
        name="corpus/$binary/$protocol-$(basename "$script" .txt)-$who-$target"
        { printf '%b' "\\x0$target\\x00"; said "$who" "$script"; } > "$name"
      done
    done
  done
}

seeds smtp smtp
seeds pop3 pop3
seeds imap imap
for protocol in smtp pop3 imap; do
  seeds wire "$protocol"
done
