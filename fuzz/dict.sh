#!/usr/bin/env bash
# Writes the words of each protocol into fuzz/dict/, as libFuzzer reads them: the names that a crate's own sources hold,
# and what frames them.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")"

# Names of commands, parameters, capabilities, codes, items and flags, as string literals of Rust; no tests.
names() {
  find "../crates/$1/src" -name '*.rs' -not -path '*/fuzzing/*' -exec awk '
    FNR == 1 { is_test = 0 }
    /#\[cfg\(test\)\]/ { is_test = 1 }
    !is_test && !/^ *\/\// { print }' {} + |
    grep --only-matching --extended-regexp '"(\\\\)?[A-Z][]A-Z0-9.=+ :<>/-]{1,24}"|"\\\\[A-Z][a-z]+"'
}

dict() {
  local crate=$1 word
  { names "$crate"; shift; for word in "$@"; do printf '"%s"\n' "$word"; done; } | sort --unique
}

mkdir -p dict
# shellcheck disable=SC1003
dict mail-wire '\x0d\x0a' '\x0d\x0a.\x0d\x0a' '\x0a.\x0a' '\x0d.\x0d' '..' '\x00' 'PROXY TCP4 ' 'PROXY TCP6 ' \
  ' 192.0.2.7' ' 2001:db8::7' '\x0d\x0a\x0d\x0a\x00\x0d\x0aQUIT\x0a\x21' '\x11\x00\x0c' '\x03\x00\x04' \
  '\x20\x00\x05' > dict/wire.dict
dict mail-sasl ',' 'n,,' 'y,,' 'p=tls-exporter,,' 'a=' 'n=' 'r=' 's=' 'i=4096' 'c=biws' 'p=' 'v=' 'e=' 'm=' '=2C' '=3D' 'auth=Bearer ' \
  'user=' '\x01' '\x00' '\x0a' '\xc2\xad' > dict/sasl.dict
dict smtp-proto '\x0d\x0a' '\x0d\x0a.\x0d\x0a' '354 ' '250-' '250 ' '220 ' '421 ' '=?' '+2B' '<@a,@b:c@d>' '[IPv6:::1]' \
  '\xc3\xb6' '5.1.1 ' ' LAST' 'BDAT 40' '[UNAVAILABLE]' 'IPV6:' 'RCPTMAX=5' '4.5.3 ' > dict/smtp.dict
dict pop3-proto '\x0d\x0a' '\x0d\x0a.\x0d\x0a' '+OK' '-ERR' '+ ' '=' '*' '[' '] ' > dict/pop3.dict
dict imap-proto '\x0d\x0a' '* ' '+ ' 'A1 ' 'A2 ' 'A1 OK ' 'A2 NO [' '* OK [' '] ' '{3}\x0d\x0a' '{3+}\x0d\x0a' '~{3}\x0d\x0a' \
  '{0}\x0d\x0a' '{4294967295}' '{18446744073709551615+}' '()' '((' '))' 'NIL' '\"\\\"\"' 'BODY[' '<0.1>' '1:*' '\\*' '&-' \
  '&AOQ-' '\xc3\xa4' ' FETCH (' 'UID 1' 'MODSEQ (' > dict/imap.dict
