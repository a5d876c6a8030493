//! What the values of MAIL's and RCPT's parameters may be, found without the parsers: a second reading of the RFCs.

/// May this stand behind this keyword, in capitals? `None`: the keyword is not known, and any value may.
pub(super) fn is_value(keyword: &[u8], of_mail: bool, value: &[u8]) -> Option<bool> {
    let Ok(value) = std::str::from_utf8(value) else { return Some(false) };
    let is = match (of_mail, keyword) {
        (true, b"RET") => is_one(value, &["FULL", "HDRS"]),
        (true, b"ENVID") => value.len() <= 100 && is_printable_xtext(value),
        (true, b"BY") => is_by(value),
        (true, b"MT-PRIORITY") => {
            let digits = value.strip_prefix('-').unwrap_or(value);
            value == "0" || digits.len() == 1 && matches!(digits.as_bytes(), [b'1'..=b'9'])
        }
        (true, b"HOLDFOR") => is_number(value) && !value.starts_with('0'),
        (true, b"HOLDUNTIL") => value.ends_with(['Z', 'z']) && is_time(value),
        (true, b"SOLICIT") => {
            let word = |word: &str| {
                word.starts_with(|first: char| first.is_ascii_alphabetic())
                    && word.chars().all(|other| other.is_ascii_alphanumeric() || ".-_:".contains(other))
            };
            value.len() <= 1000 && value.split(',').all(word)
        }
        (true, b"MTRK") => {
            let (certifier, timeout) = value.split_once(':').unwrap_or((value, "0"));
            let base64 = |digit: char| digit.is_ascii_alphanumeric() || "+/".contains(digit);
            !certifier.is_empty() && certifier.chars().all(base64) && is_number(timeout)
        }
        (true, b"TRANSID") => is_transid(value),
        (false, b"NOTIFY") => {
            is_one(value, &["NEVER"])
                || value.split(',').all(|element| is_one(element, &["SUCCESS", "FAILURE", "DELAY"]))
        }
        (false, b"ORCPT") => {
            let Some((kind, address)) = value.split_once(';') else { return Some(false) };
            value.len() <= 500
                && !kind.is_empty()
                && kind.chars().all(|octet| {
                    octet.is_ascii_alphanumeric() || !octet.is_ascii() || "!#$%&'*+-/?^_`{|}~".contains(octet)
                })
                && is_printable_xtext(address)
        }
        (false, b"RRVS") => {
            let (time, action) = value.split_once(';').unwrap_or((value, "C"));
            is_time(time) && is_one(action, &["C", "R"])
        }
        _ => return None,
    };
    Some(is)
}

fn is_one(word: &str, of: &[&str]) -> bool {
    of.iter().any(|one| one.eq_ignore_ascii_case(word))
}

/// `1*9DIGIT`
fn is_number(digits: &str) -> bool {
    (1..=9).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit())
}

/// `xtext` of RFC 3461 §4, which stands for characters that can be printed.
fn is_printable_xtext(value: &str) -> bool {
    let mut parts = value.split('+');
    let plain = |text: &str| text.bytes().all(|octet| octet.is_ascii_graphic() && octet != b'=');
    !value.is_empty()
        && parts.next().is_some_and(plain)
        && parts.all(|part| {
            part.is_char_boundary(2.min(part.len())) && part.len() >= 2 && {
                let (digits, rest) = part.split_at(2);
                let octet = u8::from_str_radix(digits, 16).ok();
                // `from_str_radix` takes a sign, which no part has in front.
                octet.is_some_and(|octet| matches!(octet, b' '..=b'~')) && plain(rest)
            }
        })
}

/// `by-value = by-time ";" by-mode [by-trace]` (RFC 2852 §4)
fn is_by(value: &str) -> bool {
    let Some((time, mode)) = value.split_once(';') else { return false };
    let late = time.starts_with('-') || time.trim_start_matches('+').trim_start_matches('0').is_empty();
    is_number(time.strip_prefix(['-', '+']).unwrap_or(time))
        && (is_one(mode, &["N", "NT"]) || is_one(mode, &["R", "RT"]) && !late)
}

/// `transid-value = "<" transid-token "@" transid-token ">"` (RFC 1845 §2)
fn is_transid(value: &str) -> bool {
    let inner = value.strip_prefix('<').and_then(|value| value.strip_suffix('>'));
    let atom = |atom: &str| {
        !atom.is_empty()
            && atom.bytes().all(|octet| octet.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&octet))
    };
    value.len() <= 80
        && inner
            .and_then(|inner| inner.split_once('@'))
            .is_some_and(|(left, right)| [left, right].iter().all(|token| token.split('.').all(atom)))
}

/// `date-time` (RFC 3339 §5.6)
fn is_time(value: &str) -> bool {
    let value = value.to_ascii_uppercase();
    let Some((date, time)) = value.split_once('T') else { return false };
    let parts = |text: &str, by, digits: &[usize], from: &[u32], to: &[u32]| {
        let parts: Vec<&str> = text.split(by).collect();
        parts.len() == digits.len()
            && parts.iter().enumerate().all(|(at, part)| {
                part.len() == digits[at]
                    && part.bytes().all(|digit| digit.is_ascii_digit())
                    && part.parse().is_ok_and(|number: u32| (from[at]..=to[at]).contains(&number))
            })
    };
    let zone_at = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (time, zone) = time.split_at(zone_at);
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    parts(date, '-', &[4, 2, 2], &[0, 1, 1], &[9999, 12, last_day(date)])
        && parts(time, ':', &[2, 2, 2], &[0, 0, 0], &[23, 59, 60])
        && !fraction.is_empty()
        && fraction.bytes().all(|digit| digit.is_ascii_digit())
        && (zone == "Z"
            || zone.starts_with(['+', '-']) && parts(&zone[1..], ':', &[2, 2], &[0, 0], &[23, 59]))
}

/// The last day of the month of `date-fullyear "-" date-month ..`.
fn last_day(date: &str) -> u32 {
    let year = date.get(..4).and_then(|year| year.parse::<u32>().ok()).unwrap_or_default();
    let leaps = |of: u32| of / 4 - of / 100 + of / 400;
    let leap = year == 0 || leaps(year) > leaps(year - 1);
    match date.get(5..7) {
        Some("02") if leap => 29,
        Some("02") => 28,
        Some("04" | "06" | "09" | "11") => 30,
        _ => 31,
    }
}
