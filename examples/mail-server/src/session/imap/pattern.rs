//! Which names a LIST means ([RFC 3501 §6.3.8](https://www.rfc-editor.org/rfc/rfc3501#section-6.3.8)).

/// What stands between the levels of a name.
pub(super) const DELIMITER: char = '/';

/// A pattern of LIST or LSUB, its reference in front.
#[derive(Debug)]
pub(super) struct Pattern {
    letters: Vec<Letter>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Letter {
    /// `*`: anything.
    Anything,
    /// `%`: anything within one level.
    WithinLevel,
    Is(char),
}

impl Pattern {
    pub(super) fn new(reference: &str, pattern: &str) -> Self {
        let mut letters: Vec<Letter> = Vec::new();
        for letter in inbox_in_capitals(&format!("{reference}{pattern}")).chars() {
            let letter = match letter {
                '*' => Letter::Anything,
                '%' => Letter::WithinLevel,
                letter => Letter::Is(letter),
            };
            // Two wildcards in a row mean what the wider one means.
            match letters.last_mut() {
                Some(last @ (Letter::Anything | Letter::WithinLevel)) if !matches!(letter, Letter::Is(_)) => {
                    if letter == Letter::Anything {
                        *last = letter;
                    }
                }
                _ => letters.push(letter),
            }
        }
        Self { letters }
    }

    /// Is this name meant? Takes as many steps as name and pattern have letters, multiplied: for a name of 1,000
    /// letters some milliseconds, whatever the pattern is.
    pub(super) fn matches(&self, name: &str) -> bool {
        let wanted = self.letters.iter().filter(|letter| matches!(letter, Letter::Is(_))).count();
        if wanted > name.len() {
            return false;
        }
        // reached[i]: the first i letters of the pattern match what was seen of the name.
        let mut reached = vec![false; self.letters.len() + 1];
        reached[0] = true;
        self.skip_wildcards(&mut reached);
        for seen in name.chars() {
            let mut next = vec![false; reached.len()];
            for (at, letter) in self.letters.iter().enumerate().filter(|(at, _)| reached[*at]) {
                match letter {
                    Letter::Anything => next[at] = true,
                    Letter::WithinLevel => next[at] = seen != DELIMITER,
                    Letter::Is(letter) => next[at + 1] |= *letter == seen,
                }
            }
            self.skip_wildcards(&mut next);
            reached = next;
        }
        reached[self.letters.len()]
    }

    /// A wildcard may stand for nothing.
    fn skip_wildcards(&self, reached: &mut [bool]) {
        for (at, letter) in self.letters.iter().enumerate() {
            if !matches!(letter, Letter::Is(_)) && reached[at] {
                reached[at + 1] = true;
            }
        }
    }
}

/// `INBOX` is the same in any case; nothing else is.
fn inbox_in_capitals(pattern: &str) -> String {
    let (first, rest) = match pattern.find(DELIMITER) {
        Some(at) => pattern.split_at(at),
        None => (pattern, ""),
    };
    if first.eq_ignore_ascii_case("inbox") { format!("INBOX{rest}") } else { pattern.to_owned() }
}

/// The levels above a name, the nearest first.
pub(super) fn superiors(name: &str) -> impl Iterator<Item = &str> {
    name.rmatch_indices(DELIMITER).map(|(at, _)| &name[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(reference: &str, pattern: &str) -> Vec<&'static str> {
        let names = ["INBOX", "INBOX/old", "Sent", "work", "work/a", "work/a/b", "wörk"];
        names.into_iter().filter(|name| Pattern::new(reference, pattern).matches(name)).collect()
    }

    #[test]
    fn percent_stays_within_a_level_and_star_does_not() {
        assert_eq!(matched("", "%"), ["INBOX", "Sent", "work", "wörk"]);
        assert_eq!(matched("", "*").len(), 7);
        assert_eq!(matched("", "work/%"), ["work/a"]);
        assert_eq!(matched("work/", "*"), ["work/a", "work/a/b"]);
        assert_eq!(matched("", "%/%"), ["INBOX/old", "work/a"]);
        assert_eq!(matched("", "w*b"), ["work/a/b"]);
        assert_eq!(matched("", "w%rk"), ["work", "wörk"]);
        assert_eq!(matched("", "%*%"), matched("", "*"));
        assert!(matched("", "").is_empty());
    }

    #[test]
    fn inbox_is_the_same_in_any_case_and_nothing_else_is() {
        assert_eq!(matched("", "inBox"), ["INBOX"]);
        assert_eq!(matched("", "inbox/%"), ["INBOX/old"]);
        assert!(matched("", "sent").is_empty());
    }

    #[test]
    fn a_hostile_pattern_is_no_work() {
        let pattern = Pattern::new("", &"*a".repeat(2000));
        assert!(!pattern.matches(&"a".repeat(1000)));
    }

    #[test]
    fn the_levels_above_a_name() {
        assert_eq!(superiors("a/b/c").collect::<Vec<_>>(), ["a/b", "a"]);
        assert_eq!(superiors("a").count(), 0);
    }
}
