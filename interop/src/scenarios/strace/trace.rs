//! Reads what `strace -f -y -tt -o FILE` wrote.

use crate::failure::{Failure, Outcome};

/// One system call. `start` and `end` are the numbers of the lines where it began and was over.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) time: String,
    name: String,
    arguments: String,
}

/// All system calls, in the order in which they began.
#[derive(Debug)]
pub(super) struct Trace {
    calls: Vec<Call>,
}

impl Trace {
    /// Lines look like `PID TIME name(arguments) = result`. A call during which another thread made one is cut in
    /// two: `name(arguments <unfinished ...>` and `<... name resumed>rest) = result`.
    pub(super) fn parse(text: &str) -> Self {
        let mut calls: Vec<Call> = Vec::new();
        let mut unfinished: Vec<(&str, usize)> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let mut words = line.trim_start().splitn(2, ' ');
            let (Some(process), Some(rest)) = (words.next(), words.next()) else { continue };
            let Some((time, event)) = rest.trim_start().split_once(' ') else { continue };
            if event.starts_with("<... ") {
                if let Some(at) = unfinished.iter().position(|(owner, _)| *owner == process) {
                    let (_, index) = unfinished.swap_remove(at);
                    if let Some(call) = calls.get_mut(index) {
                        call.end = number;
                    }
                }
            } else if let Some((name, arguments)) = event.split_once('(') {
                let end = if event.ends_with("<unfinished ...>") {
                    unfinished.push((process, calls.len()));
                    usize::MAX
                } else {
                    number
                };
                calls.push(Call {
                    start: number,
                    end,
                    time: time.to_owned(),
                    name: name.to_owned(),
                    arguments: arguments.to_owned(),
                });
            }
        }
        Self { calls }
    }

    /// The first call of this kind that began at line `from` or later.
    pub(super) fn first(&self, from: usize, what: &str, is: impl Fn(&Call) -> bool) -> Outcome<&Call> {
        self.calls.iter().find(|call| call.start >= from && is(call)).ok_or_else(|| missing(what, from))
    }

    /// The last call of this kind that began at line `from` or later, but before line `until`.
    pub(super) fn last(
        &self,
        from: usize,
        until: usize,
        what: &str,
        is: impl Fn(&Call) -> bool,
    ) -> Outcome<&Call> {
        let mut within = self.calls.iter().filter(|call| (from..until).contains(&call.start));
        within.rfind(|call| is(call)).ok_or_else(|| missing(what, from))
    }
}

fn missing(what: &str, from: usize) -> Failure {
    Failure::new(format!("{what} is not in the trace behind line {}", from.saturating_add(1)))
}

impl Call {
    /// The path behind the first descriptor, as `-y` shows it: `7</path>`.
    pub(super) fn path(&self) -> Option<&str> {
        let (_, rest) = self.arguments.split_once('<')?;
        let (path, _) = rest.split_once('>')?;
        path.starts_with('/').then_some(path)
    }

    pub(super) fn writes(&self) -> bool {
        matches!(self.name.as_str(), "write" | "writev" | "pwrite64" | "pwritev" | "pwritev2")
    }

    pub(super) fn syncs(&self) -> bool {
        matches!(self.name.as_str(), "fsync" | "fdatasync")
    }

    pub(super) fn renames(&self) -> bool {
        matches!(self.name.as_str(), "rename" | "renameat" | "renameat2" | "linkat")
    }

    /// Whether this writes text that begins with `text` to a socket.
    pub(super) fn writes_to_socket(&self, text: &str) -> bool {
        let writes = matches!(self.name.as_str(), "write" | "writev" | "sendto" | "sendmsg");
        let socket = self
            .arguments
            .split_once('<')
            .is_some_and(|(_, rest)| rest.starts_with("TCP") || rest.starts_with("socket:"));
        writes && socket && self.quoted().first().is_some_and(|sent| sent.starts_with(text))
    }

    /// The strings among the arguments.
    pub(super) fn quoted(&self) -> Vec<String> {
        self.arguments.split('"').skip(1).step_by(2).map(str::to_owned).collect()
    }
}
