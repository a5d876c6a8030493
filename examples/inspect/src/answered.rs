//! Which command a reply answers, as told on the command line.
use std::collections::VecDeque;

/// What replies answer, one after the other. The last answers all that are left.
#[derive(Debug)]
pub(crate) struct Answered<T> {
    /// Never empty.
    left: VecDeque<T>,
}

impl<T: Copy + Default> Answered<T> {
    /// Of these commands. Of none: replies answer whatever the default is.
    pub(crate) fn new(commands: &[String], read: impl Fn(&str) -> T) -> Self {
        let mut left: VecDeque<T> = commands.iter().map(|command| read(command)).collect();
        if left.is_empty() {
            left.push_back(T::default());
        }
        Self { left }
    }

    /// What the reply in hand answers.
    pub(crate) fn now(&self) -> T {
        self.left.front().copied().unwrap_or_default()
    }

    /// That reply is over.
    pub(crate) fn next(&mut self) {
        if self.left.len() > 1 {
            self.left.pop_front();
        }
    }
}

/// The verb of a command, in upper case.
pub(crate) fn first_word(command: &str) -> String {
    command.split_ascii_whitespace().next().unwrap_or_default().to_ascii_uppercase()
}
