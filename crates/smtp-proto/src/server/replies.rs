//! What the machine says.
use super::{
    Event, Server, Task,
    answer::{Rejection, known},
};
use crate::{Code, CommandError, EnhancedCode, Reply, config::Protocol};
use alloc::{string::ToString, vec::Vec};
use mail_wire::Text;

impl Server {
    pub(super) fn say(&mut self, reply: &Reply) {
        reply.encode(&mut self.outbox);
    }

    /// Says what the host refuses. Too many refusals end the session.
    pub(super) fn refuse(&mut self, rejection: &Rejection) {
        self.say(rejection.reply());
        self.refusals = self.refusals.saturating_add(1);
        // rule rfc5321 7.8 too-many-refusals: a client that is refused again and again is given up, with 421
        if self.refusals >= self.config.max_refusals && rejection.reply().code() != Code::NOT_AVAILABLE {
            self.give_up("too many refusals, closing");
        }
    }

    /// Says that the host refuses a recipient. Too many of them end the session, but not where others would lose the
    /// message with it: for those who come behind see [`rcpt`](Self::rcpt).
    pub(super) fn refuse_recipient(&mut self, rejection: &Rejection) {
        if self.recipients() == 0 {
            return self.refuse(rejection);
        }
        self.say(rejection.reply());
        self.refusals = self.refusals.saturating_add(1);
    }

    /// Ends the session with 421 on the client's account.
    fn give_up(&mut self, why: &str) {
        let text = self.own_text(why);
        self.say(&known(Code::NOT_AVAILABLE, EnhancedCode::transient(7, 0), text));
        self.end();
    }

    /// The server's name and a text behind it, as greetings and 421 have it.
    pub(super) fn own_text(&self, text: &str) -> Text {
        let mut octets = Vec::from(self.config.hostname.as_bytes());
        octets.push(b' ');
        octets.extend_from_slice(text.as_bytes());
        // Two texts and a space hold nothing that a text may not.
        Text::new(octets).unwrap_or_default()
    }

    pub(super) fn greet(&mut self) {
        let protocol = match self.config.protocol {
            Protocol::Smtp => "ESMTP",
            Protocol::Lmtp => "LMTP",
        };
        let text = self.own_text(protocol);
        // rule rfc5321 3.1 greeting-220: a client that is welcome hears 220 and the server's name
        self.say(&Reply::new(Code::READY, text));
    }

    /// How many answers a message gets.
    pub(super) fn answers(&self, recipients: u32) -> usize {
        match self.config.protocol {
            Protocol::Smtp => 1,
            Protocol::Lmtp => recipients as usize,
        }
    }

    pub(super) fn say_to_each(&mut self, recipients: u32, reply: &Reply) {
        for _ in 0..self.answers(recipients) {
            self.say(reply);
        }
    }

    pub(super) fn ok(&mut self, enhanced: EnhancedCode, text: &'static str) -> Option<Event> {
        self.say(&known(Code::OK, enhanced, Text::from_static(text)));
        None
    }

    pub(super) fn syntax_error(&mut self, error: &CommandError) {
        let text = Text::try_from(error.to_string()).unwrap_or_default();
        self.say(&known(error.code(), error.enhanced(), text));
        self.count_error();
    }

    /// Refuses a command on the machine's own account. Too many of them end the session.
    pub(super) fn error(&mut self, code: Code, enhanced: EnhancedCode, text: &str) -> Option<Event> {
        self.say(&known(code, enhanced, Text::try_from(text).unwrap_or_default()));
        self.count_error();
        None
    }

    /// A command has moved no mail. Too many of them end the session.
    pub(super) fn count_idle(&mut self) {
        self.idle += 1;
        // rule rfc5321 7.8 too-many-idle-commands: a client that keeps a session busy with nothing hears 421
        if self.idle >= self.config.max_idle_commands && !matches!(self.task, Task::Closed) {
            self.give_up("too many commands and no mail, closing");
        }
    }

    pub(super) fn count_error(&mut self) {
        self.errors += 1;
        // rule rfc5321 7.8 too-many-errors: a client that is wrong again and again is given up, with 421
        if self.errors >= self.config.max_errors {
            self.give_up("too many errors, closing");
        }
    }
}
