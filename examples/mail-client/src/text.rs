//! Text of strangers on a terminal.
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What stands for what a terminal must not see.
const REPLACED: char = '\u{fffd}';

/// Text on one line: what would move the cursor, change colours or reorder what is read is replaced.
pub(crate) fn line(text: &str) -> String {
    text.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { shown(c) }).collect()
}

/// Text of several lines, likewise.
pub(crate) fn block(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    text.chars().map(|c| if matches!(c, '\n' | '\t') { c } else { shown(c) }).collect()
}

fn shown(c: char) -> char {
    // Marks, embeddings, overrides and isolates of writing directions; line and paragraph separators.
    let reorders = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if c.is_control() || reorders || matches!(c, '\u{2028}' | '\u{2029}') { REPLACED } else { c }
}

/// Text in exactly so many columns: cut, with an ellipsis, or padded.
pub(crate) fn fit(text: &str, columns: usize) -> String {
    let width = text.width();
    if width <= columns {
        return format!("{text}{}", " ".repeat(columns - width));
    }
    let (mut cut, mut used) = (String::new(), 0);
    for c in text.chars() {
        let width = c.width().unwrap_or(0);
        if used + width + 1 > columns {
            break;
        }
        cut.push(c);
        used += width;
    }
    cut.push('\u{2026}');
    format!("{cut}{}", " ".repeat(columns.saturating_sub(used + 1)))
}

/// A size for people: `812`, `1.2K`, `34M`.
pub(crate) fn size(octets: u64) -> String {
    let mut unit = 1;
    for name in ["", "K", "M", "G", "T"] {
        // A tenth of the unit, rounded up: nothing is shown as smaller than it is.
        let tenths = (u128::from(octets) * 10).div_ceil(unit);
        if unit == 1 && octets < 1024 {
            return octets.to_string();
        }
        if tenths < 100 {
            return format!("{}.{}{name}", tenths / 10, tenths % 10);
        }
        if tenths < 10_240 {
            return format!("{}{name}", tenths.div_ceil(10));
        }
        unit *= 1024;
    }
    format!("{octets}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_cannot_drive_the_terminal() {
        assert_eq!(
            line("a\u{1b}[31mb\r\n\tc\u{7}\u{9b}\u{202e}d"),
            "a\u{fffd}[31mb   c\u{fffd}\u{fffd}\u{fffd}d"
        );
        assert_eq!(block("a\u{1b}]0;x\u{7}\r\nb\tc\rd"), "a\u{fffd}]0;x\u{fffd}\nb\tc\u{fffd}d");
    }

    #[test]
    fn columns_stay_aligned_whatever_the_script() {
        assert_eq!(fit("abc", 5), "abc  ");
        assert_eq!(fit("abcdef", 5), "abcd\u{2026}");
        // Two columns each: what is left over is padded.
        assert_eq!(fit("\u{65e5}\u{672c}\u{8a9e}", 6), "\u{65e5}\u{672c}\u{8a9e}");
        assert_eq!(fit("\u{65e5}\u{672c}\u{8a9e}", 5).width(), 5);
        assert_eq!(fit("\u{65e5}\u{672c}\u{8a9e}", 4).width(), 4);
    }

    #[test]
    fn a_size_is_never_shown_as_smaller_than_it_is() {
        for (octets, shown) in [
            (0, "0"),
            (1023, "1023"),
            (1024, "1.0K"),
            (1025, "1.1K"),
            (10_240, "10K"),
            (1 << 20, "1.0M"),
            (52_428_801, "51M"),
        ] {
            assert_eq!(size(octets), shown, "{octets}");
        }
    }
}
